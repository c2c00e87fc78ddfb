#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "db/connection.h"

namespace aldis::db {

/// A time as it is kept in a column.
[[nodiscard]] inline std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }

[[nodiscard]] inline Timestamp time_of(const Rows& rows, int column) {
    return Timestamp{std::chrono::microseconds{rows.integer(column)}};
}

[[nodiscard]] inline std::optional<Timestamp> optional_time_of(const Rows& rows, int column) {
    if (rows.is_null(column)) return std::nullopt;
    return time_of(rows, column);
}

/// A bare JID without '@' is a domain, and the account of that domain itself.
[[nodiscard]] inline std::string_view domain_of(std::string_view bare) {
    const std::size_t at = bare.find('@');
    return at == std::string_view::npos ? bare : bare.substr(at + 1);
}

}  // namespace aldis::db
