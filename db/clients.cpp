#include "db/clients.h"

#include <algorithm>

#include "db/column.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE clients ("
     " owner TEXT NOT NULL,"
     " id TEXT NOT NULL,"
     " software TEXT NOT NULL,"
     " uri TEXT NOT NULL,"
     " device TEXT NOT NULL,"
     " address TEXT NOT NULL,"
     " mechanism TEXT NOT NULL,"
     " first_seen BIGINT NOT NULL,"
     " last_seen BIGINT NOT NULL,"
     " password INTEGER NOT NULL,"
     " permission INTEGER NOT NULL,"
     " PRIMARY KEY (owner, id)) WITHOUT ROWID;"
     "CREATE INDEX clients_by_last_seen ON clients (last_seen);"
     // The slots of XEP-0484: 0 is "current", 1 is "new".
     "CREATE TABLE client_tokens ("
     " owner TEXT NOT NULL,"
     " client TEXT NOT NULL,"
     " slot INTEGER NOT NULL,"
     " secret BLOB NOT NULL,"
     " mechanism TEXT NOT NULL,"
     " issued BIGINT NOT NULL,"
     " expires BIGINT NOT NULL,"
     " last_count BIGINT,"
     " PRIMARY KEY (owner, client, slot)) WITHOUT ROWID;"
     "CREATE INDEX client_tokens_by_expires ON client_tokens (expires)"},
};

constexpr int current_slot = 0;
constexpr int offered_slot = 1;

/// At most so many bytes, and no part of a character.
std::string_view clipped(std::string_view text) {
    if (text.size() <= Clients::longest_text) return text;
    std::size_t end = Clients::longest_text;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

Client client_of(const Rows& rows) {
    return {.id = std::string{rows.text(0)},
            .software = std::string{rows.text(1)},
            .uri = std::string{rows.text(2)},
            .device = std::string{rows.text(3)},
            .address = std::string{rows.text(4)},
            .mechanism = std::string{rows.text(5)},
            .first_seen = time_of(rows, 6),
            .last_seen = time_of(rows, 7),
            .password = rows.integer(8) != 0,
            .permission = static_cast<Permission>(rows.integer(9)),
            .token_expires = optional_time_of(rows, 10)};
}

ClientToken token_of(const Rows& rows) {
    ClientToken token{.secret = std::string{rows.blob(1)},
                      .mechanism = std::string{rows.text(2)},
                      .issued = time_of(rows, 3),
                      .expires = time_of(rows, 4)};
    if (!rows.is_null(5)) token.count = static_cast<std::uint32_t>(rows.integer(5));
    return token;
}

bool exists(Connection& connection, std::string_view owner, std::string_view id) {
    return connection.query("SELECT 1 FROM clients WHERE owner = $1 AND id = $2", owner, id).next();
}

/// Forgets clients until there is room for one more.
void make_room(Connection& connection, std::string_view owner) {
    std::vector<std::string> surplus;
    {
        Rows rows =
            connection.query("SELECT id FROM clients WHERE owner = $1 ORDER BY last_seen DESC, id LIMIT $2 OFFSET $3",
                             owner, Clients::limit, Clients::limit - 1);
        while (rows.next()) surplus.emplace_back(rows.text(0));
    }
    for (const std::string& id : surplus) Clients::remove(connection, owner, id);
}

}  // namespace

const std::span<const Migration> Clients::migrations{steps};

std::optional<Client> Clients::find(Connection& connection, std::string_view owner, std::string_view id) {
    Rows rows = connection.query(
        "SELECT id, software, uri, device, address, mechanism, first_seen, last_seen, password, permission,"
        " (SELECT max(expires) FROM client_tokens t WHERE t.owner = c.owner AND t.client = c.id)"
        " FROM clients c WHERE owner = $1 AND id = $2",
        owner, id);
    if (!rows.next()) return std::nullopt;
    return client_of(rows);
}

std::vector<Client> Clients::list(Connection& connection, std::string_view owner) {
    Rows rows = connection.query(
        "SELECT id, software, uri, device, address, mechanism, first_seen, last_seen, password, permission,"
        " (SELECT max(expires) FROM client_tokens t WHERE t.owner = c.owner AND t.client = c.id)"
        " FROM clients c WHERE owner = $1 ORDER BY last_seen DESC, id",
        owner);
    std::vector<Client> clients;
    while (rows.next()) clients.push_back(client_of(rows));
    return clients;
}

ClientTokens Clients::tokens(Connection& connection, std::string_view owner, std::string_view id) {
    Rows rows = connection.query(
        "SELECT slot, secret, mechanism, issued, expires, last_count FROM client_tokens"
        " WHERE owner = $1 AND client = $2",
        owner, id);
    ClientTokens tokens;
    while (rows.next()) (rows.integer(0) == offered_slot ? tokens.offered : tokens.current) = token_of(rows);
    return tokens;
}

