#include "db/roster.h"

#include "db/text_list.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE roster_items ("
     " owner TEXT NOT NULL,"
     " contact TEXT NOT NULL,"
     " name TEXT NOT NULL,"
     " subscription INTEGER NOT NULL,"
     " ask INTEGER NOT NULL,"
     " approved INTEGER NOT NULL,"
     " groups TEXT NOT NULL,"
     " version BIGINT NOT NULL,"
     " PRIMARY KEY (owner, contact)) WITHOUT ROWID;"
     "CREATE TABLE roster_removals ("
     " owner TEXT NOT NULL,"
     " contact TEXT NOT NULL,"
     " version BIGINT NOT NULL,"
     " PRIMARY KEY (owner, contact)) WITHOUT ROWID;"
     "CREATE TABLE roster_requests ("
     " owner TEXT NOT NULL,"
     " contact TEXT NOT NULL,"
     " stanza TEXT NOT NULL,"
     " PRIMARY KEY (owner, contact)) WITHOUT ROWID;"
     // Changes after 'oldest' are known one by one.
     "CREATE TABLE roster_versions ("
     " owner TEXT PRIMARY KEY NOT NULL,"
     " version BIGINT NOT NULL,"
     " oldest BIGINT NOT NULL) WITHOUT ROWID"},
};

struct Versions {
    std::uint64_t current = 0;
    std::uint64_t oldest = 0;
};

/// A roster that nobody has changed yet has the version of the second in which its account was made: the same address,
/// removed and added again, must not repeat versions that a client may still remember.
Versions versions_of(Connection& connection, std::string_view owner) {
    Rows rows = connection.query("SELECT version, oldest FROM roster_versions WHERE owner = $1", owner);
    if (rows.next()) return {static_cast<std::uint64_t>(rows.integer(0)), static_cast<std::uint64_t>(rows.integer(1))};
    Rows user = connection.query("SELECT created_at / 1000000 FROM users WHERE jid = $1", owner);
    const std::uint64_t first = user.next() ? static_cast<std::uint64_t>(user.integer(0)) : 0;
    return {first, first};
}

RosterItem item_of(const Rows& rows) {
    return {.contact = std::string{rows.text(0)},
            .name = std::string{rows.text(1)},
            .subscription = static_cast<Subscription>(rows.integer(2)),
            .ask = rows.integer(3) != 0,
            .approved = rows.integer(4) != 0,
            .groups = split_texts(rows.text(5)),
            .version = static_cast<std::uint64_t>(rows.integer(6))};
}

std::vector<RosterItem> items_of(Rows rows) {
    std::vector<RosterItem> items;
    while (rows.next()) items.push_back(item_of(rows));
    return items;
}

void set_version(Connection& connection, std::string_view owner, std::uint64_t version) {
    connection.run(
        "INSERT INTO roster_versions (owner, version, oldest) VALUES ($1, $2, $3)"
        " ON CONFLICT (owner) DO UPDATE SET version = excluded.version",
        owner, version, version - 1);
}

void write_item(Connection& connection, std::string_view owner, const RosterItem& item) {
    connection.run(
        "INSERT INTO roster_items (owner, contact, name, subscription, ask, approved, groups, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (owner, contact) DO UPDATE SET name = excluded.name, subscription = excluded.subscription,"
        " ask = excluded.ask, approved = excluded.approved, groups = excluded.groups, version = excluded.version",
        owner, item.contact, item.name, static_cast<int>(item.subscription), item.ask, item.approved,
        join_texts(item.groups), item.version);
    connection.run("DELETE FROM roster_removals WHERE owner = $1 AND contact = $2", owner, item.contact);
    set_version(connection, owner, item.version);
}

/// Removals are kept for a while only; what is older than the oldest of them cannot be told any more.
void forget_old_removals(Connection& connection, std::string_view owner) {
    Rows rows =
        connection.query("SELECT version FROM roster_removals WHERE owner = $1 ORDER BY version DESC LIMIT 1 OFFSET $2",
                         owner, Roster::removals_kept);
    if (!rows.next()) return;
    const std::int64_t oldest = rows.integer(0);
    connection.run("DELETE FROM roster_removals WHERE owner = $1 AND version <= $2", owner, oldest);
    connection.run("UPDATE roster_versions SET oldest = $1 WHERE owner = $2", oldest, owner);
}

