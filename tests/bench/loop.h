#pragma once
#include <chrono>
#include <cstdint>
#include <vector>

namespace load {

class Connection;
using Nanoseconds = std::chrono::nanoseconds;

/// The monotonic clock, read now.
Nanoseconds clock_now();

/// One epoll instance. Everything happens on the thread that calls turn().
class Loop {
public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Waits at most `longest` for events, lets their connections read, then writes what was queued meanwhile: one
    /// write per connection and turn.
    void turn(std::chrono::milliseconds longest);

    /// Turns until `done` says so or the time has come.
    /// @return  whether it was done in time
    template <class Done>
    bool turn_until(Done done, Nanoseconds deadline) {
        while (!done()) {
            if (now_ = clock_now(); now_ >= deadline) return false;
            turn(std::chrono::milliseconds{5});
        }
        return true;
    }

    /// When the current event was taken up.
    Nanoseconds now() const { return now_; }
    /// When the last byte came in on any connection.
    Nanoseconds last_byte() const { return last_byte_; }
    void note_bytes() { last_byte_ = now_; }

    // For connections.
    void watch(int descriptor, Connection& connection, bool for_writing);
    void watch_again(int descriptor, Connection& connection, bool for_writing);
    void forget(const Connection& connection) { std::erase(to_flush_, &connection); }
    void flush_soon(Connection& connection) { to_flush_.push_back(&connection); }

private:
    int epoll_;
    Nanoseconds now_ = clock_now();
    Nanoseconds last_byte_ = now_;
    std::vector<Connection*> to_flush_;
    std::vector<Connection*> flushing_;
};

}  // namespace load
