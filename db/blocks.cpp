#include "db/blocks.h"

#include <algorithm>

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE blocks ("
     " owner TEXT NOT NULL,"
     " address TEXT NOT NULL,"
     " PRIMARY KEY (owner, address)) WITHOUT ROWID"},
};

std::size_t bytes_of(const std::vector<std::string>& addresses) {
    std::size_t bytes = 64;
    for (const std::string& address : addresses) bytes += sizeof(std::string) + address.size();
    return bytes;
}

}  // namespace

const std::span<const Migration> Blocks::migrations{steps};

std::vector<std::string> Blocks::load(Connection& connection, std::string_view owner) {
    std::vector<std::string> addresses;
    Rows rows = connection.query("SELECT address FROM blocks WHERE owner = $1 ORDER BY address", owner);
    while (rows.next()) addresses.emplace_back(rows.text(0));
    return addresses;
}

bool Blocks::any(Connection& connection, std::string_view owner, std::span<const std::string_view> addresses) {
    return std::ranges::any_of(addresses, [&](std::string_view address) {
        return connection.query("SELECT 1 FROM blocks WHERE owner = $1 AND address = $2", owner, address).next();
    });
}

void Blocks::add(Unit& unit, std::string_view owner, std::vector<std::string> addresses) {
    const std::size_t bytes = bytes_of(addresses);
    unit.add(
        [owner = std::string{owner}, addresses = std::move(addresses)](Connection& connection) {
            for (const std::string& address : addresses)
                connection.run("INSERT INTO blocks (owner, address) VALUES ($1, $2) ON CONFLICT DO NOTHING", owner,
                               address);
        },
        bytes);
}

void Blocks::remove(Unit& unit, std::string_view owner, std::vector<std::string> addresses) {
    const std::size_t bytes = bytes_of(addresses);
    unit.add(
        [owner = std::string{owner}, addresses = std::move(addresses)](Connection& connection) {
            for (const std::string& address : addresses)
                connection.run("DELETE FROM blocks WHERE owner = $1 AND address = $2", owner, address);
        },
        bytes);
}

void Blocks::remove_all(Unit& unit, std::string_view owner) {
    unit.add([owner = std::string{owner}](Connection& connection) { remove_owner(connection, owner); });
}

void Blocks::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM blocks WHERE owner = $1", owner);
}

}  // namespace aldis::db
