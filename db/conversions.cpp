#include "db/conversions.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE conversions ("
     " owner TEXT NOT NULL,"
     " what TEXT NOT NULL,"
     " begun BIGINT NOT NULL,"
     " PRIMARY KEY (owner, what)) WITHOUT ROWID"},
};

}  // namespace

const std::span<const Migration> Conversions::migrations{steps};

void Conversions::begin(Connection& connection, std::string_view owner, std::string_view what) {
    connection.run(
        "INSERT INTO conversions (owner, what, begun) VALUES ($1, $2, 1)"
        " ON CONFLICT (owner, what) DO UPDATE SET begun = conversions.begun + 1",
        owner, what);
}

void Conversions::begin(Unit& unit, std::string_view owner, std::string_view what) {
    unit.add([owner = std::string{owner}, what = std::string{what}](Connection& connection) {
        begin(connection, owner, what);
    });
}

std::int64_t Conversions::begun(Connection& connection, std::string_view owner, std::string_view what) {
    Rows rows = connection.query("SELECT begun FROM conversions WHERE owner = $1 AND what = $2", owner, what);
    return rows.next() ? rows.integer(0) : 0;
}

void Conversions::done(Unit& unit, std::string_view owner, std::string_view what, std::int64_t begun) {
    unit.add([owner = std::string{owner}, what = std::string{what}, begun](Connection& connection) {
        connection.run("DELETE FROM conversions WHERE owner = $1 AND what = $2 AND begun = $3", owner, what, begun);
    });
}

void Conversions::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM conversions WHERE owner = $1", owner);
}

}  // namespace aldis::db
