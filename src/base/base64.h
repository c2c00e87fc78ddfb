#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aldis {

/// RFC 4648 section 4, with padding.
[[nodiscard]] std::string base64_encode(std::string_view bytes);
/// RFC 4648 section 4, strict: padding required, no white space, no stray bits. Nothing where it is malformed.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);
/// RFC 4648 section 5, without padding: safe in ids, file names and URLs.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);

}  // namespace aldis
