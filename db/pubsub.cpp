#include "db/pubsub.h"

#include <algorithm>
#include <limits>

#include "db/column.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE pubsub_nodes ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT,"
     " service TEXT NOT NULL,"
     " name TEXT NOT NULL,"
     " creator TEXT NOT NULL,"
     " created_at BIGINT NOT NULL,"
     " config TEXT NOT NULL,"
     " UNIQUE (service, name));"
     "CREATE TABLE pubsub_affiliations ("
     " node BIGINT NOT NULL,"
     " jid TEXT NOT NULL,"
     " affiliation INTEGER NOT NULL,"
     " PRIMARY KEY (node, jid)) WITHOUT ROWID;"
     "CREATE INDEX pubsub_affiliations_by_jid ON pubsub_affiliations (jid);"
     "CREATE TABLE pubsub_subscriptions ("
     " node BIGINT NOT NULL,"
     " jid TEXT NOT NULL,"
     " bare TEXT NOT NULL,"
     " pending INTEGER NOT NULL,"
     " options TEXT NOT NULL,"
     " PRIMARY KEY (node, jid)) WITHOUT ROWID;"
     "CREATE INDEX pubsub_subscriptions_by_bare ON pubsub_subscriptions (bare);"
     // An item that is published again is a new row: the numbers tell the order of modification.
     "CREATE TABLE pubsub_items ("
     " number INTEGER PRIMARY KEY AUTOINCREMENT,"
     " node BIGINT NOT NULL,"
     " id TEXT NOT NULL,"
     " first BIGINT NOT NULL,"  // the number under which the id was published first: the order of creation
     " publisher TEXT NOT NULL,"
     " created_at BIGINT NOT NULL,"
     " at BIGINT NOT NULL,"
     " expires_at BIGINT NOT NULL,"  // 0: never
     " payload TEXT NOT NULL,"
     " UNIQUE (node, id));"
     "CREATE INDEX pubsub_items_in_order ON pubsub_items (node, number);"
     "CREATE INDEX pubsub_items_that_expire ON pubsub_items (expires_at) WHERE expires_at > 0"},
};

std::string_view bare_of(std::string_view jid) { return jid.substr(0, jid.find('/')); }

std::optional<std::int64_t> find_node(Connection& connection, std::string_view service, std::string_view node) {
    Rows rows = connection.query("SELECT id FROM pubsub_nodes WHERE service = $1 AND name = $2", service, node);
    if (!rows.next()) return std::nullopt;
    return rows.integer(0);
}

/// A write to a node that is not there would be lost without anybody noticing: its unit fails.
std::int64_t node_of(Connection& connection, std::string_view service, std::string_view node) {
    const std::optional<std::int64_t> found = find_node(connection, service, node);
    if (!found) throw Error{Fault::other, "there is no such node"};
    return *found;
}

void write_affiliation(Connection& connection, std::int64_t node, const PubsubAffiliation& affiliation) {
    if (affiliation.affiliation == Affiliation::none) {
        connection.run("DELETE FROM pubsub_affiliations WHERE node = $1 AND jid = $2", node, affiliation.jid);
        return;
    }
    connection.run(
        "INSERT INTO pubsub_affiliations (node, jid, affiliation) VALUES ($1, $2, $3)"
        " ON CONFLICT (node, jid) DO UPDATE SET affiliation = excluded.affiliation",
        node, affiliation.jid, static_cast<int>(affiliation.affiliation));
}

void write_subscription(Connection& connection, std::int64_t node, const PubsubSubscription& subscription) {
    connection.run(
        "INSERT INTO pubsub_subscriptions (node, jid, bare, pending, options) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (node, jid) DO UPDATE SET pending = excluded.pending, options = excluded.options",
        node, subscription.jid, bare_of(subscription.jid), subscription.pending, subscription.options);
}

void delete_node(Connection& connection, std::int64_t node) {
    connection.run("DELETE FROM pubsub_items WHERE node = $1", node);
    connection.run("DELETE FROM pubsub_subscriptions WHERE node = $1", node);
    connection.run("DELETE FROM pubsub_affiliations WHERE node = $1", node);
    connection.run("DELETE FROM pubsub_nodes WHERE id = $1", node);
}

PubsubItem item_of(const Rows& rows) {
    return {.id = std::string{rows.text(0)},
            .publisher = std::string{rows.text(1)},
            .payload = std::string{rows.text(4)},
            .created_at = time_of(rows, 2),
            .at = time_of(rows, 3)};
}

