#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// A stanza of a stranger that waits until the account's owner wants it.
struct HeldStanza {
    std::int64_t id = 0;
    std::string sender = {};  ///< bare
    Timestamp at{};
    std::string stanza = {};
};

/// What of one stranger waits for an account.
struct HeldSender {
    std::string sender = {};  ///< bare
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    bool request = false;  ///< asks for a subscription, too
    Timestamp since{};
};

/// What strangers have sent to accounts that are not sure to want it, in order; and to whom accounts have written, who
/// are no strangers. How much there may be is the caller's rule.
class Quarantine {
public:
    static const std::span<const Migration> migrations;

    static void hold(Unit& unit, std::string_view owner, std::string_view sender, bool request, Timestamp at,
                     Bytes stanza);
    [[nodiscard]] static std::vector<HeldSender> senders(Connection& connection, std::string_view owner);
    /// The oldest first, after the id `after` (0: from the start). @param sender  empty: of all
    [[nodiscard]] static std::vector<HeldStanza> load(Connection& connection, std::string_view owner,
                                                      std::string_view sender, std::int64_t after, std::size_t limit);
    static void remove(Unit& unit, std::int64_t id);
    /// All up to that one. @param sender  empty: of all
    static void remove_up_to(Unit& unit, std::string_view owner, std::string_view sender, std::int64_t id);
    static void remove_sender(Unit& unit, std::string_view owner, std::string_view sender);
    /// For whom something waits, in order of their addresses.
    [[nodiscard]] static std::vector<std::string> owners(Connection& connection, std::string_view after,
                                                         std::size_t limit);
    /// Deletes up to `limit` stanzas older than `cutoff`. @return how many: call again while it is `limit`
    static std::size_t forget_before(Connection& connection, Timestamp cutoff, std::size_t limit);

    /// @param most  addresses of one owner: the oldest makes room
    static void add_acquaintances(Unit& unit, std::string_view owner, std::vector<std::string> addresses, Timestamp at,
                                  std::size_t most);
    /// The oldest first.
    [[nodiscard]] static std::vector<std::string> acquaintances(Connection& connection, std::string_view owner);

    static void remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
