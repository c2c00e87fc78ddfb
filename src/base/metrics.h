#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the server counts, for Prometheus. Each shard asks the registry for counters of its own and writes only these:
/// an increment is a plain load and store. A scrape, on any thread, adds up what has the same name and labels.
namespace aldis::metrics {

/// Only goes up. Written by one thread, read by any.
class alignas(64) Counter {
public:
    void add(std::uint64_t more = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_ = 0;
};

/// Goes up and down. Written by one thread, read by any.
class alignas(64) Gauge {
public:
    void add(std::int64_t more = 1) noexcept { set(value() + more); }
    void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_ = 0;
};

/// What a histogram has seen.
struct Distribution {
    struct Bucket {
        double most;          ///< the bucket's upper bound, included
        std::uint64_t count;  ///< of what is in this bucket and in none before
    };
    std::vector<Bucket> buckets = {};
    std::uint64_t beyond = 0;  ///< what no bucket takes
    double sum = 0;
};

/// How values are distributed over buckets. Written by one thread, read by any.
class alignas(64) Histogram {
public:
    /// @param bounds  rising; what is larger than all of them is counted too
    explicit Histogram(std::span<const double> bounds);

    void observe(double value) noexcept;
    [[nodiscard]] Distribution read() const;

private:
    std::vector<double> bounds_;
    std::vector<std::atomic<std::uint64_t>> counts_;  // one more than there are bounds
    std::atomic<double> sum_ = 0;
};

/// From 10 microseconds to 10 seconds.
[[nodiscard]] std::span<const double> seconds_bounds();

/// {{"kind", "message"}, {"direction", "in"}}
using Labels = std::vector<std::pair<std::string, std::string>>;

/// All metrics of a server. Every function may be called from any thread; what they return lives as long as this.
/// Names and labels must be literals of ours: each combination is a time series that Prometheus keeps.
class Registry {
public:
    Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;
    ~Registry();

    /// A new one with each call.
    /// @throws std::logic_error  the name cannot be one, or is another kind's
    Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
    /// @param bounds  the same for all of one name
    Histogram& histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                         Labels labels = {});

    // What somebody else counts: asked at each scrape, on the thread of the scrape, and until this registry goes.
    using Read = std::move_only_function<double() const>;
    using ReadDistribution = std::move_only_function<Distribution() const>;
    void read_counter(std::string_view name, std::string_view help, Labels labels, Read read);
    void read_gauge(std::string_view name, std::string_view help, Labels labels, Read read);
    void read_histogram(std::string_view name, std::string_view help, Labels labels, ReadDistribution read);

    /// The text format 0.0.4 of Prometheus.
    [[nodiscard]] std::string text() const;

private:
    enum class Kind : std::uint8_t { counter, gauge, histogram };
    struct Series;
    struct Family;

    Series& series(std::string_view name, std::string_view help, Kind kind, Labels labels);
    static void append(std::string& text, const std::string& name, const Family& family);

    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Family>, std::less<>> families_;
};

/// Memory, processor time, descriptors and start of this process, and aldis_build_info.
void add_process_metrics(Registry& registry);

}  // namespace aldis::metrics
