#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// A stanza that waits for its receiver.
struct OfflineStanza {
    std::int64_t id = 0;
    Timestamp at{};
    std::string stanza = {};
};

/// What waits for accounts without a resource: one queue each, in order. How long it may get is the caller's rule.
class Offline {
public:
    static const std::span<const Migration> migrations;

    /// @param id  will be the stanza's, when it is written
    static void append(Unit& unit, std::string_view owner, Timestamp at, Bytes stanza,
                       std::shared_ptr<std::atomic<std::int64_t>> id = {});
    /// The oldest first, after the id `after` (0: from the start).
    [[nodiscard]] static std::vector<OfflineStanza> load(Connection& connection, std::string_view owner,
                                                         std::int64_t after, std::size_t limit);
    static void remove_up_to(Unit& unit, std::string_view owner, std::int64_t id);
    static void remove(Unit& unit, std::string_view owner, std::int64_t first, std::int64_t last);
    /// Counts no further than `bound`.
    [[nodiscard]] static std::uint64_t count(Connection& connection, std::string_view owner, std::uint64_t bound);
    /// @return  how many there were
    static std::uint64_t remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
