#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// When an account's last resource went, and what it said.
struct LastSeen {
    Timestamp at{};
    std::string status = {};  ///< of the last unavailable presence
};

/// XEP-0012 over restarts.
class LastActivity {
public:
    static const std::span<const Migration> migrations;

    [[nodiscard]] static std::optional<LastSeen> find(Connection& connection, std::string_view owner);
    static void put(Unit& unit, std::string_view owner, LastSeen seen);
    static void remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
