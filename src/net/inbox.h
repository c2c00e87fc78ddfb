#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "net/poller.h"

namespace aldis::net {

/// Something to be done on a shard's thread.
using Work = std::move_only_function<void()>;

/// What other threads want of a shard. Wakes it only if it sleeps: under load a message costs no system call.
class Inbox final : public Pollable {
public:
    explicit Inbox(Poller& poller);
    ~Inbox();

    /// From any thread.
    void put(Work work);
    /// From any thread: everything in `batch`, in order, with at most one wake-up. Leaves `batch` empty.
    void put_all(std::vector<Work>& batch);
    /// From any thread: makes the owner look around, without work.
    void wake();

    /// The owner takes everything. `into` must be empty.
    void take(std::vector<Work>& into);
    /// The owner announces that it is about to sleep. False if work is waiting: then it must not.
    [[nodiscard]] bool may_sleep();
    void awake();

private:
    void on_events(std::uint32_t) override {}  // it has been woken, that is all
    void ring() const;

    Poller& poller_;
    Fd bell_;
    std::mutex mutex_;
    std::vector<Work> waiting_;
    bool asleep_ = false;
    bool rung_ = false;
    std::atomic<bool> filled_ = false;
};

}  // namespace aldis::net
