#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// Who may know when somebody was last here. The values are those in the database.
struct LastSeenPrivacy {
    enum class Visible : std::uint8_t { subscribers = 0, nobody = 1, listed = 2 };
    Visible visible = Visible::subscribers;  ///< to whom; without a subscription, to none of them
    std::vector<std::string> list = {};      ///< addresses and domains

    friend bool operator==(const LastSeenPrivacy&, const LastSeenPrivacy&) = default;
};

/// XEP-0012 over restarts.
class LastActivity {
public:
    static const std::span<const Migration> migrations;

    [[nodiscard]] static std::optional<LastSeen> find(Connection& connection, std::string_view owner);
    static void put(Unit& unit, std::string_view owner, LastSeen seen);
    /// @return  nothing: the owner never said
    [[nodiscard]] static std::optional<LastSeenPrivacy> find_privacy(Connection& connection, std::string_view owner);
    static void put_privacy(Unit& unit, std::string_view owner, LastSeenPrivacy privacy);
    static void remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
