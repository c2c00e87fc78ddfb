#include "sasl/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/base64.h"

namespace aldis::sasl {
namespace {

/// The range that the second byte must be in, and how many bytes follow the first.
struct Sequence {
    std::size_t following;
    std::uint8_t lowest = 0x80;
    std::uint8_t highest = 0xbf;
};
constexpr std::size_t not_a_first_byte = 4;

/// The table of RFC 3629 section 4, row by row.
Sequence sequence_of(std::uint8_t first) {
    if (first <= 0x7f) return {0};
    if (first < 0xc2) return {not_a_first_byte};
    if (first <= 0xdf) return {1};
    if (first == 0xe0) return {.following = 2, .lowest = 0xa0};
    if (first == 0xed) return {.following = 2, .highest = 0x9f};
    if (first <= 0xef) return {2};
    if (first == 0xf0) return {.following = 3, .lowest = 0x90};
    if (first <= 0xf3) return {3};
    if (first == 0xf4) return {.following = 3, .highest = 0x8f};
    return {not_a_first_byte};
}

}  // namespace

bool is_utf8(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        Sequence sequence = sequence_of(static_cast<std::uint8_t>(bytes[at++]));
        if (sequence.following == not_a_first_byte || sequence.following > bytes.size() - at) return false;
        for (; sequence.following > 0; --sequence.following) {
            const auto byte = static_cast<std::uint8_t>(bytes[at++]);
            if (byte < sequence.lowest || byte > sequence.highest) return false;
            sequence.lowest = 0x80;
            sequence.highest = 0xbf;
        }
    }
    return true;
}

std::optional<std::string> decode_base64(std::string_view text) {
    // COMPAT: libsodium 1.0.18 takes bytes from 0x80 on for base64 characters where char is signed.
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    return std::ranges::all_of(text, is_ascii) ? base64_decode(text) : std::nullopt;
}

}  // namespace aldis::sasl
