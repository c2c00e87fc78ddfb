#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"
#include "db/migration.h"

namespace aldis::db {

/// What is stored under one name: one element, or several of the same name.
struct PrivateElement {
    std::string ns;
    std::string name;
    std::string xml;  ///< empty: nothing is

    friend bool operator==(const PrivateElement&, const PrivateElement&) = default;
};

/// XEP-0049: what clients keep for themselves. What changes it runs in a write job or a unit.
class PrivateData {
public:
    static const std::span<const Migration> migrations;

    /// Of one account.
    struct Bounds {
        std::uint64_t elements = 0;
        std::uint64_t bytes = 0;
    };

    /// Empty: nothing was stored under this name.
    [[nodiscard]] static std::string find(Connection& connection, std::string_view owner, std::string_view ns,
                                          std::string_view name);
    /// Replaces what is stored under these names, which differ from each other.
    /// @return  false: it would be too much, and nothing was changed
    static bool put(Connection& connection, std::string_view owner, const std::vector<PrivateElement>& elements,
                    const Bounds& bounds);
    static void remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
