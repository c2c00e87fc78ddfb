#include "jid/ascii.h"

#include <array>

namespace aldis::ascii {
namespace {

constexpr std::size_t longest_part = 1023;   // RFC 7622 sections 3.3 and 3.4
constexpr std::size_t longest_domain = 253;  // RFC 1035 section 2.3.4, without the final dot
constexpr std::size_t longest_label = 63;

enum Trait : std::uint8_t { in_local = 1, in_label = 2, in_resource = 4, is_upper = 8 };

constexpr bool is_between(int c, int low, int high) { return low <= c && c <= high; }

constexpr std::uint8_t traits_of(int c) {
    const bool upper = is_between(c, 'A', 'Z');
    const bool label = upper || is_between(c, 'a', 'z') || is_between(c, '0', '9') || c == '-';
    const bool resource = is_between(c, ' ', '~');
    // RFC 7622 section 3.3.1: what the localpart excludes beyond the space.
    const bool local = resource && std::string_view{" \"&'/:<>@"}.find(static_cast<char>(c)) == std::string_view::npos;
    return static_cast<std::uint8_t>((local ? in_local : 0) | (label ? in_label : 0) | (resource ? in_resource : 0) |
                                     (upper ? is_upper : 0));
}

constexpr std::array<std::uint8_t, 256> traits = [] {
    std::array<std::uint8_t, 256> table{};
    for (int c = 0; c < 128; ++c) table[static_cast<std::size_t>(c)] = traits_of(c);
    return table;
}();

/// What all characters of a text have, and what any of them has.
struct Summary {
    std::uint8_t all = 0xff;
    std::uint8_t any = 0;
};

Summary summary_of(std::string_view text) {
    Summary summary;
    for (const char c : text) {
        const std::uint8_t found = traits[static_cast<unsigned char>(c)];
        summary.all &= found;
        summary.any |= found;
    }
    return summary;
}

Form with_case(Summary summary) { return (summary.any & is_upper) != 0 ? Form::upper : Form::canonical; }

/// RFC 5890 section 2.3.1, without reserved LDH labels: "--" in third place may announce an A-label.
bool is_plain_label(std::string_view label) {
    if (label.empty() || label.size() > longest_label || label.front() == '-' || label.back() == '-') return false;
    return label.size() < 4 || label[2] != '-' || label[3] != '-';
}

}  // namespace

Form form_of_local(std::string_view local) {
    const Summary summary = summary_of(local);
    if (local.empty() || local.size() > longest_part || (summary.all & in_local) == 0) return Form::other;
    return with_case(summary);
}

Form form_of_domain(std::string_view domain) {
    if (domain.size() > longest_domain) return Form::other;
    Summary summary;
    for (std::size_t start = 0; start <= domain.size();) {
        std::size_t end = start;
        for (; end < domain.size() && domain[end] != '.'; ++end) {
            const std::uint8_t found = traits[static_cast<unsigned char>(domain[end])];
            summary.all &= found;
            summary.any |= found;
        }
        if (!is_plain_label(domain.substr(start, end - start))) return Form::other;
        start = end + 1;
    }
    return (summary.all & in_label) == 0 ? Form::other : with_case(summary);
}

Form form_of_resource(std::string_view resource) {
    const bool plain = !resource.empty() && resource.size() <= longest_part;
    return plain && (summary_of(resource).all & in_resource) != 0 ? Form::canonical : Form::other;
}

void lower(std::string& text, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const unsigned char c = static_cast<unsigned char>(text[i]);
        if ((traits[c] & is_upper) != 0) text[i] = static_cast<char>(c | 0x20);
    }
}

}  // namespace aldis::ascii
