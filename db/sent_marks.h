#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// A message that an account has sent, without what it says.
struct SentMark {
    Timestamp at{};
    std::uint64_t message = 0;  ///< by which it is recognised; below 2^63
    std::uint32_t id = 0;       ///< by which an error is recognised that answers it
};

/// What was sent of late and is not in its sender's archive, so that it is recognised over restarts.
class SentMarks {
public:
    static const std::span<const Migration> migrations;

    /// @param lasting  older marks, of whatever account, are deleted by and by
    static void add(Unit& unit, std::string_view owner, SentMark mark, std::chrono::seconds lasting);
    /// The newest ones since then, the oldest of them first.
    [[nodiscard]] static std::vector<SentMark> since(Connection& connection, std::string_view owner, Timestamp since,
                                                     std::size_t at_most);
    static void remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
