#include "net/poller.h"

namespace aldis::net {
namespace {

epoll_event event_for(std::uint32_t events, Pollable& target) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &target;
    return event;
}

}  // namespace

Poller::Poller() : epoll_{epoll_create1(EPOLL_CLOEXEC)} {
    if (!epoll_) throw_errno("epoll_create1");
}

void Poller::add(int fd, std::uint32_t events, Pollable& target) {
    epoll_event event = event_for(events, target);
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) throw_errno("epoll_ctl add");
}

void Poller::change(int fd, std::uint32_t events, Pollable& target) {
    epoll_event event = event_for(events, target);
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) throw_errno("epoll_ctl mod");
}

void Poller::remove(int fd, const Pollable& target) {
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    for (std::size_t i = at_; i < count_; ++i)
        if (ready_[i].data.ptr == &target) ready_[i].data.ptr = nullptr;
}

std::size_t Poller::fetch() {
    const int found = epoll_wait(epoll_.get(), ready_.data(), static_cast<int>(ready_.size()), 0);
    at_ = 0;
    count_ = found > 0 ? static_cast<std::size_t>(found) : 0;
    return count_;
}

bool Poller::next() {
    if (at_ == count_) return false;
    const epoll_event event = ready_[at_++];
    if (event.data.ptr != nullptr) static_cast<Pollable*>(event.data.ptr)->on_events(event.events);
    return true;
}

}  // namespace aldis::net
