#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aldis::config {

/// The candidate that `word` is most likely a misspelling of, if one is near.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

/// `did you mean "depth"?`, or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace aldis::config
