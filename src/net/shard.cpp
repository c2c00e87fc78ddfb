#include "net/shard.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "net/asio.h"

namespace aldis::net {
namespace {

thread_local Shard* current_shard = nullptr;

// Turns under load before HTTP, which waits in the io_context, gets its turn.
constexpr int most_turns_in_a_row = 32;

}  // namespace

/// The io_context watches the poller as one descriptor among others, and is the only place where the thread sleeps.
struct Shard::Loop {
    boost::asio::io_context context{1};
    boost::asio::posix::stream_descriptor watched{context};
    bool waiting = false;

    explicit Loop(const Poller& poller) { watched.assign(dup(poller.fd())); }

    void watch() {
        if (std::exchange(waiting, true)) return;
        watched.async_wait(boost::asio::posix::descriptor_base::wait_read,
                           [this](const boost::system::error_code&) { waiting = false; });
    }
    void sleep() {
        watch();
        context.restart();
        context.run_one();
        context.poll();
    }
    void look() {
        context.restart();
        context.poll();
    }
};

/// Edge-triggered, so that it never needs to be read.
struct Shard::Alarm final : Pollable {
    Poller& poller;
    Fd fd{timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
    std::optional<Instant> set_for;

    explicit Alarm(Poller& owner) : poller{owner} {
        if (!fd) throw_errno("timerfd_create");
        poller.add(fd.get(), EPOLLIN | EPOLLET, *this);
    }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    ~Alarm() { poller.remove(fd.get(), *this); }

    void on_events(std::uint32_t) override { set_for.reset(); }

    void set(std::optional<Instant> when) {
        if (when == set_for) return;
        set_for = when;
        itimerspec at{};  // all zero: never
        if (when) {
            const auto since = std::max(when->time_since_epoch(), Instant::duration{1});
            const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
            at.it_value.tv_sec = seconds.count();
            at.it_value.tv_nsec = std::chrono::nanoseconds{since - seconds}.count();
        }
        timerfd_settime(fd.get(), TFD_TIMER_ABSTIME, &at, nullptr);
    }
};

struct LoopAccess {
    static boost::asio::io_context& of(Shard& shard) { return shard.loop_->context; }
};

boost::asio::io_context& io_context_of(Shard& shard) { return LoopAccess::of(shard); }

Shard::Shard(unsigned index, const Clock& clock, Random& random)
    : index_{index},
      clock_{clock},
      random_{random},
      now_{clock.steady()},
      wheel_{now_},
      inbox_{poller_},
      alarm_{std::make_unique<Alarm>(poller_)},
      loop_{std::make_unique<Loop>(poller_)},
      scratch_(scratch_size),
      // A chunk of the scratch buffer may complete one TLS record whose beginning came before.
      plain_scratch_(scratch_size + 16 * 1024) {}

// What is still queued may own things that are registered here, so it goes while everything else is still alive.
Shard::~Shard() {
    loop_.reset();
    inbox_.take(running_);
    running_.clear();
    posted_.clear();
    batches_.clear();
    hooks_.clear();
    dispose_all();
}

Shard* Shard::current() { return current_shard; }

void Shard::run() {
    current_shard = this;
    int turns = 0;
    while (!stopping_.load(std::memory_order_relaxed)) {
        if (turn()) {
            if (++turns < most_turns_in_a_row) continue;
            loop_->look();
        } else {
            wait();
        }
        turns = 0;
    }
    stopping_ = false;
    current_shard = nullptr;
}

void Shard::stop() {
    stopping_ = true;
    inbox_.wake();
}

void Shard::poll() {
    Shard* const before = std::exchange(current_shard, this);
    do loop_->look();
    while (turn());
    current_shard = before;
}

void Shard::post(Work work) {
    if (current_shard == this)
        posted_.push_back(std::move(work));
    else
        inbox_.put(std::move(work));
}

void Shard::send_to(Shard& other, Work work) {
    if (&other == this) return posted_.push_back(std::move(work));
    auto batch = std::ranges::find(batches_, &other, &Batch::to);
    if (batch == batches_.end()) batch = batches_.insert(batches_.end(), Batch{&other, {}});
    batch->work.push_back(std::move(work));
}

void Shard::at_end_of_turn(Work work) { hooks_.push_back(std::move(work)); }

void Shard::flush_later(Flushable& target) {
    if (target.dirty_at_ != Flushable::clean) return;
    target.dirty_at_ = static_cast<std::uint32_t>(dirty_.size());
    dirty_.push_back(&target);
}

void Shard::forget(Flushable& target) {
    if (target.dirty_at_ == Flushable::clean) return;
    dirty_[target.dirty_at_] = nullptr;
    target.dirty_at_ = Flushable::clean;
}

void Shard::guarded(auto&& handler) {
    try {
        handler();
    } catch (...) {
        if (!on_fault_) throw;
        on_fault_(std::current_exception());
    }
}

/// True if there was anything to do.
bool Shard::turn() {
    ++counters_.turns;
    now_ = clock_.steady();
    bool busy = poll_events();
    busy |= run_posted();
    run_timers();
    run_hooks();
    deliver_batches();
    flush_all();
    dispose_all();
    return busy || work_left();
}

bool Shard::poll_events() {
    if (poller_.fetch() == 0) return false;
    bool more = true;
    while (more) guarded([&] { more = poller_.next(); });
    return true;
}

bool Shard::run_posted() {
    // Twice: what our own thread posted, then what came from others.
    bool any = false;
    for (const bool own : {true, false}) {
        if (own)
            running_.swap(posted_);
        else
            inbox_.take(running_);
        any |= !running_.empty();
        for (Work& work : running_) guarded(work);
        running_.clear();
    }
    return any;
}

void Shard::run_timers() {
    bool done = false;
    while (!done)
        guarded([&] {
            wheel_.advance(now_);
            done = true;
        });
}

void Shard::run_hooks() {
    while (!hooks_.empty()) {
        running_.swap(hooks_);
        for (Work& work : running_) guarded(work);
        running_.clear();
    }
}

void Shard::deliver_batches() {
    for (Batch& batch : batches_)
        if (!batch.work.empty()) batch.to->inbox_.put_all(batch.work);
}

void Shard::flush_all() {
    for (std::size_t i = 0; i < dirty_.size(); ++i) {
        Flushable* const target = dirty_[i];
        if (target == nullptr) continue;
        dirty_[i] = nullptr;
        target->dirty_at_ = Flushable::clean;
        guarded([target] { target->flush(); });
    }
    dirty_.clear();
}

void Shard::dispose_all() {
    while (!garbage_.empty()) {
        running_.swap(garbage_);
        running_.clear();
    }
}

bool Shard::work_left() const {
    return !posted_.empty() || !hooks_.empty() || !dirty_.empty() ||
           std::ranges::any_of(batches_, [](const Batch& batch) { return !batch.work.empty(); });
}

void Shard::wait() {
    alarm_->set(wheel_.next());
    if (!inbox_.may_sleep()) return;
    guarded([this] { loop_->sleep(); });
    inbox_.awake();
}

}  // namespace aldis::net
