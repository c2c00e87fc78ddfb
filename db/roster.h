#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// RFC 6121 section 2.1.2.5. The values are those in the database.
enum class Subscription : std::uint8_t { none = 0, to = 1, from = 2, both = 3 };

/// A contact in somebody's roster.
struct RosterItem {
    std::string contact = {};  ///< bare JID
    std::string name = {};
    Subscription subscription = Subscription::none;
    bool ask = false;       ///< we have asked for a subscription: "pending out"
    bool approved = false;  ///< we grant one before being asked: RFC 6121 section 3.4
    std::vector<std::string> groups = {};
    std::uint64_t version = 0;  ///< of the roster, when this item last changed

    friend bool operator==(const RosterItem&, const RosterItem&) = default;
};

/// Somebody wants to subscribe and has not been answered ("pending in"). It need not be in the roster.
struct RosterRequest {
    std::string contact = {};  ///< bare JID
    std::string stanza = {};   ///< the whole presence, to be delivered again: RFC 6121 section 3.1.3
};

/// A roster with everything that belongs to it.
struct RosterState {
    std::vector<RosterItem> items;
    std::vector<RosterRequest> requests;
    std::uint64_t version = 0;
};

/// A contact that is in the roster no more.
struct RosterRemoval {
    std::string contact = {};
    std::uint64_t version = 0;
};

/// What has happened since a version, each kind in the order of versions: RFC 6121 section 2.6.
struct RosterChanges {
    std::vector<RosterItem> items;  ///< new or changed
    std::vector<RosterRemoval> removed;
    std::uint64_t version = 0;
};

/// The rosters. One place, the account's home, decides about the versions: each change is made with the next one.
class Roster {
public:
    static const std::span<const Migration> migrations;
    static constexpr std::size_t removals_kept = 100;  ///< per owner; who is further behind gets the whole roster

    [[nodiscard]] static RosterState load(Connection& connection, std::string_view owner);
    /// One contact; nothing if it is not in the roster.
    [[nodiscard]] static std::optional<RosterItem> find(Connection& connection, std::string_view owner,
                                                        std::string_view contact);
    /// @return  nothing: it is too long ago, or was never so; the whole roster must be sent
    [[nodiscard]] static std::optional<RosterChanges> changes_since(Connection& connection, std::string_view owner,
                                                                    std::uint64_t version);

    /// Adds or replaces the item; `item.version` becomes the roster's version.
    static void put(Unit& unit, std::string_view owner, RosterItem item);
    static void remove(Unit& unit, std::string_view owner, std::string_view contact, std::uint64_t version);
    static void put_request(Unit& unit, std::string_view owner, std::string_view contact, Bytes stanza);
    static void remove_request(Unit& unit, std::string_view owner, std::string_view contact);
    /// @return  how many items there were
    static std::uint64_t remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
