#include "db/migration.h"

#include <chrono>

namespace aldis::db {

namespace {

int version_of(Connection& connection, std::string_view component) {
    Rows rows = connection.query("SELECT max(version) FROM schema_versions WHERE component = $1", component);
    return rows.next() && !rows.is_null(0) ? static_cast<int>(rows.integer(0)) : 0;
}

void record(Connection& connection, std::string_view component, int version) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    connection.run("INSERT INTO schema_versions (component, version, applied_at) VALUES ($1, $2, $3)", component,
                   version, std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

void migrate(Connection& connection, const Schema& schema) {
    const int current = version_of(connection, schema.component);
    const int newest = schema.migrations.empty() ? 0 : schema.migrations.back().version;
    if (current > newest) {
        throw Error{Fault::newer, "the database was written by a newer release: its tables of '" +
                                      std::string{schema.component} + "' have version " + std::to_string(current) +
                                      ", this program knows them up to " + std::to_string(newest)};
    }
    for (const Migration& migration : schema.migrations) {
        if (migration.version <= current) continue;
        connection.script(migration.sql);
        record(connection, schema.component, migration.version);
    }
}

}  // namespace

void migrate(Connection& connection, std::span<const Schema> schemas) {
    connection.begin(Connection::Access::write);
    try {
        connection.script(
            "CREATE TABLE IF NOT EXISTS schema_versions (component TEXT NOT NULL, version INTEGER NOT NULL,"
            " applied_at BIGINT NOT NULL, PRIMARY KEY (component, version))");
        for (const Schema& schema : schemas) migrate(connection, schema);
        connection.commit();
    } catch (...) {
        connection.roll_back();
        throw;
    }
}

}  // namespace aldis::db
