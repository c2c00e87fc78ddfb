#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// Who may see what an account tells of itself. The values are those in the database.
enum class Visibility : std::uint8_t { everyone = 0, subscribers = 1, nobody = 2 };

/// The picture in a vCard.
struct Avatar {
    std::string hash;  ///< SHA-1 in hexadecimal
    std::string type;  ///< image/png ...
    std::string bytes;

    friend bool operator==(const Avatar&, const Avatar&) = default;
};

/// What there is without looking at the whole: small enough to be kept in memory.
struct ProfileFacts {
    Visibility visibility = Visibility::everyone;
    std::string hash = {};  ///< of the picture; empty: there is none

    friend bool operator==(const ProfileFacts&, const ProfileFacts&) = default;
};

struct Profile {
    ProfileFacts facts = {};
    std::string card = {};  ///< <vCard/> without the picture; empty: there is none
    std::optional<Avatar> avatar = {};
};

/// XEP-0054: what accounts tell of themselves, and to whom. What changes it runs in a write job or a unit.
class Vcards {
public:
    static const std::span<const Migration> migrations;

    [[nodiscard]] static ProfileFacts facts(Connection& connection, std::string_view owner);
    [[nodiscard]] static Profile find(Connection& connection, std::string_view owner);

    static void put_card(Connection& connection, std::string_view owner, std::string_view card);
    /// Nothing: the picture goes.
    static void put_avatar(Connection& connection, std::string_view owner, const std::optional<Avatar>& avatar);
    static void set_visibility(Connection& connection, std::string_view owner, Visibility visibility);
    static void remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
