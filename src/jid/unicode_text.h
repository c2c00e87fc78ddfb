#pragma once

#include <unicode/unistr.h>

#include <optional>
#include <string>
#include <string_view>

/// Between the wire's UTF-8 and ICU's UTF-16.
namespace aldis::precis {

/// Of any part after preparation, in bytes: RFC 7622 sections 3.2 to 3.4.
constexpr std::size_t longest_part = 1023;

/// Nothing if `utf8` is not well-formed UTF-8 (surrogates and overlong forms are not), so long that no mapping makes it
/// fit, or has more than 30 combining marks in a row.
[[nodiscard]] std::optional<icu::UnicodeString> from_utf8(std::string_view utf8);

/// Nothing if `text` is empty or longer than a part may be, or has too many marks in a row by now.
[[nodiscard]] std::optional<std::string> to_utf8(const icu::UnicodeString& text);

}  // namespace aldis::precis
