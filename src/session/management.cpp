#include "session/management.h"

#include <algorithm>

namespace aldis::session {

void Unacknowledged::add(Stanza stanza) {
    bytes_ += stanza.wire->size();
    stanzas_.push_back(std::move(stanza));
}

std::optional<std::vector<Unacknowledged::Stanza>> Unacknowledged::acknowledge(std::uint32_t h) {
    const std::uint32_t more = h - acknowledged_;  // modulo 2^32
    if (more > size()) return std::nullopt;
    std::vector<Stanza> done;
    done.reserve(more);
    for (std::uint32_t i = 0; i < more; ++i) {
        bytes_ -= stanzas_[first_].wire->size();
        done.push_back(std::move(stanzas_[first_++]));
    }
    acknowledged_ = h;
    if (first_ == stanzas_.size()) {
        stanzas_.clear();
        first_ = 0;
        constexpr std::size_t worth_keeping = 8;  // half a KiB, which many idle sessions keep
        if (stanzas_.capacity() > worth_keeping) stanzas_.shrink_to_fit();
    } else if (first_ > stanzas_.size() / 2) {
        stanzas_.erase(stanzas_.begin(), stanzas_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    return done;
}

bool Unacknowledged::matters() const {
    constexpr std::size_t enough_presence = 20;
    if (size() >= enough_presence) return true;
    return std::any_of(stanzas_.begin() + static_cast<std::ptrdiff_t>(first_), stanzas_.end(),
                       [](const Stanza& stanza) { return stanza.kind != stanza::Kind::presence; });
}

std::vector<Unacknowledged::Stanza> Unacknowledged::take_all() {
    stanzas_.erase(stanzas_.begin(), stanzas_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
    bytes_ = 0;
    return std::exchange(stanzas_, {});
}

void Handled::finish(std::uint64_t number) {
    if (number != finished_ + 1) {
        early_.push_back(number);
        std::ranges::push_heap(early_, std::greater{});
        return;
    }
    ++finished_;
    while (!early_.empty() && early_.front() == finished_ + 1) {
        ++finished_;
        std::ranges::pop_heap(early_, std::greater{});
        early_.pop_back();
    }
}

}  // namespace aldis::session
