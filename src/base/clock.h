#pragma once

#include <chrono>

namespace aldis {

/// Wall-clock time, UTC, in microseconds: what archives and delays are stamped with.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
/// Time that never jumps: what timeouts are measured with.
using Instant = std::chrono::steady_clock::time_point;

/// Where time comes from, so that a test can hold it in its hand.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;
    [[nodiscard]] virtual Instant steady() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
    [[nodiscard]] Instant steady() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace aldis
