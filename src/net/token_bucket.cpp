#include "net/token_bucket.h"

#include <algorithm>
#include <limits>

namespace aldis::net {
namespace {

// A quarter of what fits, so that sums of two cannot overflow.
constexpr std::size_t highest_rate = std::numeric_limits<std::int32_t>::max() / 4;

}  // namespace

void TokenBucket::set_rate(std::size_t per_second, Instant now) {
    rate_ = static_cast<std::uint32_t>(std::min(per_second, highest_rate));
    tokens_ = static_cast<std::int32_t>(rate_);
    filled_ = now;
}

std::size_t TokenBucket::available(Instant now) {
    if (rate_ == 0) return std::numeric_limits<std::size_t>::max();
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(
        std::clamp(now - filled_, Instant::duration{0}, Instant::duration{std::chrono::hours{1}}));
    const std::int64_t earned = passed.count() * rate_ / 1'000'000;
    if (earned > 0) {
        tokens_ = static_cast<std::int32_t>(std::min<std::int64_t>(rate_, tokens_ + earned));
        filled_ = now;
    }
    return tokens_ > 0 ? static_cast<std::size_t>(tokens_) : 0;
}

void TokenBucket::take(std::size_t count) {
    if (rate_ == 0) return;
    tokens_ -= static_cast<std::int32_t>(std::min(count, highest_rate));
    tokens_ = std::max(tokens_, -static_cast<std::int32_t>(highest_rate));
}

std::chrono::milliseconds TokenBucket::wait() const {
    const std::int64_t missing = std::int64_t{rate_} / 4 - tokens_;
    if (rate_ == 0 || missing <= 0) return std::chrono::milliseconds{0};
    return std::chrono::milliseconds{missing * 1000 / rate_ + 1};
}

}  // namespace aldis::net
