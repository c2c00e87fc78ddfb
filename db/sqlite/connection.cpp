#include "db/sqlite/connection.h"

#include <stdexcept>

namespace aldis::db::sqlite {

Connection::Connection(Handle database, std::unique_ptr<Checkpointer> checkpointer)
    : database_{std::move(database)}, checkpointer_{std::move(checkpointer)} {
    // Registering a hook also ends SQLite's own checkpoints, which would run within a commit.
    if (checkpointer_) sqlite3_wal_hook(database_.get(), &Connection::after_commit, this);
}

Connection::~Connection() { checkpointer_.reset(); }

int Connection::after_commit(void* self, sqlite3*, const char*, int pages) {
    static_cast<Connection*>(self)->log_pages_ = pages;
    return SQLITE_OK;
}

void Connection::upkeep() {
    if (checkpointer_ && checkpointer_->wants_end(log_pages_)) checkpointer_->end(database_.get());
}

void Connection::begin(Access access) { execute(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN", {}); }

void Connection::commit() { execute("COMMIT", {}); }

void Connection::roll_back() noexcept {
    // Some errors have undone the transaction already.
    if (sqlite3_get_autocommit(database_.get()) == 0)
        sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Connection::roll_back_to_save_point() {
    execute("ROLLBACK TO unit", {});
    release();
}

bool Connection::changed_elsewhere() {
    Rows rows = query("PRAGMA data_version");
    const std::int64_t version = rows.next() ? rows.integer(0) : 0;
    return std::exchange(data_version_, version) != version;
}

std::int64_t Connection::execute(const char* sql, std::span<const Value> values) {
    Statement& statement = prepare(sql);
    statement.bind(values, Statement::Keep::refer);
    while (statement.step()) {
    }
    statement.reset();
    return sqlite3_changes64(database_.get());
}

db::Statement& Connection::start(const char* sql, std::span<const Value> values) {
    Statement& statement = prepare(sql);
    statement.bind(values, Statement::Keep::copy);
    return statement;
}

Statement& Connection::prepare(const char* sql) {
    std::unique_ptr<Statement>& statement = statements_[sql];
    if (!statement) statement = std::make_unique<Statement>(database_.get(), sql);
    if (statement->busy()) throw std::logic_error{"its rows are still being read: " + std::string{sql}};
    return *statement;
}

}  // namespace aldis::db::sqlite
