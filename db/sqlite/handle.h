#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "db/error.h"

namespace aldis::db::sqlite {

struct CloseDatabase {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;

/// What SQLite complains of, as an Error.
[[nodiscard]] Error error_of(sqlite3* database, int code, std::string_view what);

/// Opens a file with what all connections have in common.
/// @param flags  SQLITE_OPEN_...
/// @param vfs    null: the machine's
[[nodiscard]] Handle open(const std::string& path, int flags, int busy_milliseconds, const char* vfs = nullptr);

/// Before anything else is done with SQLite: settings of the whole process.
void configure_library();

/// Statements without values, such as PRAGMAs.
void execute(sqlite3* database, const char* sql);

}  // namespace aldis::db::sqlite