std::optional<PubsubItem> only(Rows rows) {
    if (!rows.next()) return std::nullopt;
    return item_of(rows);
}

std::uint64_t count_of(Rows rows) { return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0; }

/// Deletes all but the newest `keep`. @return  their ids, oldest first
std::vector<std::string> remove_oldest(Connection& connection, std::int64_t node, std::size_t keep) {
    std::vector<std::string> removed;
    {
        Rows rows =
            connection.query("SELECT id FROM pubsub_items WHERE node = $1 ORDER BY number DESC LIMIT $2 OFFSET $3",
                             node, std::numeric_limits<std::int64_t>::max(), keep);
        while (rows.next()) removed.emplace_back(rows.text(0));
    }
    std::ranges::reverse(removed);
    for (const std::string& id : removed)
        connection.run("DELETE FROM pubsub_items WHERE node = $1 AND id = $2", node, id);
    return removed;
}

PubsubStored write_item(Connection& connection, std::int64_t node, const PubsubItem& item, std::int64_t expires_at,
                        PubsubRoom room) {
    std::optional<std::int64_t> first;
    std::int64_t created_at = microseconds(item.created_at);
    {
        Rows rows =
            connection.query("SELECT first, created_at FROM pubsub_items WHERE node = $1 AND id = $2", node, item.id);
        if (rows.next()) {
            first = rows.integer(0);
            created_at = rows.integer(1);
        }
    }
    if (room.refuse && !first &&
        count_of(connection.query("SELECT count(*) FROM pubsub_items WHERE node = $1", node)) >= room.items)
        return {.full = true};
    if (first) connection.run("DELETE FROM pubsub_items WHERE node = $1 AND id = $2", node, item.id);
    connection.run(
        "INSERT INTO pubsub_items (node, id, first, publisher, created_at, at, expires_at, payload)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        node, item.id, first.value_or(0), item.publisher, created_at, microseconds(item.at), expires_at, item.payload);
    if (!first) connection.run("UPDATE pubsub_items SET first = number WHERE node = $1 AND id = $2", node, item.id);
    return {.removed = first ? std::vector<std::string>{} : remove_oldest(connection, node, room.items)};
}

/// The place of an item in the order asked for, from 0.
std::optional<std::uint64_t> place_of(Connection& connection, std::int64_t node, const PubsubQuery& query,
                                      std::string_view id, std::int64_t now) {
    std::int64_t number = 0;
    {
        Rows rows = connection.query(
            "SELECT first, number FROM pubsub_items WHERE node = $1 AND id = $2 AND (expires_at = 0 OR expires_at > "
            "$3)",
            node, id, now);
        if (!rows.next()) return std::nullopt;
        number = rows.integer(query.by_creation ? 0 : 1);
    }
    if (query.by_creation && query.descending)
        return count_of(
            connection.query("SELECT count(*) FROM pubsub_items WHERE node = $1 AND first > $2"
                             " AND (expires_at = 0 OR expires_at > $3)",
                             node, number, now));
    if (query.by_creation)
        return count_of(
            connection.query("SELECT count(*) FROM pubsub_items WHERE node = $1 AND first < $2"
                             " AND (expires_at = 0 OR expires_at > $3)",
                             node, number, now));
    if (query.descending)
        return count_of(
            connection.query("SELECT count(*) FROM pubsub_items WHERE node = $1 AND number > $2"
                             " AND (expires_at = 0 OR expires_at > $3)",
                             node, number, now));
    return count_of(
        connection.query("SELECT count(*) FROM pubsub_items WHERE node = $1 AND number < $2"
                         " AND (expires_at = 0 OR expires_at > $3)",
                         node, number, now));
}

/// In the order asked for. What is asked for without payloads is not read from where it lies.
Rows rows_of(Connection& connection, std::int64_t node, const PubsubQuery& query, std::int64_t now, std::uint64_t index,
             std::uint64_t limit) {
    if (query.by_creation && query.descending)
        return connection.query(
            "SELECT id, publisher, created_at, at, CASE WHEN $1 THEN payload ELSE '' END FROM pubsub_items"
            " WHERE node = $2 AND (expires_at = 0 OR expires_at > $3) ORDER BY first DESC LIMIT $4 OFFSET $5",
            query.payloads, node, now, limit, index);
    if (query.by_creation)
        return connection.query(
            "SELECT id, publisher, created_at, at, CASE WHEN $1 THEN payload ELSE '' END FROM pubsub_items"
            " WHERE node = $2 AND (expires_at = 0 OR expires_at > $3) ORDER BY first LIMIT $4 OFFSET $5",
            query.payloads, node, now, limit, index);
    if (query.descending)
        return connection.query(
            "SELECT id, publisher, created_at, at, CASE WHEN $1 THEN payload ELSE '' END FROM pubsub_items"
            " WHERE node = $2 AND (expires_at = 0 OR expires_at > $3) ORDER BY number DESC LIMIT $4 OFFSET $5",
            query.payloads, node, now, limit, index);
    return connection.query(
        "SELECT id, publisher, created_at, at, CASE WHEN $1 THEN payload ELSE '' END FROM pubsub_items"
        " WHERE node = $2 AND (expires_at = 0 OR expires_at > $3) ORDER BY number LIMIT $4 OFFSET $5",
        query.payloads, node, now, limit, index);
}

std::vector<PubsubItem> read_items(Rows rows, std::size_t bytes) {
    std::vector<PubsubItem> items;
    std::size_t size = 0;
    while (rows.next()) {
        size += rows.text(4).size();
        if (size > bytes && !items.empty()) break;
        items.push_back(item_of(rows));
    }
    return items;
}

struct Range {
    std::uint64_t index = 0;
    std::uint64_t limit = 0;
};

/// Where the page that is asked for lies. Nothing: it names an item that is not there.
std::optional<Range> range_of(Connection& connection, std::int64_t node, const PubsubQuery& query, std::int64_t now,
                              std::uint64_t count) {
    Range range{.index = std::min(query.index.value_or(0), count), .limit = query.limit};
    if (query.after && !query.after->empty()) {
        const std::optional<std::uint64_t> place = place_of(connection, node, query, *query.after, now);
        if (!place) return std::nullopt;
        range.index = *place + 1;
    }
    if (!query.before) return range;
    std::uint64_t end = count;
    if (!query.before->empty()) {
        const std::optional<std::uint64_t> place = place_of(connection, node, query, *query.before, now);
        if (!place) return std::nullopt;
        end = *place;
    }
    const std::uint64_t from = end - std::min<std::uint64_t>(query.limit, end);
    range.index = std::max(range.index, from);
    range.limit = end > range.index ? end - range.index : 0;
    return range;
}

}  // namespace

