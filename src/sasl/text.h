#pragma once

#include <string_view>

namespace aldis::sasl {

/// UTF-8 as RFC 3629 section 4 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view bytes);

}  // namespace aldis::sasl
