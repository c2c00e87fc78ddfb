#include "histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace load {

void Histogram::add(std::chrono::nanoseconds duration) {
    const std::int64_t value = std::max<std::int64_t>(duration.count(), 0);
    ++buckets_[std::min(bucket_of(static_cast<std::uint64_t>(value)), buckets_.size() - 1)];
    ++count_;
}

void Histogram::add(const Histogram& other) {
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) buckets_[bucket] += other.buckets_[bucket];
    count_ += other.count_;
}

std::chrono::nanoseconds Histogram::quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen > 0 && seen >= wanted) return std::chrono::nanoseconds{upper_end(bucket)};
    }
    return {};
}

/// Values below `steps` have a bucket each; above, the leading bit chooses the octave and the six bits behind it the
/// step.
std::size_t Histogram::bucket_of(std::uint64_t value) {
    if (value < steps) return value;
    const unsigned octave = static_cast<unsigned>(std::bit_width(value)) - 7;
    return std::size_t{steps} * (octave + 1) + ((value >> octave) - steps);
}

std::uint64_t Histogram::upper_end(std::size_t bucket) {
    if (bucket < steps) return bucket;
    const std::size_t octave = bucket / steps - 1;
    return ((bucket % steps + steps + 1) << octave) - 1;
}

}  // namespace load
