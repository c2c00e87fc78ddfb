#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// For how long owners of archives want their messages to be kept, where they have said so.
class Retention {
public:
    static const std::span<const Migration> migrations;

    /// @return  nothing: the owner never said; 0 days: for ever
    [[nodiscard]] static std::optional<std::chrono::days> find(Connection& connection, std::string_view owner);
    /// @param keep  nothing: as long as the server thinks fit
    static void put(Unit& unit, std::string_view owner, std::optional<std::chrono::days> keep);
    static void remove_owner(Connection& connection, std::string_view owner);
    /// Has anybody said anything?
    [[nodiscard]] static bool any(Connection& connection);

    /// @return  true to the first who asks: he deletes what is too old, for all
    [[nodiscard]] bool take_charge() { return !taken_.exchange(true); }

private:
    std::atomic<bool> taken_{false};
};

}  // namespace aldis::db
