#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace aldis::db {

/// The id of an archived message: its time in microseconds, moved on where another one has that already. So it sorts by
/// time, is unique over all archives of the store and is never used again.
class ArchiveId {
public:
    constexpr ArchiveId() = default;
    constexpr explicit ArchiveId(std::int64_t number) : number_{number} {}

    [[nodiscard]] constexpr std::int64_t number() const { return number_; }
    /// The time of the message: what its <delay/> says, and what `start` and `end` compare with.
    [[nodiscard]] constexpr Timestamp time() const { return Timestamp{std::chrono::microseconds{number_}}; }
    /// 16 hexadecimal digits, whose order is that of the ids.
    [[nodiscard]] std::string text() const;
    /// Nothing where no id could look so.
    [[nodiscard]] static std::optional<ArchiveId> parse(std::string_view text);

    static constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    friend constexpr auto operator<=>(const ArchiveId&, const ArchiveId&) = default;

private:
    std::int64_t number_ = 0;
};

}  // namespace aldis::db