const std::span<const Migration> Pubsub::migrations{steps};

std::vector<PubsubNode> Pubsub::load(Connection& connection, std::string_view service) {
    std::vector<PubsubNode> nodes;
    std::vector<std::int64_t> ids;
    {
        Rows rows = connection.query(
            "SELECT id, name, creator, created_at, config FROM pubsub_nodes WHERE service = $1 ORDER BY name", service);
        while (rows.next()) {
            ids.push_back(rows.integer(0));
            nodes.push_back({.name = std::string{rows.text(1)},
                             .creator = std::string{rows.text(2)},
                             .created_at = time_of(rows, 3),
                             .config = std::string{rows.text(4)}});
        }
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        Rows affiliated =
            connection.query("SELECT jid, affiliation FROM pubsub_affiliations WHERE node = $1 ORDER BY jid", ids[i]);
        while (affiliated.next())
            nodes[i].affiliations.push_back(
                {std::string{affiliated.text(0)}, static_cast<Affiliation>(affiliated.integer(1))});
        Rows subscribed = connection.query(
            "SELECT jid, pending, options FROM pubsub_subscriptions WHERE node = $1 ORDER BY jid", ids[i]);
        while (subscribed.next())
            nodes[i].subscriptions.push_back(
                {std::string{subscribed.text(0)}, subscribed.integer(1) != 0, std::string{subscribed.text(2)}});
    }
    return nodes;
}

void Pubsub::add_node(Unit& unit, std::string_view service, const PubsubNode& node) {
    unit.add([service = std::string{service}, node](Connection& connection) {
        connection.run(
            "INSERT INTO pubsub_nodes (service, name, creator, created_at, config) VALUES ($1, $2, $3, $4, $5)",
            service, node.name, node.creator, microseconds(node.created_at), node.config);
        const std::int64_t id = node_of(connection, service, node.name);
        for (const PubsubAffiliation& affiliation : node.affiliations) write_affiliation(connection, id, affiliation);
        for (const PubsubSubscription& subscription : node.subscriptions)
            write_subscription(connection, id, subscription);
    });
}