void remove_item(Connection& connection, std::string_view owner, std::string_view contact, std::uint64_t version) {
    connection.run("DELETE FROM roster_items WHERE owner = $1 AND contact = $2", owner, contact);
    connection.run(
        "INSERT INTO roster_removals (owner, contact, version) VALUES ($1, $2, $3)"
        " ON CONFLICT (owner, contact) DO UPDATE SET version = excluded.version",
        owner, contact, version);
    set_version(connection, owner, version);
    forget_old_removals(connection, owner);
}

}  // namespace

const std::span<const Migration> Roster::migrations{steps};

RosterState Roster::load(Connection& connection, std::string_view owner) {
    RosterState state;
    state.version = versions_of(connection, owner).current;
    state.items = items_of(connection.query(
        "SELECT contact, name, subscription, ask, approved, groups, version FROM roster_items WHERE owner = $1"
        " ORDER BY contact",
        owner));
    Rows rows =
        connection.query("SELECT contact, stanza FROM roster_requests WHERE owner = $1 ORDER BY contact", owner);
    while (rows.next()) state.requests.push_back({std::string{rows.text(0)}, std::string{rows.text(1)}});
    return state;
}

std::optional<RosterItem> Roster::find(Connection& connection, std::string_view owner, std::string_view contact) {
    Rows rows = connection.query(
        "SELECT contact, name, subscription, ask, approved, groups, version FROM roster_items"
        " WHERE owner = $1 AND contact = $2",
        owner, contact);
    if (!rows.next()) return std::nullopt;
    return item_of(rows);
}

std::optional<RosterChanges> Roster::changes_since(Connection& connection, std::string_view owner,
                                                   std::uint64_t version) {
    const Versions known = versions_of(connection, owner);
    if (version < known.oldest || version > known.current) return std::nullopt;
    RosterChanges changes;
    changes.version = known.current;
    if (version == known.current) return changes;
    changes.items =
        items_of(connection.query("SELECT contact, name, subscription, ask, approved, groups, version FROM roster_items"
                                  " WHERE owner = $1 AND version > $2 ORDER BY version",
                                  owner, version));
    Rows rows = connection.query(
        "SELECT contact, version FROM roster_removals WHERE owner = $1 AND version > $2 ORDER BY version", owner,
        version);
    while (rows.next()) {
        changes.removed.push_back({std::string{rows.text(0)}, static_cast<std::uint64_t>(rows.integer(1))});
    }
    return changes;
}

void Roster::put(Unit& unit, std::string_view owner, RosterItem item) {
    unit.add([owner = std::string{owner}, item = std::move(item)](Connection& connection) {
        write_item(connection, owner, item);
    });
}

void Roster::remove(Unit& unit, std::string_view owner, std::string_view contact, std::uint64_t version) {
    unit.add([owner = std::string{owner}, contact = std::string{contact}, version](Connection& connection) {
        remove_item(connection, owner, contact, version);
    });
}

void Roster::put_request(Unit& unit, std::string_view owner, std::string_view contact, Bytes stanza) {
    const std::size_t size = stanza->size();
    unit.add(
        [owner = std::string{owner}, contact = std::string{contact},
         stanza = std::move(stanza)](Connection& connection) {
            connection.run(
                "INSERT INTO roster_requests (owner, contact, stanza) VALUES ($1, $2, $3)"
                " ON CONFLICT (owner, contact) DO UPDATE SET stanza = excluded.stanza",
                owner, contact, *stanza);
        },
        size);
}

void Roster::remove_request(Unit& unit, std::string_view owner, std::string_view contact) {
    unit.add([owner = std::string{owner}, contact = std::string{contact}](Connection& connection) {
        connection.run("DELETE FROM roster_requests WHERE owner = $1 AND contact = $2", owner, contact);
    });
}

std::uint64_t Roster::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM roster_requests WHERE owner = $1", owner);
    connection.run("DELETE FROM roster_removals WHERE owner = $1", owner);
    connection.run("DELETE FROM roster_versions WHERE owner = $1", owner);
    return static_cast<std::uint64_t>(connection.run("DELETE FROM roster_items WHERE owner = $1", owner));
}

}  // namespace aldis::db
