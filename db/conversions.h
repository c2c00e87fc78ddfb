#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// What an account has changed in one form and is about to be copied into another: a profile, bookmarks. It is noted in
/// the transaction of the change, so that a server that was killed in between goes on with it.
class Conversions {
public:
    static const std::span<const Migration> migrations;

    static void begin(Unit& unit, std::string_view owner, std::string_view what);
    static void begin(Connection& connection, std::string_view owner, std::string_view what);
    /// How often it has begun since it was last done; 0: there is nothing to do.
    [[nodiscard]] static std::int64_t begun(Connection& connection, std::string_view owner, std::string_view what);
    /// It is done, unless it has begun again.
    static void done(Unit& unit, std::string_view owner, std::string_view what, std::int64_t begun);
    static void remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
