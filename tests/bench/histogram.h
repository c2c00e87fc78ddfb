#pragma once
#include <array>
#include <chrono>
#include <cstdint>

namespace load {

/// Durations in buckets that are at most 1/64 of their value wide; fixed in size, cheap to add to.
class Histogram {
public:
    void add(std::chrono::nanoseconds duration);
    void add(const Histogram& other);
    /// @param share  0.99 for p99
    /// @return       the upper end of the bucket where it lies; 0 if nothing was added
    std::chrono::nanoseconds quantile(double share) const;
    std::uint64_t count() const { return count_; }
    void clear() { *this = {}; }

private:
    static constexpr unsigned steps = 64;    ///< buckets per doubling
    static constexpr unsigned octaves = 40;  ///< up to some hours
    static std::size_t bucket_of(std::uint64_t value);
    static std::uint64_t upper_end(std::size_t bucket);

    std::array<std::uint64_t, std::size_t{steps} * octaves> buckets_{};
    std::uint64_t count_ = 0;
};

}  // namespace load
