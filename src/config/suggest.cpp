#include "config/suggest.h"

#include <numeric>

namespace aldis::config {
namespace {

constexpr std::size_t longest_word = 100;

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.size() > longest_word) return std::nullopt;
    std::optional<std::string_view> best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        const bool begins = std::min(word.size(), candidate.size()) >= 3 &&
                            (candidate.starts_with(word) || word.starts_with(candidate));
        const std::size_t apart = begins ? 1 : distance(word, candidate);
        if (apart >= least || apart >= candidate.size()) continue;
        least = apart;
        best = candidate;
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    const std::optional<std::string_view> best = nearest(word, candidates);
    return best ? "did you mean \"" + std::string{*best} + "\"?" : std::string{};
}

}  // namespace aldis::config
