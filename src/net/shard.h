#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/inbox.h"
#include "net/output.h"
#include "net/poller.h"
#include "net/timer_wheel.h"

namespace aldis::net {

/// Whoever has something to do at the end of the turn in which it said so.
class Flushable {
public:
    virtual void flush() = 0;

protected:
    ~Flushable() = default;

private:
    friend class Shard;
    static constexpr std::uint32_t clean = ~std::uint32_t{0};
    std::uint32_t dirty_at_ = clean;  // its place in the shard's list
};

/// A number that one thread changes and any thread may read.
class Tally {
public:
    Tally() = default;
    Tally(const Tally& other) : value_{other.value()} {}
    Tally& operator=(const Tally& other) {
        value_.store(other.value(), std::memory_order_relaxed);
        return *this;
    }
    operator std::uint64_t() const { return value(); }  // NOLINT: it is a number
    Tally& operator+=(std::uint64_t more) {
        value_.store(value() + more, std::memory_order_relaxed);
        return *this;
    }
    Tally& operator-=(std::uint64_t less) { return *this += -less; }
    Tally& operator++() { return *this += 1; }
    Tally& operator--() { return *this -= 1; }
    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// What a shard counts.
struct ShardCounters {
    Tally turns;
    Tally accepted;
    Tally bytes_in;
    Tally bytes_out;
    Tally connections;   ///< that are on this shard now
    Tally queued_bytes;  ///< sent by us, not yet taken by the kernel
};

/// One thread's loop. Everything that lives on a shard is touched by its thread only; other threads post.
///
/// A turn: what epoll reports -> what was posted -> timers -> at_end_of_turn -> batches to other shards -> output of
/// every connection that has any -> dispose. The shard must outlive what is registered with it.
class Shard {
public:
    Shard(unsigned index, const Clock& clock, Random& random);
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    ~Shard();

    /// Turns until stop(). The calling thread is the shard's thread from now on.
    void run();
    /// Makes run() return after its turn. From any thread.
    void stop();
    /// Turns until there is nothing to do right now, without waiting: for tests with a clock of their own.
    void poll();

    /// From any thread: `work` runs on this shard's thread, after what the same thread posted before.
    void post(Work work);
    /// From this shard's thread: like other.post(), but delivered in one batch at the end of the turn, so never before
    /// the caller's turn is over.
    void send_to(Shard& other, Work work);
    /// The shard whose thread this is; nullptr elsewhere.
    [[nodiscard]] static Shard* current();

    /// Runs `work` once, at the end of this turn, before output is written.
    void at_end_of_turn(Work work);
    /// Calls target.flush() at the end of this turn, once, however often it is asked for.
    void flush_later(Flushable& target);
    void forget(Flushable& target);
    /// Destroys `object` when the turn ends: for what is let go of inside a call that it made itself.
    template <class T>
    void dispose(std::unique_ptr<T> object) {
        if (object) garbage_.push_back([object = std::move(object)] {});
    }

    /// Called with what was thrown out of a handler, on the shard's thread. Without it, such an exception leaves run().
    void set_fault_handler(std::function<void(std::exception_ptr)> handler) { on_fault_ = std::move(handler); }

    [[nodiscard]] unsigned index() const { return index_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }
    [[nodiscard]] Random& random() const { return random_; }
    /// Steady time as of the start of this turn. Handlers of the io_context run between turns: there, ask the clock.
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] Poller& poller() { return poller_; }
    [[nodiscard]] TimerWheel& timers() { return wheel_; }
    [[nodiscard]] BufferPool& buffers() { return buffers_; }
    [[nodiscard]] ShardCounters& counters() { return counters_; }
    /// Where a connection reads to: its bytes are gone when the next one reads.
    [[nodiscard]] std::span<char> scratch() { return scratch_; }
    /// A second one, for what is decrypted.
    [[nodiscard]] std::span<char> plain_scratch() { return plain_scratch_; }
    /// A string to put together what is encrypted. Whoever uses it clears it first.
    [[nodiscard]] std::string& cipher_scratch() { return cipher_scratch_; }

    static constexpr std::size_t scratch_size = 64 * 1024;

private:
    struct Loop;  // the io_context
    friend struct LoopAccess;

    bool turn();
    bool poll_events();
    bool run_posted();
    void run_timers();
    void run_hooks();
    void deliver_batches();
    void flush_all();
    void dispose_all();
    [[nodiscard]] bool work_left() const;
    void wait();
    void guarded(auto&& handler);

    const unsigned index_;
    const Clock& clock_;
    Random& random_;
    Instant now_;
    Poller poller_;
    TimerWheel wheel_;
    Inbox inbox_;
    BufferPool buffers_;
    ShardCounters counters_;
    std::function<void(std::exception_ptr)> on_fault_;

    struct Alarm;  // wakes the shard for its next timer
    std::unique_ptr<Alarm> alarm_;
    std::unique_ptr<Loop> loop_;
    std::atomic<bool> stopping_ = false;

    struct Batch {
        Shard* to;
        std::vector<Work> work;
    };
    std::vector<Batch> batches_;
    std::vector<Work> posted_;   // by our own thread
    std::vector<Work> running_;  // spare vector, so that no turn allocates
    std::vector<Work> hooks_;
    std::vector<Flushable*> dirty_;  // nullptr: has gone
    std::vector<Work> garbage_;

    std::vector<char> scratch_;
    std::vector<char> plain_scratch_;
    std::string cipher_scratch_;
};

/// Something that happens once, later, on one shard.
class Timer final : public TimerNode {
public:
    Timer(Shard& shard, std::move_only_function<void()> callback) : shard_{&shard}, callback_{std::move(callback)} {}

    /// Starts it, or starts it again. Late by up to TimerWheel::tick, never early.
    void start(Instant::duration after) { shard_->timers().start(*this, shard_->clock().steady() + after); }
    void stop() { cancel(); }
    /// It must not be running.
    void move_to(Shard& shard) { shard_ = &shard; }

private:
    void on_timer() override { callback_(); }

    Shard* shard_;
    std::move_only_function<void()> callback_;
};

}  // namespace aldis::net
