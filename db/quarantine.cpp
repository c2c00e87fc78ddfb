#include "db/quarantine.h"

#include "db/column.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     // Numbers are not used again: a late remove_up_to() must not meet younger stanzas.
     "CREATE TABLE quarantine ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT,"
     " owner TEXT NOT NULL,"
     " sender TEXT NOT NULL,"
     " request INTEGER NOT NULL,"
     " at BIGINT NOT NULL,"
     " stanza TEXT NOT NULL);"
     "CREATE INDEX quarantine_by_owner ON quarantine (owner, sender);"
     "CREATE TABLE acquaintances ("
     " owner TEXT NOT NULL,"
     " address TEXT NOT NULL,"
     " at BIGINT NOT NULL,"
     " PRIMARY KEY (owner, address)) WITHOUT ROWID"},
};

void write_acquaintances(Connection& connection, const std::string& owner, const std::vector<std::string>& addresses,
                         Timestamp at, std::size_t most) {
    for (const std::string& address : addresses)
        connection.run(
            "INSERT INTO acquaintances (owner, address, at) VALUES ($1, $2, $3)"
            " ON CONFLICT (owner, address) DO UPDATE SET at = excluded.at",
            owner, address, microseconds(at));
    connection.run(
        "DELETE FROM acquaintances WHERE owner = $1 AND address NOT IN"
        " (SELECT address FROM acquaintances WHERE owner = $1 ORDER BY at DESC, address LIMIT $2)",
        owner, most);
}

}  // namespace

const std::span<const Migration> Quarantine::migrations{steps};

void Quarantine::hold(Unit& unit, std::string_view owner, std::string_view sender, bool request, Timestamp at,
                      Bytes stanza) {
    const std::size_t size = stanza->size();
    unit.add(
        [owner = std::string{owner}, sender = std::string{sender}, request, at,
         stanza = std::move(stanza)](Connection& connection) {
            connection.run("INSERT INTO quarantine (owner, sender, request, at, stanza) VALUES ($1, $2, $3, $4, $5)",
                           owner, sender, request, microseconds(at), *stanza);
        },
        size);
}

std::vector<HeldSender> Quarantine::senders(Connection& connection, std::string_view owner) {
    Rows rows = connection.query(
        "SELECT sender, count(*) - sum(request), sum(length(stanza)), max(request), min(at) FROM quarantine"
        " WHERE owner = $1 GROUP BY sender ORDER BY min(id)",
        owner);
    std::vector<HeldSender> found;
    while (rows.next())
        found.push_back({.sender = std::string{rows.text(0)},
                         .messages = static_cast<std::uint64_t>(rows.integer(1)),
                         .bytes = static_cast<std::uint64_t>(rows.integer(2)),
                         .request = rows.integer(3) != 0,
                         .since = time_of(rows, 4)});
    return found;
}

std::vector<HeldStanza> Quarantine::load(Connection& connection, std::string_view owner, std::string_view sender,
                                         std::int64_t after, std::size_t limit) {
    Rows rows = connection.query(
        "SELECT id, sender, at, stanza FROM quarantine WHERE owner = $1 AND (sender = $2 OR $2 = '') AND id > $3"
        " ORDER BY id LIMIT $4",
        owner, sender, after, limit);
    std::vector<HeldStanza> found;
    while (rows.next())
        found.push_back({.id = rows.integer(0),
                         .sender = std::string{rows.text(1)},
                         .at = time_of(rows, 2),
                         .stanza = std::string{rows.text(3)}});
    return found;
}

void Quarantine::remove(Unit& unit, std::int64_t id) {
    unit.add([id](Connection& connection) { connection.run("DELETE FROM quarantine WHERE id = $1", id); });
}

void Quarantine::remove_up_to(Unit& unit, std::string_view owner, std::string_view sender, std::int64_t id) {
    unit.add([owner = std::string{owner}, sender = std::string{sender}, id](Connection& connection) {
        connection.run("DELETE FROM quarantine WHERE owner = $1 AND (sender = $2 OR $2 = '') AND id <= $3", owner,
                       sender, id);
    });
}

void Quarantine::remove_sender(Unit& unit, std::string_view owner, std::string_view sender) {
    unit.add([owner = std::string{owner}, sender = std::string{sender}](Connection& connection) {
        connection.run("DELETE FROM quarantine WHERE owner = $1 AND sender = $2", owner, sender);
    });
}

std::vector<std::string> Quarantine::owners(Connection& connection, std::string_view after, std::size_t limit) {
    Rows rows = connection.query("SELECT DISTINCT owner FROM quarantine WHERE owner > $1 ORDER BY owner LIMIT $2",
                                 after, limit);
    std::vector<std::string> found;
    while (rows.next()) found.emplace_back(rows.text(0));
    return found;
}

std::size_t Quarantine::forget_before(Connection& connection, Timestamp cutoff, std::size_t limit) {
    // Ids are in order of time, so that those that are looked at are the oldest.
    return static_cast<std::size_t>(connection.run(
        "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine ORDER BY id LIMIT $1) AND at < $2", limit,
        microseconds(cutoff)));
}

void Quarantine::add_acquaintances(Unit& unit, std::string_view owner, std::vector<std::string> addresses, Timestamp at,
                                   std::size_t most) {
    std::size_t bytes = 64;
    for (const std::string& address : addresses) bytes += sizeof(std::string) + address.size();
    unit.add([owner = std::string{owner}, addresses = std::move(addresses), at,
              most](Connection& connection) { write_acquaintances(connection, owner, addresses, at, most); },
             bytes);
}

std::vector<std::string> Quarantine::acquaintances(Connection& connection, std::string_view owner) {
    Rows rows = connection.query("SELECT address FROM acquaintances WHERE owner = $1 ORDER BY at, address DESC", owner);
    std::vector<std::string> found;
    while (rows.next()) found.emplace_back(rows.text(0));
    return found;
}

void Quarantine::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM quarantine WHERE owner = $1", owner);
    connection.run("DELETE FROM acquaintances WHERE owner = $1", owner);
}

}  // namespace aldis::db
