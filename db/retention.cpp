#include "db/retention.h"

#include <string>

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1, "CREATE TABLE retention (owner TEXT PRIMARY KEY, days BIGINT NOT NULL) WITHOUT ROWID"},
};

}  // namespace

const std::span<const Migration> Retention::migrations{steps};

std::optional<std::chrono::days> Retention::find(Connection& connection, std::string_view owner) {
    Rows rows = connection.query("SELECT days FROM retention WHERE owner = $1", owner);
    if (!rows.next()) return std::nullopt;
    return std::chrono::days{rows.integer(0)};
}

void Retention::put(Unit& unit, std::string_view owner, std::optional<std::chrono::days> keep) {
    unit.add([owner = std::string{owner}, keep](Connection& connection) {
        if (!keep) return remove_owner(connection, owner);
        connection.run(
            "INSERT INTO retention (owner, days) VALUES ($1, $2) ON CONFLICT (owner) DO UPDATE SET days = "
            "excluded.days",
            owner, keep->count());
    });
}

bool Retention::any(Connection& connection) { return connection.query("SELECT 1 FROM retention LIMIT 1").next(); }

void Retention::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM retention WHERE owner = $1", owner);
}

}  // namespace aldis::db
