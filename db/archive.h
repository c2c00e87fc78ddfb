#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "db/archive_id.h"
#include "db/connection.h"
#include "db/migration.h"
#include "db/search_terms.h"
#include "db/unit.h"

namespace aldis::db {

class Database;

/// A message on its way into an archive.
struct ArchiveEntry {
    std::string_view with = {};           ///< the other side, bare
    std::string_view with_resource = {};  ///< and its resource, if it has one
    Timestamp at{};                       ///< now; the id is made of it
    Bytes stanza = {};                    ///< complete, in jabber:client
    std::string_view dedup_key = {};      ///< id, else origin-id; empty: none. Kept up to Archive::longest_key
    bool outgoing = false;                ///< sent by the owner
    std::uint8_t kind = 0;                ///< the caller's; of the bits, only Inbox::message is looked at
    std::uint64_t mark = 0;               ///< outgoing: what recent_sent() tells; 0: nothing. Up to `largest_mark`

    static constexpr std::uint64_t largest_mark = (std::uint64_t{1} << 54) - 1;
};

/// A message in an archive.
struct ArchivedMessage {
    ArchiveId id = {};
    std::string stanza = {};
    bool outgoing = false;
    std::uint8_t kind = 0;
};

/// A message that the owner of an archive has sent, without its text.
struct SentMessage {
    ArchiveId id = {};      ///< and with it, when
    std::string with = {};  ///< to whom, bare
    std::string dedup_key = {};
    std::uint64_t mark = 0;
};

/// A search for a message by its key, as far back as one likes, in steps that keep nobody waiting.
struct ArchiveSearch {
    std::string owner = {};
    std::string with = {};  ///< bare
    std::string dedup_key = {};
    ArchiveId before = {};                ///< only older ones; moves back with each step
    ArchiveId oldest = {};                ///< this one, or younger ones
    std::size_t rows = 0;                 ///< to look at; 0: the search is over
    std::optional<ArchiveId> found = {};  ///< the message that it was
};

/// What a query of XEP-0313 asks for. All conditions hold at once.
struct ArchiveRange {
    std::optional<std::string> with = {};           ///< bare JID
    std::optional<std::string> with_resource = {};  ///< only what came from or went to this resource exactly
    std::optional<Timestamp> start = {};            ///< inclusive
    std::optional<Timestamp> end = {};              ///< inclusive
    std::optional<ArchiveId> after_id = {};         ///< #extended: exclusive; must be in the archive
    std::optional<ArchiveId> before_id = {};
    std::vector<ArchiveId> ids = {};       ///< #extended: only these; all must be in the archive
    std::vector<SearchTerm> terms = {};    ///< XEP-0431: all of them in the message, as far as db::Search has come
    std::optional<ArchiveId> after = {};   ///< RSM: the page after this one; must be in the archive
    std::optional<ArchiveId> before = {};  ///< RSM: the page before this one
    bool last_page = false;                ///< RSM: an empty <before/>
    std::size_t max = 50;                  ///< 0: only the count
    bool count = false;                    ///< fill in ArchivePage::count where that is cheap
};

/// One page, the oldest message first.
struct ArchivePage {
    std::vector<ArchivedMessage> entries = {};
    bool complete = true;  ///< there is nothing beyond, in the direction of paging
    /// Of the whole result; none where there are more than Archive::count_limit.
    std::optional<std::uint64_t> count = {};
    bool stable = true;  ///< false: there may be messages that match and are not in the index yet
};

struct ArchiveMetadata {
    ArchiveId first;
    ArchiveId last;
};

/// Whose archive it is.
struct ArchiveOwner {
    std::int64_t number = 0;
    std::string jid = {};  ///< bare
    ArchiveId oldest = {};
};

/// Hears on the writer's thread of what is stored. What leaves the archive is seen by triggers.
class ArchiveWatcher {
public:
    virtual ~ArchiveWatcher() = default;
    virtual void added(Connection& connection, ArchiveId id) = 0;
};

/// The archives of all owners (accounts and rooms), laid out for ten million rows and more: rows by id, so that writing
/// appends, and two narrow indexes, by owner and by owner and peer.
class Archive final : public TransactionHook {
public:
    static const std::span<const Migration> migrations;
    static constexpr std::size_t count_limit = 1'000;
    static constexpr std::size_t scan_limit = 20'000;  ///< rows looked at for one page of a resource
    static constexpr std::size_t longest_key = 1'023;  ///< bytes; by a longer one nothing is found
    static constexpr std::size_t retract_limit = 50;   ///< how far back in a conversation retract() looks

    explicit Archive(Database& database);
    Archive(const Archive&) = delete;
    Archive& operator=(const Archive&) = delete;
    ~Archive() override;

    /// Adds one message to `owner`'s archive. Any thread; but ids of one owner are in the order of their commits only
    /// if one thread appends and submits for it.
    /// @param owner  bare JID of an account or room
    /// @return       the id, at once; the message is stored when the unit is committed
    ArchiveId append(Unit& unit, std::string_view owner, const ArchiveEntry& entry);

