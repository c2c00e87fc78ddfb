#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "net/socket.h"

namespace aldis::net {

/// Whoever is called when a file descriptor is ready.
class Pollable {
public:
    /// @param events  EPOLLIN, EPOLLOUT, EPOLLHUP ... as epoll_wait(2) reports them
    virtual void on_events(std::uint32_t events) = 0;

protected:
    ~Pollable() = default;
};

/// One epoll set. Level-triggered: a descriptor is registered once and changed only when its interest changes.
class Poller {
public:
    Poller();

    void add(int fd, std::uint32_t events, Pollable& target);
    void change(int fd, std::uint32_t events, Pollable& target);
    /// From here on `target` is not called any more, also not for events that were already fetched.
    void remove(int fd, const Pollable& target);

    /// Fetches what is ready, without waiting.
    /// @return how many; each is handed out by one call of next()
    std::size_t fetch();
    /// Calls the next target that fetch() found. False when there is none.
    bool next();

    [[nodiscard]] int fd() const { return epoll_.get(); }

private:
    Fd epoll_;
    std::array<epoll_event, 256> ready_{};
    std::size_t at_ = 0;
    std::size_t count_ = 0;
};

}  // namespace aldis::net
