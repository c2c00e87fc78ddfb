#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// Somebody's relation to a node: XEP-0060 "Affiliations". The values are those in the database.
enum class Affiliation : std::uint8_t { none = 0, owner = 1, publisher = 2, publish_only = 3, member = 4, outcast = 5 };

struct PubsubAffiliation {
    std::string jid = {};  ///< bare
    Affiliation affiliation = Affiliation::none;

    friend bool operator==(const PubsubAffiliation&, const PubsubAffiliation&) = default;
};

struct PubsubSubscription {
    std::string jid = {};  ///< as it was given, bare or full
    bool pending = false;  ///< an owner has yet to approve it
    std::string options = {};

    friend bool operator==(const PubsubSubscription&, const PubsubSubscription&) = default;
};

/// A node without its items.
struct PubsubNode {
    std::string name = {};
    std::string creator = {};  ///< bare JID
    Timestamp created_at{};
    std::string config = {};  ///< in the words of those who use it
    std::vector<PubsubAffiliation> affiliations = {};
    std::vector<PubsubSubscription> subscriptions = {};
};

/// A node of somebody, as somebody else finds it.
struct PubsubFound {
    std::int64_t number = 0;  ///< in this database
    std::string name = {};
    std::string config = {};
    Affiliation affiliation = Affiliation::none;  ///< his who looks for it
};

struct PubsubItem {
    std::string id = {};
    std::string publisher = {};
    std::string payload = {};
    Timestamp created_at{};  ///< published for the first time under this id (XEP-0413)
    Timestamp at{};          ///< last published

    friend bool operator==(const PubsubItem&, const PubsubItem&) = default;
};

/// Which items of a node, and in which order: XEP-0059, XEP-0413.
struct PubsubQuery {
    bool by_creation = false;  ///< else by modification
    bool descending = false;
    std::size_t limit = 0;
    std::size_t bytes = std::numeric_limits<std::size_t>::max();  ///< of all payloads; one item is always given
    std::optional<std::string> after = {};                        ///< id of an item
    std::optional<std::string> before = {};  ///< the same; empty: the last page. What is cut is cut before
    std::optional<std::uint64_t> index = {};
    bool payloads = true;  ///< false: only what there is
};

struct PubsubPage {
    std::vector<PubsubItem> items;  ///< in the order asked for
    std::uint64_t index = 0;        ///< of the first
    std::uint64_t count = 0;        ///< in the whole node
};

/// What becomes of the oldest items of a node that has too many.
struct PubsubRoom {
    std::size_t items = 1;
    bool refuse = false;  ///< what does not fit is not stored
};

/// What has become of an item when its unit is on disk.
struct PubsubStored {
    bool full = false;                      ///< nothing was stored
    std::vector<std::string> removed = {};  ///< ids of older items that had to go
};

/// Nodes and what was published at them: XEP-0060. A node is known by its service, which is an account (XEP-0163) or a
/// domain, and its name. One place, the service's home, decides about the order of changes.
class Pubsub {
public:
    static const std::span<const Migration> migrations;

    /// The nodes of a service.
    [[nodiscard]] static std::vector<PubsubNode> load(Connection& connection, std::string_view service);

    /// Adds the node.
    static void add_node(Unit& unit, std::string_view service, const PubsubNode& node);
    static void set_config(Unit& unit, std::string_view service, std::string_view node, std::string config);
    /// With everything that belongs to it.
    static void remove_node(Unit& unit, std::string_view service, std::string_view node);
    /// Affiliation::none removes it.
    static void set_affiliation(Unit& unit, std::string_view service, std::string_view node,
                                PubsubAffiliation affiliation);
    static void put_subscription(Unit& unit, std::string_view service, std::string_view node,
                                 PubsubSubscription subscription);
    static void remove_subscription(Unit& unit, std::string_view service, std::string_view node, std::string_view jid);

    /// Adds the item or replaces that of the same id. @param expires  when it goes by itself; nothing: never
    /// @return  what is to be looked at when the unit is on disk
    static std::shared_ptr<const PubsubStored> put_item(Unit& unit, std::string_view service, std::string_view node,
                                                        PubsubItem item, std::optional<Timestamp> expires,
                                                        PubsubRoom room);
    static void remove_item(Unit& unit, std::string_view service, std::string_view node, std::string_view id);
    static void remove_items(Unit& unit, std::string_view service, std::string_view node);
    /// The node's configuration has changed: keeps so many items, each for so long.
    static void trim(Unit& unit, std::string_view service, std::string_view node, std::size_t keep,
                     std::optional<std::chrono::seconds> expire);

    /// @return  nothing: there is no item of the id that the query names
    [[nodiscard]] static std::optional<PubsubPage> items(Connection& connection, std::string_view service,
                                                         std::string_view node, const PubsubQuery& query,
                                                         Timestamp now);
    [[nodiscard]] static std::optional<PubsubItem> item(Connection& connection, std::string_view service,
                                                        std::string_view node, std::string_view id, Timestamp now);
    /// The nodes of a service, for somebody (a bare JID) who may be sent what was published there last.
    [[nodiscard]] static std::vector<PubsubFound> find(Connection& connection, std::string_view service,
                                                       std::string_view who);
    [[nodiscard]] static std::optional<PubsubItem> last(Connection& connection, std::int64_t node, Timestamp now);
    /// The one that was published last.
    [[nodiscard]] static std::optional<PubsubItem> last(Connection& connection, std::string_view service,
                                                        std::string_view node, Timestamp now);

    /// Deletes items whose time is over, at most so many. In a write job. @return  how many there were
    static std::uint64_t expire(Connection& connection, Timestamp now, std::size_t most);
    /// The nodes of this account, those of services that nobody else owns, and what it was at others'.
    void remove_owner(Connection& connection, std::string_view owner);
    /// Grows with remove_owner(): who keeps nodes in memory reads them again. From any thread.
    [[nodiscard]] std::uint64_t removals() const { return removals_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> removals_ = 0;
};

}  // namespace aldis::db
