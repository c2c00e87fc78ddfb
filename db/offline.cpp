#include "db/offline.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     // Numbers are not used again: a late remove_up_to() must not meet younger stanzas.
     "CREATE TABLE offline ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT,"
     " owner TEXT NOT NULL,"
     " at BIGINT NOT NULL,"
     " stanza TEXT NOT NULL);"
     "CREATE INDEX offline_by_owner ON offline (owner)"},
};

}  // namespace

const std::span<const Migration> Offline::migrations{steps};

void Offline::append(Unit& unit, std::string_view owner, Timestamp at, Bytes stanza,
                     std::shared_ptr<std::atomic<std::int64_t>> id) {
    const std::size_t size = stanza->size();
    unit.add(
        [owner = std::string{owner}, at, stanza = std::move(stanza), id = std::move(id)](Connection& connection) {
            Rows rows = connection.query("INSERT INTO offline (owner, at, stanza) VALUES ($1, $2, $3) RETURNING id",
                                         owner, at.time_since_epoch().count(), *stanza);
            if (rows.next() && id) *id = rows.integer(0);
        },
        size);
}

std::vector<OfflineStanza> Offline::load(Connection& connection, std::string_view owner, std::int64_t after,
                                         std::size_t limit) {
    Rows rows = connection.query("SELECT id, at, stanza FROM offline WHERE owner = $1 AND id > $2 ORDER BY id LIMIT $3",
                                 owner, after, limit);
    std::vector<OfflineStanza> stanzas;
    while (rows.next()) {
        stanzas.push_back({.id = rows.integer(0),
                           .at = Timestamp{std::chrono::microseconds{rows.integer(1)}},
                           .stanza = std::string{rows.text(2)}});
    }
    return stanzas;
}

void Offline::remove_up_to(Unit& unit, std::string_view owner, std::int64_t id) {
    unit.add([owner = std::string{owner}, id](Connection& connection) {
        connection.run("DELETE FROM offline WHERE owner = $1 AND id <= $2", owner, id);
    });
}

void Offline::remove(Unit& unit, std::string_view owner, std::int64_t first, std::int64_t last) {
    unit.add([owner = std::string{owner}, first, last](Connection& connection) {
        connection.run("DELETE FROM offline WHERE owner = $1 AND id >= $2 AND id <= $3", owner, first, last);
    });
}

std::uint64_t Offline::count(Connection& connection, std::string_view owner, std::uint64_t bound) {
    Rows rows =
        connection.query("SELECT count(*) FROM (SELECT 1 FROM offline WHERE owner = $1 LIMIT $2)", owner, bound);
    return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

std::uint64_t Offline::remove_owner(Connection& connection, std::string_view owner) {
    return static_cast<std::uint64_t>(connection.run("DELETE FROM offline WHERE owner = $1", owner));
}

}  // namespace aldis::db
