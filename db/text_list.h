#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aldis::db {

/// Several texts in one column, separated by U+001F, which XML has no way to bring here.
[[nodiscard]] inline std::string join_texts(const std::vector<std::string>& texts) {
    std::string joined;
    for (const std::string& text : texts) joined.append(text).push_back('\x1f');
    return joined;
}

[[nodiscard]] inline std::vector<std::string> split_texts(std::string_view joined) {
    std::vector<std::string> texts;
    for (std::size_t end; (end = joined.find('\x1f')) != std::string_view::npos; joined.remove_prefix(end + 1)) {
        texts.emplace_back(joined.substr(0, end));
    }
    return texts;
}

}  // namespace aldis::db
