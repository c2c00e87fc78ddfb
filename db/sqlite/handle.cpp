#include "db/sqlite/handle.h"

#include <cstring>
#include <mutex>

namespace aldis::db::sqlite {

namespace {

Fault fault_of(int code) {
    switch (code & 0xff) {
        case SQLITE_FULL: return Fault::disk_full;
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM: return Fault::io;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return Fault::busy;
        case SQLITE_CONSTRAINT: return Fault::constraint;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return Fault::corrupt;
        default: return Fault::other;
    }
}

}  // namespace

void configure_library() {
    static std::once_flag once;
    // No global statistics: all threads would share their lock.
    std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

Error error_of(sqlite3* database, int code, std::string_view what) {
    std::string text = "SQLite: " + std::string{what} + ": ";
    text += database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    const int cause = database ? sqlite3_system_errno(database) : 0;
    if (cause != 0 && fault_of(code) == Fault::io) text += " (" + std::string{std::strerror(cause)} + ")";
    return Error{fault_of(code), text};
}

Handle open(const std::string& path, int flags, int busy_milliseconds, const char* vfs) {
    configure_library();
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
    Handle database{opened};
    if (code != SQLITE_OK) throw error_of(opened, code, "cannot open " + path);
    sqlite3_busy_timeout(opened, busy_milliseconds);
    return database;
}

void execute(sqlite3* database, const char* sql) {
    const int code = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw error_of(database, code, sql);
}

}  // namespace aldis::db::sqlite
