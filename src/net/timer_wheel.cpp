#include "net/timer_wheel.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace aldis::net {
namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

unsigned low_six(std::uint64_t number) { return static_cast<unsigned>(number & 63U); }

}  // namespace

void TimerNode::cancel() {
    if (wheel_ != nullptr) wheel_->cancel(*this);
}

TimerWheel::~TimerWheel() {
    for (unsigned level = 0; level < levels; ++level)
        for (unsigned slot = 0; slot < slots; ++slot)
            while (take_first(level, slot) != nullptr) {
            }
}

void TimerWheel::start(TimerNode& node, Instant when) {
    node.cancel();
    // Rounded up, and never the tick that is being served: a timer is not early, and zero is not "at once".
    const auto after = std::max(when - origin_, Instant::duration{0});
    const auto ticks = static_cast<std::uint64_t>((after + tick - Instant::duration{1}) / tick);
    node.due_ = std::clamp(ticks, now_ + 1, now_ + span - 1);
    insert(node);
}

void TimerWheel::cancel(TimerNode& node) {
    if (node.wheel_ == this) unlink(node);
}

void TimerWheel::insert(TimerNode& node) {
    const std::uint64_t ahead = node.due_ - now_;
    unsigned level = 0;
    while (ahead >> (bits * (level + 1)) != 0) ++level;
    const unsigned slot = low_six(node.due_ >> (bits * level));
    TimerNode*& first = first_[level][slot];
    node.level_ = static_cast<std::uint8_t>(level);
    node.slot_ = static_cast<std::uint8_t>(slot);
    node.previous_ = nullptr;
    node.next_ = first;
    if (first != nullptr) first->previous_ = &node;
    first = &node;
    node.wheel_ = this;
    occupied_[level] |= std::uint64_t{1} << slot;
    ++size_;
}

void TimerWheel::unlink(TimerNode& node) {
    TimerNode*& first = first_[node.level_][node.slot_];
    if (node.next_ != nullptr) node.next_->previous_ = node.previous_;
    (node.previous_ != nullptr ? node.previous_->next_ : first) = node.next_;
    if (first == nullptr) occupied_[node.level_] &= ~(std::uint64_t{1} << node.slot_);
    node.previous_ = node.next_ = nullptr;
    node.wheel_ = nullptr;
    --size_;
}

TimerNode* TimerWheel::take_first(unsigned level, unsigned slot) {
    TimerNode* const node = first_[level][slot];
    if (node != nullptr) unlink(*node);
    return node;
}

/// Spreads the slot of a higher wheel whose time has come over the wheels below.
void TimerWheel::cascade(unsigned level) {
    const unsigned slot = low_six(now_ >> (bits * level));
    while (TimerNode* const node = take_first(level, slot)) insert(*node);
}

void TimerWheel::turn_to_next_tick() {
    ++now_;
    for (unsigned level = levels - 1; level > 0; --level)
        if ((now_ & ((std::uint64_t{1} << (bits * level)) - 1)) == 0) cascade(level);
    fire();
}

/// Calls everything that is due in this tick.
void TimerWheel::fire() {
    const unsigned slot = low_six(now_);
    while (TimerNode* const node = take_first(0, slot)) node->on_timer();
}

void TimerWheel::advance(Instant now) {
    if (now <= origin_) return;
    fire();  // what an exception left over
    const auto target = static_cast<std::uint64_t>((now - origin_) / tick);
    while (now_ < target) {
        const std::uint64_t next = next_tick();
        if (next > target) {
            now_ = target;
            return;
        }
        now_ = next - 1;
        turn_to_next_tick();
    }
}

std::uint64_t TimerWheel::next_tick() const {
    std::uint64_t next = never;
    for (unsigned level = 0; level < levels; ++level) {
        if (occupied_[level] == 0) continue;
        const std::uint64_t here = now_ >> (bits * level);
        const std::uint64_t ahead = std::rotr(occupied_[level], static_cast<int>(low_six(here + 1)));
        next = std::min(next, (here + 1 + static_cast<std::uint64_t>(std::countr_zero(ahead))) << (bits * level));
    }
    return next;
}

std::optional<Instant> TimerWheel::next() const {
    const std::uint64_t at = next_tick();
    if (at == never) return std::nullopt;
    return origin_ + tick * static_cast<std::int64_t>(at);
}

}  // namespace aldis::net