void Pubsub::set_config(Unit& unit, std::string_view service, std::string_view node, std::string config) {
    unit.add([service = std::string{service}, node = std::string{node},
              config = std::move(config)](Connection& connection) {
        connection.run("UPDATE pubsub_nodes SET config = $1 WHERE id = $2", config, node_of(connection, service, node));
    });
}

void Pubsub::remove_node(Unit& unit, std::string_view service, std::string_view node) {
    unit.add([service = std::string{service}, node = std::string{node}](Connection& connection) {
        if (const std::optional<std::int64_t> id = find_node(connection, service, node)) delete_node(connection, *id);
    });
}

void Pubsub::set_affiliation(Unit& unit, std::string_view service, std::string_view node,
                             PubsubAffiliation affiliation) {
    unit.add([service = std::string{service}, node = std::string{node},
              affiliation = std::move(affiliation)](Connection& connection) {
        write_affiliation(connection, node_of(connection, service, node), affiliation);
    });
}

void Pubsub::put_subscription(Unit& unit, std::string_view service, std::string_view node,
                              PubsubSubscription subscription) {
    unit.add([service = std::string{service}, node = std::string{node},
              subscription = std::move(subscription)](Connection& connection) {
        write_subscription(connection, node_of(connection, service, node), subscription);
    });
}

void Pubsub::remove_subscription(Unit& unit, std::string_view service, std::string_view node, std::string_view jid) {
    unit.add(
        [service = std::string{service}, node = std::string{node}, jid = std::string{jid}](Connection& connection) {
            if (const std::optional<std::int64_t> id = find_node(connection, service, node))
                connection.run("DELETE FROM pubsub_subscriptions WHERE node = $1 AND jid = $2", *id, jid);
        });
}

std::shared_ptr<const PubsubStored> Pubsub::put_item(Unit& unit, std::string_view service, std::string_view node,
                                                     PubsubItem item, std::optional<Timestamp> expires,
                                                     PubsubRoom room) {
    auto stored = std::make_shared<PubsubStored>();
    const std::size_t size = item.payload.size() + item.id.size();
    unit.add(
        [service = std::string{service}, node = std::string{node}, item = std::move(item), room, stored,
         expires_at = expires ? microseconds(*expires) : 0](Connection& connection) {
            *stored = write_item(connection, node_of(connection, service, node), item, expires_at, room);
        },
        size + 128);
    return stored;
}

void Pubsub::remove_item(Unit& unit, std::string_view service, std::string_view node, std::string_view id) {
    unit.add([service = std::string{service}, node = std::string{node}, id = std::string{id}](Connection& connection) {
        if (const std::optional<std::int64_t> found = find_node(connection, service, node))
            connection.run("DELETE FROM pubsub_items WHERE node = $1 AND id = $2", *found, id);
    });
}

void Pubsub::remove_items(Unit& unit, std::string_view service, std::string_view node) {
    unit.add([service = std::string{service}, node = std::string{node}](Connection& connection) {
        if (const std::optional<std::int64_t> found = find_node(connection, service, node))
            connection.run("DELETE FROM pubsub_items WHERE node = $1", *found);
    });
}

void Pubsub::trim(Unit& unit, std::string_view service, std::string_view node, std::size_t keep,
                  std::optional<std::chrono::seconds> expire) {
    unit.add([service = std::string{service}, node = std::string{node}, keep, expire](Connection& connection) {
        const std::int64_t found = node_of(connection, service, node);
        remove_oldest(connection, found, keep);
        if (expire) {
            connection.run("UPDATE pubsub_items SET expires_at = at + $1 WHERE node = $2",
                           std::chrono::microseconds{*expire}.count(), found);
        } else {
            connection.run("UPDATE pubsub_items SET expires_at = 0 WHERE node = $1", found);
        }
    });
}

std::optional<PubsubPage> Pubsub::items(Connection& connection, std::string_view service, std::string_view node,
                                        const PubsubQuery& query, Timestamp now) {
    PubsubPage page;
    const std::optional<std::int64_t> found = find_node(connection, service, node);
    if (!found) return page;
    const std::int64_t time = microseconds(now);
    page.count = count_of(connection.query(
        "SELECT count(*) FROM pubsub_items WHERE node = $1 AND (expires_at = 0 OR expires_at > $2)", *found, time));
    const std::optional<Range> range = range_of(connection, *found, query, time, page.count);
    if (!range) return std::nullopt;
    page.index = range->index;
    if (!query.before) {
        page.items = read_items(rows_of(connection, *found, query, time, range->index, range->limit), query.bytes);
        return page;
    }
    // From its end, so that what is too much is missing at its start.
    PubsubQuery reverse = query;
    reverse.descending = !query.descending;
    const std::uint64_t end = std::min(range->index + range->limit, page.count);
    page.items = read_items(rows_of(connection, *found, reverse, time, page.count - end, range->limit), query.bytes);
    std::ranges::reverse(page.items);
    page.index = end - page.items.size();
    return page;
}

