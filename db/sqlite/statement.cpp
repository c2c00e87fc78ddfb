#include "db/sqlite/statement.h"

#include <stdexcept>
#include <string>

#include "db/sqlite/handle.h"

namespace aldis::db::sqlite {

Statement::Statement(sqlite3* database, const char* sql) : database_{database}, sql_{sql} {
    const int code = sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) throw error_of(database, code, sql);
    check_placeholders();
}

/// SQLite numbers the names $1, $2 by first appearance; only in this order they mean here what they mean elsewhere.
void Statement::check_placeholders() const {
    for (int position = 1; position <= sqlite3_bind_parameter_count(statement_); ++position) {
        const char* name = sqlite3_bind_parameter_name(statement_, position);
        if (!name || std::string_view{name} != "$" + std::to_string(position)) {
            throw std::logic_error{"placeholders out of order in: " + std::string{sql_}};
        }
    }
}

void Statement::bind(std::span<const Value> values, Keep keep) {
    if (static_cast<int>(values.size()) != sqlite3_bind_parameter_count(statement_)) {
        throw std::logic_error{"wrong number of values for: " + std::string{sql_}};
    }
    for (std::size_t at = 0; at < values.size(); ++at) {
        const int code = bind_one(static_cast<int>(at) + 1, values[at], keep);
        if (code != SQLITE_OK) throw error_of(database_, code, sql_);
    }
}

int Statement::bind_one(int position, const Value& value, Keep keep) {
    const std::string_view bytes = value.bytes();
    const sqlite3_destructor_type lifetime = keep == Keep::copy ? SQLITE_TRANSIENT : SQLITE_STATIC;
    const char* data = bytes.data() ? bytes.data() : "";  // a null pointer would mean NULL
    switch (value.kind()) {
        case Value::Kind::integer: return sqlite3_bind_int64(statement_, position, value.number());
        case Value::Kind::text:
            return sqlite3_bind_text64(statement_, position, data, bytes.size(), lifetime, SQLITE_UTF8);
        case Value::Kind::blob: return sqlite3_bind_blob64(statement_, position, data, bytes.size(), lifetime);
        case Value::Kind::null: break;
    }
    return sqlite3_bind_null(statement_, position);
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    const Error error = error_of(database_, code, sql_);
    sqlite3_reset(statement_);
    throw Error{error};
}

std::string_view Statement::bytes(int column) const {
    // The pointer first: asking for it may convert the value, and change its size.
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

}  // namespace aldis::db::sqlite
