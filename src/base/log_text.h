#pragma once

#include <string>
#include <string_view>

namespace aldis::detail {

/// Appends `text` for a log line that a person reads: control characters, line and text-direction marks and what is not
/// UTF-8 become \n, \t, \u001b or \xff, so that no peer can forge a line. With `quoted`, quotes and backslashes too.
void append_escaped(std::string& out, std::string_view text, bool quoted);

/// Appends `text` as a JSON string. What is not UTF-8 is spelt \xff in the string's value.
void append_json_string(std::string& out, std::string_view text);

/// Whether a value can stand behind `key=` as it is.
[[nodiscard]] bool is_plain_word(std::string_view text);

}  // namespace aldis::detail
