#include "config/units.h"

#include <charconv>
#include <limits>

namespace aldis::config {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t size;
};

constexpr std::int64_t second = 1'000'000'000;
constexpr std::array durations = {Unit{"ns", 1},
                                  Unit{"us", 1'000},
                                  Unit{"ms", 1'000'000},
                                  Unit{"s", second},
                                  Unit{"min", 60 * second},
                                  Unit{"h", 3600 * second},
                                  Unit{"d", 86400 * second}};
constexpr std::array duration_aliases = {Unit{"sec", second},
                                         Unit{"m", 60 * second},
                                         Unit{"hours", 3600 * second},
                                         Unit{"hour", 3600 * second},
                                         Unit{"day", 86400 * second},
                                         Unit{"days", 86400 * second},
                                         Unit{"w", 7 * 86400 * second},
                                         Unit{"weeks", 7 * 86400 * second},
                                         Unit{"week", 7 * 86400 * second}};
constexpr std::array sizes = {Unit{"B", 1}, Unit{"KiB", 1LL << 10U}, Unit{"MiB", 1LL << 20U}, Unit{"GiB", 1LL << 30U},
                              Unit{"TiB", 1LL << 40U}};
constexpr std::array size_aliases = {Unit{"kB", 1'000}, Unit{"KB", 1'000}, Unit{"MB", 1'000'000},
                                     Unit{"GB", 1'000'000'000}};

struct Measure {
    std::int64_t count = 0;
    std::string_view unit;
};

std::optional<Measure> split(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    Measure measure;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), measure.count);
    if (failed != std::errc{} || measure.count < 0) return std::nullopt;
    measure.unit = text.substr(static_cast<std::size_t>(end - text.data()));
    while (measure.unit.starts_with(' ')) measure.unit.remove_prefix(1);
    return measure;
}

std::optional<std::int64_t> size_of(std::string_view name, std::span<const Unit> units) {
    for (const Unit& unit : units)
        if (unit.name == name) return unit.size;
    return std::nullopt;
}

std::optional<std::int64_t> parse(std::string_view text, std::span<const Unit> units, std::span<const Unit> aliases) {
    const std::optional<Measure> measure = split(text);
    if (!measure) return std::nullopt;
    std::optional<std::int64_t> size = size_of(measure->unit, units);
    if (!size) size = size_of(measure->unit, aliases);
    if (!size && measure->unit.empty() && measure->count == 0) return 0;
    if (!size || measure->count > std::numeric_limits<std::int64_t>::max() / *size) return std::nullopt;
    return measure->count * *size;
}

std::string write(std::int64_t amount, std::span<const Unit> units, const Unit& zero) {
    const Unit* best = &zero;
    for (const Unit& unit : units)
        if (amount != 0 && amount % unit.size == 0) best = &unit;
    return std::to_string(amount / best->size) + " " + std::string{best->name};
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) { return parse(text, durations, duration_aliases); }

std::string duration_text(std::int64_t nanoseconds) {
    constexpr Unit seconds = durations[3];
    return write(nanoseconds, durations, seconds);
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
    const std::optional<Measure> measure = split(text);
    if (measure && measure->unit.empty()) return measure->count;
    return parse(text, sizes, size_aliases);
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr Unit byte = sizes[0];
    return write(static_cast<std::int64_t>(bytes), sizes, byte);
}

}  // namespace aldis::config
