#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace aldis::net {

class TimerWheel;

/// Something that happens once, later. Intrusive: it sits in the wheel itself, and leaves it when it is destroyed.
class TimerNode {
public:
    TimerNode() = default;
    TimerNode(const TimerNode&) = delete;
    TimerNode& operator=(const TimerNode&) = delete;

    [[nodiscard]] bool running() const { return wheel_ != nullptr; }
    void cancel();

protected:
    ~TimerNode() { cancel(); }
    /// The time has come. The node is not running any more and may be started again, or destroyed.
    virtual void on_timer() = 0;

private:
    friend class TimerWheel;
    TimerNode* previous_ = nullptr;
    TimerNode* next_ = nullptr;
    TimerWheel* wheel_ = nullptr;
    std::uint64_t due_ = 0;  // in ticks since the wheel's origin
    std::uint8_t level_ = 0;
    std::uint8_t slot_ = 0;
};

/// All timers of a shard: four wheels of 64 slots, each slot of a higher wheel as long as the whole wheel below it.
/// Starting and cancelling take constant time; an empty wheel asks for no wake-up.
class TimerWheel {
public:
    /// Timers are late by at most this much, never early.
    static constexpr std::chrono::milliseconds tick{100};

    explicit TimerWheel(Instant origin) : origin_{origin} {}
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;
    ~TimerWheel();

    /// Starts `node`, or starts it again. More than 19 days away counts as 19 days.
    void start(TimerNode& node, Instant when);
    void cancel(TimerNode& node);
    /// Calls what has become due until `now`. If one of them throws, call again for the rest.
    void advance(Instant now);
    /// When advance() has something to do next; nothing if no timer runs.
    [[nodiscard]] std::optional<Instant> next() const;
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    static constexpr unsigned levels = 4;
    static constexpr unsigned bits = 6;  // of a tick count that choose the slot of one level
    static constexpr std::uint64_t slots = 1U << bits;
    static constexpr std::uint64_t span = std::uint64_t{1} << (levels * bits);

    void insert(TimerNode& node);
    void unlink(TimerNode& node);
    TimerNode* take_first(unsigned level, unsigned slot);
    void cascade(unsigned level);
    void turn_to_next_tick();
    void fire();
    [[nodiscard]] std::uint64_t next_tick() const;

    Instant origin_;
    std::uint64_t now_ = 0;
    std::size_t size_ = 0;
    std::array<std::uint64_t, levels> occupied_{};  // one bit per slot
    std::array<std::array<TimerNode*, slots>, levels> first_{};
};

}  // namespace aldis::net