std::optional<PubsubItem> Pubsub::item(Connection& connection, std::string_view service, std::string_view node,
                                       std::string_view id, Timestamp now) {
    return only(
        connection.query("SELECT i.id, i.publisher, i.created_at, i.at, i.payload FROM pubsub_items i"
                         " JOIN pubsub_nodes n ON n.id = i.node WHERE n.service = $1 AND n.name = $2 AND i.id = $3"
                         " AND (i.expires_at = 0 OR i.expires_at > $4)",
                         service, node, id, microseconds(now)));
}

std::vector<PubsubFound> Pubsub::find(Connection& connection, std::string_view service, std::string_view who) {
    std::vector<PubsubFound> found;
    Rows rows = connection.query(
        "SELECT n.id, n.name, n.config, coalesce(a.affiliation, 0) FROM pubsub_nodes n"
        " LEFT JOIN pubsub_affiliations a ON a.node = n.id AND a.jid = $1 WHERE n.service = $2",
        who, service);
    while (rows.next())
        found.push_back({.number = rows.integer(0),
                         .name = std::string{rows.text(1)},
                         .config = std::string{rows.text(2)},
                         .affiliation = static_cast<Affiliation>(rows.integer(3))});
    return found;
}

std::optional<PubsubItem> Pubsub::last(Connection& connection, std::int64_t node, Timestamp now) {
    return only(
        connection.query("SELECT id, publisher, created_at, at, payload FROM pubsub_items WHERE node = $1"
                         " AND (expires_at = 0 OR expires_at > $2) ORDER BY number DESC LIMIT 1",
                         node, microseconds(now)));
}

std::optional<PubsubItem> Pubsub::last(Connection& connection, std::string_view service, std::string_view node,
                                       Timestamp now) {
    return only(
        connection.query("SELECT i.id, i.publisher, i.created_at, i.at, i.payload FROM pubsub_items i"
                         " WHERE i.node = (SELECT id FROM pubsub_nodes WHERE service = $1 AND name = $2)"
                         " AND (i.expires_at = 0 OR i.expires_at > $3) ORDER BY i.number DESC LIMIT 1",
                         service, node, microseconds(now)));
}

std::uint64_t Pubsub::expire(Connection& connection, Timestamp now, std::size_t most) {
    return static_cast<std::uint64_t>(
        connection.run("DELETE FROM pubsub_items WHERE number IN (SELECT number FROM pubsub_items"
                       " WHERE expires_at > 0 AND expires_at <= $1 LIMIT $2)",
                       microseconds(now), most));
}

void Pubsub::remove_owner(Connection& connection, std::string_view owner) {
    std::vector<std::int64_t> nodes;
    {
        Rows rows = connection.query("SELECT id FROM pubsub_nodes WHERE service = $1", owner);
        while (rows.next()) nodes.push_back(rows.integer(0));
    }
    {
        // What nobody else owns at a domain's service: nobody could delete it any more.
        Rows rows = connection.query(
            "SELECT n.id FROM pubsub_affiliations a JOIN pubsub_nodes n ON n.id = a.node"
            " WHERE a.jid = $1 AND a.affiliation = $2 AND n.service NOT LIKE '%@%' AND NOT EXISTS"
            " (SELECT 1 FROM pubsub_affiliations o WHERE o.node = a.node AND o.jid <> $3 AND o.affiliation = $4)",
            owner, static_cast<int>(Affiliation::owner), owner, static_cast<int>(Affiliation::owner));
        while (rows.next()) nodes.push_back(rows.integer(0));
    }
    for (const std::int64_t node : nodes) delete_node(connection, node);
    // Who gets this address next is somebody else.
    connection.run("DELETE FROM pubsub_affiliations WHERE jid = $1", owner);
    connection.run("DELETE FROM pubsub_subscriptions WHERE bare = $1", owner);
    removals_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace aldis::db
