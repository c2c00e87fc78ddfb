#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aldis::config {

/// "10 s", "500 ms", "2 h" in nanoseconds; units ns, us, ms, s, min, h, d, weeks. Nothing if it is none.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);
/// In the largest unit that has no fraction: "5 min".
[[nodiscard]] std::string duration_text(std::int64_t nanoseconds);

/// "256 KiB", "10 MB", "512 B", "4096" in bytes.
[[nodiscard]] std::optional<std::int64_t> parse_bytes(std::string_view text);
/// In the largest unit that has no fraction: "256 KiB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace aldis::config