    /// @return  item-not-found: an id of the range is not in the archive;
    ///          resource-constraint: too many messages to look through for a resource
    [[nodiscard]] static Result<ArchivePage> page(Connection& connection, std::string_view owner,
                                                  const ArchiveRange& range);
    /// @return  nothing: the archive is empty
    [[nodiscard]] static std::optional<ArchiveMetadata> metadata(Connection& connection, std::string_view owner);
    /// The latest message to or from `with` that was sent with this key, among the last `among` ones.
    [[nodiscard]] static std::optional<ArchiveId> find_key(Connection& connection, std::string_view owner,
                                                           std::string_view with, std::string_view dedup_key,
                                                           std::size_t among = 100);

    /// The messages with a mark that the owner has sent since then, the newest first: what he may send again. No more
    /// rows are looked at than `scan_limit`, however much the owner has received meanwhile; and their stanzas are not,
    /// however large they are.
    [[nodiscard]] static std::vector<SentMessage> recent_sent(Connection& connection, std::string_view owner,
                                                              Timestamp since, std::size_t at_most);

    /// Looks at a stored message. @return  what is to be stored instead; nothing: it is not the one.
    /// Runs on the writer's thread, and once more if a neighbour in the transaction fails: it changes nothing.
    using Replace = std::function<std::optional<std::string>(const ArchivedMessage&)>;
    /// Replaces a message in `owner`'s archive by a tombstone (XEP-0424), which has its id and place. Offered to
    /// `replace` are the messages to or from `with` that were sent with this key, the newest first, also those that
    /// earlier writes of this unit have appended; none further back than the last `retract_limit` of the conversation,
    /// and no more than a few large ones.
    /// @param dedup_key  as append() was given it: id, else origin-id
    /// @param found      if not null: tells, when the unit is committed, whether there was one
    static void retract(Unit& unit, std::string_view owner, std::string_view with, std::string_view dedup_key,
                        Replace replace, std::shared_ptr<std::atomic<bool>> found = nullptr);
    /// Looks further back for what retract() has not found: one step, in a read job. Nothing is replaced.
    /// @return  the search as it stands; to be continued as long as there are rows to look at
    [[nodiscard]] static ArchiveSearch search(Connection& connection, ArchiveSearch search, const Replace& replace);
    /// Replaces what a search has found, if it is still there and still the one: in a write job.
    static bool replace_found(Connection& connection, const ArchiveSearch& search, const Replace& replace);
    /// The latest id that any archive has.
    [[nodiscard]] ArchiveId latest() const { return ArchiveId{last_.load(std::memory_order_relaxed)}; }

    /// Up to `limit` owners with numbers above `after` whose archive is not empty, in the order of their numbers. No
    /// more than ten times as many are looked at.
    /// @param after  in: 0 at first; out: for the next call
    /// @return       nothing: there are no more owners
    [[nodiscard]] static std::optional<std::vector<ArchiveOwner>> owners(Connection& connection, std::int64_t& after,
                                                                         std::size_t limit);
    /// Deletes up to `limit` messages older than `cutoff`, of all owners. @return how many: call again while it is
    /// `limit`
    static std::size_t forget_before(Connection& connection, Timestamp cutoff, std::size_t limit);
    /// Deletes up to `limit` messages of one owner that are older than `cutoff`, the oldest first.
    /// @return  how many: call again while it is `limit`
    static std::size_t forget_before(Connection& connection, std::int64_t owner, Timestamp cutoff, std::size_t limit);
    /// Takes the archive from its owner, at once, however large it is; purge() deletes it bit by bit.
    /// @return  whether there was one
    bool remove_owner(Connection& connection, std::string_view owner);
    /// Deletes up to `limit` messages of removed owners. @return how many: call again until 0
    static std::size_t purge(Connection& connection, std::size_t limit);

    /// At most one; before the first append().
    void set_watcher(ArchiveWatcher& watcher) { watcher_ = &watcher; }
    /// A row, for the stores beside the archive that use its numbers.
    struct Place {
        ArchiveId id = {};
        std::int64_t owner = 0;
        std::int64_t peer = 0;
        std::int64_t flags = 0;
    };
    /// Where a message is, in a write job. What was appended last is not looked up. @return  nothing: it is not there
    [[nodiscard]] std::optional<Place> place(Connection& connection, ArchiveId id) const;

    void before_commit(Connection& connection) override;
    void forget() noexcept override;

private:
    struct Names;
    struct Row;
    ArchiveId next_id(Timestamp at);
    void insert(Connection& connection, const Row& row);

    std::atomic<std::int64_t> last_{0};  ///< the largest id handed out
    std::int64_t written_ = 0;           ///< writer's thread: the largest id in this transaction
    std::int64_t recorded_ = 0;          ///< writer's thread: the high-water mark in the database
    Place appended_;                     ///< writer's thread: the last row
    ArchiveWatcher* watcher_ = nullptr;
    std::unique_ptr<Names> names_;  ///< writer's thread: numbers of addresses
};

}  // namespace aldis::db
