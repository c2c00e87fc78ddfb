#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// Whom accounts have blocked: XEP-0191. How many there may be is the caller's rule.
class Blocks {
public:
    static const std::span<const Migration> migrations;

    /// In the order of their bytes.
    [[nodiscard]] static std::vector<std::string> load(Connection& connection, std::string_view owner);
    /// Is one of these blocked by this account?
    [[nodiscard]] static bool any(Connection& connection, std::string_view owner,
                                  std::span<const std::string_view> addresses);
    /// Those that are there already stay.
    static void add(Unit& unit, std::string_view owner, std::vector<std::string> addresses);
    static void remove(Unit& unit, std::string_view owner, std::vector<std::string> addresses);
    static void remove_all(Unit& unit, std::string_view owner);
    static void remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
