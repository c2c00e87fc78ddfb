#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/archive.h"

namespace aldis::db {

/// A conversation as its owner finds it in his inbox.
struct Conversation {
    std::string peer = {};  ///< bare
    ArchiveId last = {};    ///< its last message; conversations are in the order of these
    ArchiveId latest = {};  ///< the last of anything that the archive has of it: also receipts, reactions ...
    std::uint64_t unread = 0;
    std::optional<ArchivedMessage> message = {};  ///< the last one, or its tombstone
};

/// What a query of XEP-0430 asks for: the conversations with the newest messages come first.
struct InboxRange {
    bool unread_only = false;
    bool messages = true;
    std::optional<ArchiveId> after = {};       ///< RSM: the page behind this message; it need not be anybody's last
    std::optional<ArchiveId> before = {};      ///< RSM: the page in front of it
    bool last_page = false;                    ///< RSM: an empty <before/>
    std::optional<std::uint64_t> index = {};   ///< RSM: the page that begins there
    std::size_t max = 50;                      ///< 0: only the numbers
    std::size_t bytes = std::size_t{1} << 20;  ///< of messages; one is always read
};

struct InboxPage {
    std::vector<Conversation> entries = {};
    std::uint64_t index = 0;   ///< of the first entry in the whole result
    std::uint64_t count = 0;   ///< conversations in the whole result
    std::uint64_t total = 0;   ///< in the inbox
    std::uint64_t active = 0;  ///< in the inbox, with unread messages
    std::uint64_t unread = 0;  ///< messages, in all of them
};

/// The conversations of all owners: for each its last message and how many are unread, in one row that is found by the
/// numbers which the archive has for the owner and his peer. What leaves the archive, or is retracted there, leaves it
/// by itself.
class Inbox {
public:
    static const std::span<const Migration> migrations;
    /// ArchiveEntry::kind of what counts as a message in a conversation.
    static constexpr std::uint8_t message = 1;
    /// How many entries displayed() looks at, from either end of what is unread.
    static constexpr std::size_t walk_limit = 250;

    /// Counts a message that was appended to an archive in the same unit, as a `message`.
    static void count(Unit& unit, const Archive& archive, ArchiveId id);

    /// The owner has seen this message of the peer's, and all before it: nothing of that is unread any more.
    /// @param dedup_key  as Archive::append() was given it; what is unknown, or was displayed before, changes nothing
    static void displayed(Unit& unit, std::string_view owner, std::string_view peer, std::string_view dedup_key);
    /// The same by the id of any entry of the conversation in the owner's archive.
    static void displayed(Unit& unit, std::string_view owner, std::string_view peer, ArchiveId id);

    [[nodiscard]] static InboxPage page(Connection& connection, std::string_view owner, const InboxRange& range);
};

}  // namespace aldis::db
