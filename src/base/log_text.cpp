#include "base/log_text.h"

#include <cstdint>

namespace aldis::detail {
namespace {

/// One character, or one byte that is none.
struct Char {
    std::uint32_t code = 0;
    std::size_t length = 1;
    bool valid = false;
};

constexpr std::size_t length_of(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    if (first >= 0xf0 && first < 0xf5) return 4;
    return 0;
}

Char next_char(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = length_of(first);
    if (length == 1) return {first, 1, true};
    if (length == 0 || length > text.size()) return {first, 1, false};
    std::uint32_t code = first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0U) != 0x80U) return {first, 1, false};
        code = code << 6U | (byte & 0x3fU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    if (overlong || surrogate || code > 0x10ffff) return {first, 1, false};
    return {code, length, true};
}

/// Characters that move the reader's eye or the terminal's cursor.
constexpr bool is_hostile(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
    constexpr std::string_view hex = "0123456789abcdef";
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += hex[value >> shift & 0xfU];
}

void append_code(std::string& out, std::uint32_t code) {
    switch (code) {
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: out += "\\u"; append_hex(out, code, 4);
    }
}

void append_text(std::string& out, std::string_view text, bool quoted, std::string_view bad_byte) {
    while (!text.empty()) {
        const Char next = next_char(text);
        if (!next.valid) {
            out += bad_byte;
            append_hex(out, next.code, 2);
        } else if (is_hostile(next.code)) {
            append_code(out, next.code);
        } else {
            if (quoted && (next.code == '"' || next.code == '\\')) out += '\\';
            out += text.substr(0, next.length);
        }
        text.remove_prefix(next.length);
    }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text, bool quoted) { append_text(out, text, quoted, "\\x"); }

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    append_text(out, text, true, "\\\\x");
    out += '"';
}

bool is_plain_word(std::string_view text) {
    if (text.empty()) return false;
    while (!text.empty()) {
        const Char next = next_char(text);
        const bool special = next.code == ' ' || next.code == '"' || next.code == '=' || next.code == '\\';
        if (!next.valid || special || is_hostile(next.code)) return false;
        text.remove_prefix(next.length);
    }
    return true;
}

}  // namespace aldis::detail
