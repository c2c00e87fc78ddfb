#include "sasl/anonymous.h"

#include <array>

#include "sasl/text.h"

namespace aldis::sasl {
namespace {

constexpr std::size_t largest_trace = 1020;  // RFC 4505 section 2: 255 characters of up to four bytes

/// A UUID as RFC 9562 section 5.4 makes them from random bytes.
std::string random_uuid(Random& random) {
    std::array<unsigned char, 16> bytes{};
    random.fill(bytes);
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (at == 4 || at == 6 || at == 8 || at == 10) text += '-';
        text += digits[bytes[at] >> 4U];
        text += digits[bytes[at] & 0x0fU];
    }
    return text;
}

}  // namespace

Step Anonymous::first(std::string_view message) {
    if (message.size() > largest_trace || !is_utf8(message) || message.find('\0') != std::string_view::npos)
        return Refusal{Failure::malformed_request, "bad trace information"};
    // XEP-0175 "Recommendations": "it is RECOMMENDED for the localpart to be a UUID".
    Success success{.username = random_uuid(random_), .authzid = {}, .additional_data = {}};
    success.guest = true;
    return success;
}

}  // namespace aldis::sasl
