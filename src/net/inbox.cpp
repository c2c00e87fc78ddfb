#include "net/inbox.h"

#include <sys/eventfd.h>

#include <iterator>

namespace aldis::net {

// Edge-triggered, so that it never needs to be read: each ring is an edge.
Inbox::Inbox(Poller& poller) : poller_{poller}, bell_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
    if (!bell_) throw_errno("eventfd");
    poller_.add(bell_.get(), EPOLLIN | EPOLLET, *this);
}

Inbox::~Inbox() { poller_.remove(bell_.get(), *this); }

void Inbox::ring() const {
    const eventfd_t one = 1;
    eventfd_write(bell_.get(), one);
}

void Inbox::put(Work work) {
    bool sleeps = false;
    {
        const std::lock_guard lock{mutex_};
        waiting_.push_back(std::move(work));
        filled_.store(true, std::memory_order_release);
        sleeps = std::exchange(asleep_, false);
    }
    if (sleeps) ring();
}

void Inbox::put_all(std::vector<Work>& batch) {
    bool sleeps = false;
    {
        const std::lock_guard lock{mutex_};
        if (waiting_.empty())
            waiting_.swap(batch);
        else
            std::ranges::move(batch, std::back_inserter(waiting_));
        filled_.store(true, std::memory_order_release);
        sleeps = std::exchange(asleep_, false);
    }
    batch.clear();
    if (sleeps) ring();
}

void Inbox::wake() {
    {
        const std::lock_guard lock{mutex_};
        rung_ = true;
        asleep_ = false;
    }
    ring();
}

void Inbox::take(std::vector<Work>& into) {
    if (!filled_.load(std::memory_order_acquire)) return;
    const std::lock_guard lock{mutex_};
    into.swap(waiting_);
    filled_.store(false, std::memory_order_release);
}

bool Inbox::may_sleep() {
    const std::lock_guard lock{mutex_};
    asleep_ = waiting_.empty() && !std::exchange(rung_, false);
    return asleep_;
}

void Inbox::awake() {
    const std::lock_guard lock{mutex_};
    asleep_ = false;
}

}  // namespace aldis::net
