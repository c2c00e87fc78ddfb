#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Human text as a search sees it. No I/O.
namespace aldis::text {

inline constexpr std::size_t longest_word = 64;  ///< bytes; the rest of a longer one is left out

/// The words of a text, in their order, as they are compared: in small letters, without accents, in one of the forms
/// that Unicode has for the same. Scripts that are written without spaces (Chinese, Japanese, Thai ...) have no words
/// that could be told without a dictionary: there each character is one, and so is each Hangul syllable, because
/// Korean particles follow without a space; and each emoji. What stands between words is left out.
/// @param utf8  what is no UTF-8 is no word
/// @param most  words; what follows them is left out
[[nodiscard]] std::vector<std::string> words_of(std::string_view utf8, std::size_t most);

/// Is the word a character that stands alone?
[[nodiscard]] bool is_character(std::string_view word);

/// Changes whenever some text may have other words than before: with this code, and with Unicode.
[[nodiscard]] const std::string& words_version();

}  // namespace aldis::text
