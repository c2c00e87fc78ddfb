#include "base/metrics.h"

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace aldis::metrics {
namespace {

/// "[a-zA-Z_:][a-zA-Z0-9_:]*", of which colons are for the rules of whoever scrapes.
bool is_name(std::string_view name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && is_letter(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void append_escaped(std::string& text, std::string_view value, bool quotes) {
    for (const char letter : value) {
        if (letter == '\n') {
            text += "\\n";
        } else {
            if (letter == '\\' || (quotes && letter == '"')) text += '\\';
            text += letter;
        }
    }
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    if (std::abs(value) < 1e15 && value == std::trunc(value)) return std::to_string(static_cast<std::int64_t>(value));
    std::array<char, 32> digits{};
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

/// A bound in six digits: what was computed need not show how doubles round.
std::string bound(double value) {
    std::array<char, 32> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::general, 6).ptr;
    return {digits.data(), end};
}

void append_labels(std::string& text, const Labels& labels, std::string_view bucket) {
    if (labels.empty() && bucket.empty()) return;
    char before = '{';
    for (const auto& [name, value] : labels) {
        text += std::exchange(before, ',');
        text += name + "=\"";
        append_escaped(text, value, true);
        text += '"';
    }
    if (!bucket.empty()) text += before + ("le=\"" + std::string{bucket} + "\"");
    text += '}';
}

void append_line(std::string& text, const std::string& name, const Labels& labels, const std::string& value,
                 std::string_view bucket = {}) {
    text += name;
    append_labels(text, labels, bucket);
    text += " " + value + "\n";
}

void append_distribution(std::string& text, const std::string& name, const Labels& labels, const Distribution& all) {
    std::uint64_t count = 0;
    for (const Distribution::Bucket& bucket : all.buckets) {
        count += bucket.count;
        append_line(text, name + "_bucket", labels, std::to_string(count), bound(bucket.most));
    }
    count += all.beyond;
    append_line(text, name + "_bucket", labels, std::to_string(count), "+Inf");
    append_line(text, name + "_sum", labels, number(all.sum));
    append_line(text, name + "_count", labels, std::to_string(count));
}

void add_up(Distribution& sum, const Distribution& more) {
    if (sum.buckets.empty())
        sum.buckets = more.buckets;
    else
        for (std::size_t i = 0; i < std::min(sum.buckets.size(), more.buckets.size()); ++i)
            sum.buckets[i].count += more.buckets[i].count;
    sum.beyond += more.beyond;
    sum.sum += more.sum;
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), counts_(bounds.size() + 1) {}

void Histogram::observe(double value) noexcept {
    const auto index = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin());
    std::atomic<std::uint64_t>& count = counts_[index];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    sum_.store(sum_.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
}

Distribution Histogram::read() const {
    Distribution result;
    for (std::size_t i = 0; i < bounds_.size(); ++i)
        result.buckets.push_back({bounds_[i], counts_[i].load(std::memory_order_relaxed)});
    result.beyond = counts_.back().load(std::memory_order_relaxed);
    result.sum = sum_.load(std::memory_order_relaxed);
    return result;
}

std::span<const double> seconds_bounds() {
    static constexpr std::array bounds = {0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01,
                                          0.03,    0.1,     0.3,    1.0,    3.0,   10.0};
    return bounds;
}

/// What has one name and one set of labels, in as many parts as there are shards.
struct Registry::Series {
    std::vector<std::unique_ptr<Counter>> counters;
    std::vector<std::unique_ptr<Gauge>> gauges;
    std::vector<std::unique_ptr<Histogram>> histograms;
    std::vector<Read> reads;
    std::vector<ReadDistribution> distributions;

    [[nodiscard]] double sum() const {
        std::uint64_t counted = 0;
        for (const auto& counter : counters) counted += counter->value();
        auto result = static_cast<double>(counted);
        for (const auto& gauge : gauges) result += static_cast<double>(gauge->value());
        for (const Read& read : reads) result += read();
        return result;
    }

    [[nodiscard]] Distribution distribution() const {
        Distribution result;
        for (const auto& histogram : histograms) add_up(result, histogram->read());
        for (const ReadDistribution& read : distributions) add_up(result, read());
        return result;
    }
};

struct Registry::Family {
    Kind kind;
    std::string help;
    std::map<Labels, Series> series = {};
};

Registry::Registry() = default;
Registry::~Registry() = default;

/// The mutex is held.
Registry::Series& Registry::series(std::string_view name, std::string_view help, Kind kind, Labels labels) {
    const bool good =
        is_name(name) && std::ranges::all_of(labels, [](const auto& label) { return is_name(label.first); });
    if (!good) throw std::logic_error{"no name for a metric: " + std::string{name}};
    std::unique_ptr<Family>& family = families_[std::string{name}];
    if (!family) family = std::make_unique<Family>(kind, std::string{help});
    if (family->kind != kind) throw std::logic_error{"two kinds of metric have one name: " + std::string{name}};
    return family->series[std::move(labels)];
}

Counter& Registry::counter(std::string_view name, std::string_view help, Labels labels) {
    const std::scoped_lock lock{mutex_};
    return *series(name, help, Kind::counter, std::move(labels)).counters.emplace_back(std::make_unique<Counter>());
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, Labels labels) {
    const std::scoped_lock lock{mutex_};
    return *series(name, help, Kind::gauge, std::move(labels)).gauges.emplace_back(std::make_unique<Gauge>());
}

Histogram& Registry::histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                               Labels labels) {
    const std::scoped_lock lock{mutex_};
    auto& histograms = series(name, help, Kind::histogram, std::move(labels)).histograms;
    return *histograms.emplace_back(std::make_unique<Histogram>(bounds));
}

void Registry::read_counter(std::string_view name, std::string_view help, Labels labels, Read read) {
    const std::scoped_lock lock{mutex_};
    series(name, help, Kind::counter, std::move(labels)).reads.push_back(std::move(read));
}

void Registry::read_gauge(std::string_view name, std::string_view help, Labels labels, Read read) {
    const std::scoped_lock lock{mutex_};
    series(name, help, Kind::gauge, std::move(labels)).reads.push_back(std::move(read));
}

void Registry::read_histogram(std::string_view name, std::string_view help, Labels labels, ReadDistribution read) {
    const std::scoped_lock lock{mutex_};
    series(name, help, Kind::histogram, std::move(labels)).distributions.push_back(std::move(read));
}

void Registry::append(std::string& text, const std::string& name, const Family& family) {
    constexpr std::array<std::string_view, 3> kinds = {"counter", "gauge", "histogram"};
    text += "# HELP " + name + " ";
    append_escaped(text, family.help, false);
    text += "\n# TYPE " + name + " " + std::string{kinds[static_cast<std::size_t>(family.kind)]} + "\n";
    for (const auto& [labels, series] : family.series) {
        if (family.kind == Kind::histogram)
            append_distribution(text, name, labels, series.distribution());
        else
            append_line(text, name, labels, number(series.sum()));
    }
}

std::string Registry::text() const {
    const std::scoped_lock lock{mutex_};
    std::string text;
    for (const auto& [name, family] : families_) append(text, name, *family);
    return text;
}

}  // namespace aldis::metrics
