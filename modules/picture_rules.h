#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

/// What is a picture, and which are small enough for a profile. Nothing is decoded. No side effects.
namespace aldis::modules::pictures {

/// Formats that clients show and that hold no text: an SVG may hold a program, and is none of them.
enum class Format : std::uint8_t { png, jpeg, gif, webp };

[[nodiscard]] std::string_view media_type(Format format);

/// What the first bytes of a picture say.
struct Header {
    Format format = Format::png;
    std::uint32_t width = 0;   ///< pixels
    std::uint32_t height = 0;  ///< the same

    friend bool operator==(const Header&, const Header&) = default;
};

/// @return  nothing: it is no picture, or cut off before it says how large it is
[[nodiscard]] std::optional<Header> read_header(std::string_view bytes);

struct Limits {
    std::size_t bytes = 0;
    std::uint32_t side = 0;  ///< pixels in width and in height
};

/// A picture that may be shown to others.
struct Picture {
    std::string bytes;
    Header header;
    std::string hash;  ///< SHA-1 in hexadecimal, lower case
};

/// @param base64  white space is not part of it: XEP-0153 "Image Restrictions", XEP-0084 "Data Element"
[[nodiscard]] Result<Picture> read_picture(std::string_view base64, const Limits& limits);

/// 40 hexadecimal digits in lower case, whichever case they come in; nothing: it is no SHA-1.
[[nodiscard]] std::optional<std::string> hash_text(std::string_view text);

}  // namespace aldis::modules::pictures