void Clients::touch(Connection& connection, std::string_view owner, const ClientSeen& seen) {
    if (seen.id.empty() || seen.id.size() > longest_text) return;
    if (!exists(connection, owner, seen.id)) make_room(connection, owner);
    connection.run(
        "INSERT INTO clients (owner, id, software, uri, device, address, mechanism, first_seen, last_seen, password,"
        " permission) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)"
        " ON CONFLICT (owner, id) DO UPDATE SET"
        " software = CASE excluded.software WHEN '' THEN clients.software ELSE excluded.software END,"
        " uri = CASE excluded.uri WHEN '' THEN clients.uri ELSE excluded.uri END,"
        " device = CASE excluded.device WHEN '' THEN clients.device ELSE excluded.device END,"
        " address = CASE excluded.address WHEN '' THEN clients.address ELSE excluded.address END,"
        " mechanism = CASE excluded.mechanism WHEN '' THEN clients.mechanism ELSE excluded.mechanism END,"
        " last_seen = excluded.last_seen,"
        " password = CASE excluded.password WHEN 0 THEN clients.password ELSE excluded.password END,"
        " permission = excluded.permission",
        owner, seen.id, clipped(seen.software), clipped(seen.uri), clipped(seen.device), clipped(seen.address),
        clipped(seen.mechanism), microseconds(seen.at), seen.password, static_cast<int>(seen.permission));
}

void Clients::touch(Connection& connection, std::string_view owner, std::string_view id, Timestamp at) {
    connection.run("UPDATE clients SET last_seen = $1 WHERE owner = $2 AND id = $3", microseconds(at), owner, id);
}

bool Clients::offer_token(Connection& connection, std::string_view owner, std::string_view id,
                          const ClientToken& token) {
    if (!exists(connection, owner, id)) return false;
    connection.run(
        "INSERT INTO client_tokens (owner, client, slot, secret, mechanism, issued, expires, last_count)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (owner, client, slot) DO UPDATE SET secret = excluded.secret, mechanism = excluded.mechanism,"
        " issued = excluded.issued, expires = excluded.expires, last_count = excluded.last_count",
        owner, id, offered_slot, Blob{token.secret}, token.mechanism, microseconds(token.issued),
        microseconds(token.expires), token.count);
    return true;
}

bool Clients::use_token(Connection& connection, std::string_view owner, std::string_view id, std::string_view secret,
                        std::optional<std::uint32_t> count) {
    const ClientTokens known = tokens(connection, owner, id);
    const bool offered = known.offered && known.offered->secret == secret;
    if (!offered && !(known.current && known.current->secret == secret)) return false;
    const ClientToken& token = offered ? *known.offered : *known.current;
    if (count && token.count && *count <= *token.count) return false;
    if (offered) {
        connection.run("DELETE FROM client_tokens WHERE owner = $1 AND client = $2 AND slot = $3", owner, id,
                       current_slot);
        connection.run("UPDATE client_tokens SET slot = $1 WHERE owner = $2 AND client = $3 AND slot = $4",
                       current_slot, owner, id, offered_slot);
    }
    // "Server initiates token rotation": tokens that end earlier than one that was used are not valid any more.
    connection.run("DELETE FROM client_tokens WHERE owner = $1 AND client = $2 AND slot = $3 AND expires < $4", owner,
                   id, offered_slot, microseconds(token.expires));
    if (count) {
        connection.run("UPDATE client_tokens SET last_count = $1 WHERE owner = $2 AND client = $3 AND slot = $4",
                       *count, owner, id, current_slot);
    }
    return true;
}

void Clients::remove_tokens(Connection& connection, std::string_view owner, std::string_view id) {
    connection.run("DELETE FROM client_tokens WHERE owner = $1 AND client = $2", owner, id);
}

void Clients::remove_all_tokens(Connection& connection, std::string_view owner, std::string_view id) {
    connection.run("DELETE FROM client_tokens WHERE owner = $1", owner);
    connection.run("UPDATE clients SET password = 0 WHERE owner = $1 AND id <> $2", owner, id);
}

bool Clients::remove(Connection& connection, std::string_view owner, std::string_view id) {
    remove_tokens(connection, owner, id);
    return connection.run("DELETE FROM clients WHERE owner = $1 AND id = $2", owner, id) != 0;
}

std::uint64_t Clients::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM client_tokens WHERE owner = $1", owner);
    return static_cast<std::uint64_t>(connection.run("DELETE FROM clients WHERE owner = $1", owner));
}

std::size_t Clients::purge(Connection& connection, Timestamp cutoff, Timestamp now, std::size_t at_most) {
    const auto tokens = static_cast<std::size_t>(connection.run(
        "DELETE FROM client_tokens WHERE (owner, client, slot) IN (SELECT owner, client, slot FROM client_tokens"
        " WHERE expires < $1 ORDER BY expires LIMIT $2)",
        microseconds(now), at_most));
    std::vector<std::pair<std::string, std::string>> old;
    {
        Rows rows = connection.query("SELECT owner, id FROM clients WHERE last_seen < $1 ORDER BY last_seen LIMIT $2",
                                     microseconds(cutoff), at_most);
        while (rows.next()) old.emplace_back(rows.text(0), rows.text(1));
    }
    for (const auto& [owner, id] : old) remove(connection, owner, id);
    return std::max(tokens, old.size());
}

}  // namespace aldis::db
