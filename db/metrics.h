#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace aldis::db {

/// Counts of values by power of two: bucket n holds what is below 2^n and in no bucket before.
struct Histogram {
    std::array<std::atomic<std::uint64_t>, 28> buckets{};
    std::atomic<std::uint64_t> sum{0};

    void add(std::uint64_t value) {
        const auto bucket = static_cast<std::size_t>(std::bit_width(value));
        buckets[bucket < buckets.size() ? bucket : buckets.size() - 1].fetch_add(1, std::memory_order_relaxed);
        sum.fetch_add(value, std::memory_order_relaxed);
    }
};

/// What the writer and the readers have done since start. Any thread may read it.
struct Metrics {
    std::atomic<std::uint64_t> transactions{0};
    std::atomic<std::uint64_t> units_committed{0};
    std::atomic<std::uint64_t> units_failed{0};
    std::atomic<std::uint64_t> units_waiting{0};
    std::atomic<std::uint64_t> bytes_waiting{0};
    std::atomic<std::uint64_t> reads{0};
    std::atomic<std::uint64_t> reads_waiting{0};
    std::atomic<std::uint64_t> checkpoints{0};
    Histogram batch_units;               ///< units per transaction
    Histogram transaction_microseconds;  ///< from the first statement to the end of the commit
    Histogram commit_microseconds;       ///< the commit alone, with its sync
};

}  // namespace aldis::db
