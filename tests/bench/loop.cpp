#include "loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "connection.h"

namespace load {

Nanoseconds clock_now() { return std::chrono::steady_clock::now().time_since_epoch(); }

Loop::Loop() : epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
    if (epoll_ < 0) throw std::system_error{errno, std::generic_category(), "epoll_create1"};
}

Loop::~Loop() { ::close(epoll_); }

void Loop::turn(std::chrono::milliseconds longest) {
    std::array<epoll_event, 128> events;
    const int count =
        ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(longest.count()));
    for (int i = 0; i < count; ++i) {
        now_ = clock_now();
        const std::uint32_t what = events[i].events;
        static_cast<Connection*>(events[i].data.ptr)->ready((what & ~EPOLLOUT) != 0, (what & EPOLLOUT) != 0);
    }
    // Flushing may queue again (a connection that fails tells its owner), hence the swap.
    flushing_.swap(to_flush_);
    for (Connection* connection : flushing_) connection->flush();
    flushing_.clear();
}

namespace {

void control(int epoll, int operation, int descriptor, Connection& connection, bool for_writing) {
    epoll_event event{};
    event.events = for_writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.ptr = &connection;
    if (::epoll_ctl(epoll, operation, descriptor, &event) != 0)
        throw std::system_error{errno, std::generic_category(), "epoll_ctl"};
}

}  // namespace

void Loop::watch(int descriptor, Connection& connection, bool for_writing) {
    control(epoll_, EPOLL_CTL_ADD, descriptor, connection, for_writing);
}

void Loop::watch_again(int descriptor, Connection& connection, bool for_writing) {
    control(epoll_, EPOLL_CTL_MOD, descriptor, connection, for_writing);
}

}  // namespace load
