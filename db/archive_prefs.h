#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// What of an account's messages is archived: XEP-0441. The values are those in the database.
struct ArchivePreferences {
    enum class Default : std::uint8_t { always = 0, never = 1, roster = 2 };
    Default other = Default::always;       ///< for who is in neither list
    std::vector<std::string> always = {};  ///< JIDs
    std::vector<std::string> never = {};

    friend bool operator==(const ArchivePreferences&, const ArchivePreferences&) = default;
};

class ArchivePrefs {
public:
    static const std::span<const Migration> migrations;

    /// @return  nothing: the owner never said
    [[nodiscard]] static std::optional<ArchivePreferences> load(Connection& connection, std::string_view owner);
    static void put(Unit& unit, std::string_view owner, ArchivePreferences preferences);
    static void remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
