#pragma once

#include <functional>
#include <initializer_list>

#include "net/shard.h"

namespace aldis::net {

/// Hands the process's signals to a shard. Create it before other threads start: they inherit what it blocks.
class Signals final : private Pollable {
public:
    using OnSignal = std::function<void(int)>;

    /// @param wanted     e.g. {SIGTERM, SIGINT, SIGHUP}; they stay blocked for good
    /// @param on_signal  called on the shard's thread
    Signals(Shard& shard, std::initializer_list<int> wanted, OnSignal on_signal);
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals();

private:
    void on_events(std::uint32_t) override;

    Shard& shard_;
    OnSignal on_signal_;
    Fd fd_;
};

/// A peer that has gone is told by send(2), not by a signal. OpenSSL and libraries may write without MSG_NOSIGNAL.
void ignore_broken_pipes();

}  // namespace aldis::net
