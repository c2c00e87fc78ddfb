#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aldis::sasl {

/// UTF-8 as RFC 3629 section 4 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// RFC 5802 section 7, base64: as base64_decode() has it, and nothing outside of ASCII.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace aldis::sasl
