#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace aldis::net {

/// Limits an average rate; a second's worth may come at once.
class TokenBucket {
public:
    /// 0 means no limit.
    void set_rate(std::size_t per_second, Instant now);

    /// How many may come now; the largest number if there is no limit.
    [[nodiscard]] std::size_t available(Instant now);
    /// `count` have come. More than were available is borrowed from the future.
    void take(std::size_t count);
    /// How long until a quarter of a second's worth is there again.
    [[nodiscard]] std::chrono::milliseconds wait() const;

private:
    std::uint32_t rate_ = 0;
    std::int32_t tokens_ = 0;
    Instant filled_{};
};

}  // namespace aldis::net
