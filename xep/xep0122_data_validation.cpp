#include "xep/xep0122_data_validation.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <compare>

#include "xep/pattern.h"
#include "xep/xep0082_date_time.h"

namespace aldis::xep::dataforms {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// xs:decimal, as long as it likes: compared by its digits.
struct Decimal {
    bool negative = false;
    std::string_view whole;     ///< without zeros in front
    std::string_view fraction;  ///< without zeros behind

    static std::optional<Decimal> parse(std::string_view text, bool integer) {
        text = xml::trim(text);
        Decimal read;
        if (text.starts_with('-') || text.starts_with('+')) {
            read.negative = text.front() == '-';
            text.remove_prefix(1);
        }
        const std::size_t point = integer ? std::string_view::npos : text.find('.');
        read.whole = text.substr(0, point);
        if (point != std::string_view::npos) read.fraction = text.substr(point + 1);
        if (read.whole.empty() && read.fraction.empty()) return std::nullopt;
        if (!std::ranges::all_of(read.whole, is_digit) || !std::ranges::all_of(read.fraction, is_digit))
            return std::nullopt;
        read.whole.remove_prefix(std::min(read.whole.find_first_not_of('0'), read.whole.size()));
        read.fraction = read.fraction.substr(0, read.fraction.find_last_not_of('0') + 1);
        if (read.whole.empty() && read.fraction.empty()) read.negative = false;
        return read;
    }
    friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
        if (a.negative != b.negative) return a.negative ? std::strong_ordering::less : std::strong_ordering::greater;
        std::strong_ordering order = a.whole.size() <=> b.whole.size();
        if (order == 0) order = a.whole <=> b.whole;
        if (order == 0) order = a.fraction <=> b.fraction;
        return a.negative ? 0 <=> order : order;
    }
};

std::optional<double> parse_double(std::string_view text) {
    text = xml::trim(text);
    if (text == "INF") return HUGE_VAL;
    if (text == "-INF") return -HUGE_VAL;
    if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// "2003-10-05", with a time zone or without.
std::optional<Timestamp> parse_date(std::string_view text) {
    text = xml::trim(text);
    const std::string_view zone = text.size() > 10 ? text.substr(10) : "Z";
    return parse_date_time(std::string{text.substr(0, 10)} + "T00:00:00" + std::string{zone});
}
std::optional<Timestamp> parse_time(std::string_view text) {
    text = xml::trim(text);
    const bool zoned = text.ends_with('Z') || text.find_last_of("+-") != std::string_view::npos;
    return parse_date_time("2000-01-01T" + std::string{text} + (zoned ? "" : "Z"));
}

bool is_language(std::string_view text) {
    for (bool first = true;; first = false) {
        const std::size_t dash = text.find('-');
        const std::string_view part = text.substr(0, dash);
        const auto fits = [first](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!first && is_digit(c));
        };
        if (part.empty() || part.size() > 8 || !std::ranges::all_of(part, fits)) return false;
        if (dash == std::string_view::npos) return true;
        text.remove_prefix(dash + 1);
    }
}

bool is_uri(std::string_view text) {
    return std::ranges::none_of(text,
                                [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>'; });
}

constexpr std::string_view no_number = "must be a whole number";

/// The integers that have bounds of their own.
struct Integer {
    std::string_view datatype;
    std::string_view min;
    std::string_view max;
};
constexpr Integer integers[] = {
    {"xs:byte", "-128", "127"},
    {"xs:short", "-32768", "32767"},
    {"xs:int", "-2147483648", "2147483647"},
    {"xs:long", "-9223372036854775808", "9223372036854775807"},
    {"xs:unsignedByte", "0", "255"},
    {"xs:unsignedShort", "0", "65535"},
    {"xs:unsignedInt", "0", "4294967295"},
    {"xs:unsignedLong", "0", "18446744073709551615"},
    {"xs:integer", "", ""},
    {"xs:nonNegativeInteger", "0", ""},
    {"xs:positiveInteger", "1", ""},
};

template <class Parse>
std::optional<std::string> out_of(const Range& range, std::string_view value, Parse parse, std::string_view malformed) {
    const auto read = parse(value);
    if (!read) return std::string{malformed};
    const auto bound = [&](const std::optional<std::string>& text) {
        return text ? parse(*text) : decltype(parse(value)){};
    };
    if (const auto min = bound(range.min); min && *read < *min) return "must be at least " + *range.min;
    if (const auto max = bound(range.max); max && *max < *read) return "must be at most " + *range.max;
    return std::nullopt;
}

std::optional<std::string> out_of(const Integer& kind, const Range& range, std::string_view value) {
    const auto parse = [](std::string_view text) { return Decimal::parse(text, true); };
    const auto bound = [](std::string_view text) {
        return text.empty() ? std::nullopt : std::optional<std::string>{text};
    };
    std::optional<std::string> fault = out_of(range, value, parse, no_number);
    return fault ? fault : out_of({.min = bound(kind.min), .max = bound(kind.max)}, value, parse, no_number);
}

/// By the datatype, and the range if there is one.
std::optional<std::string> fault_of(std::string_view datatype, const Range& range, std::string_view value) {
    const auto* const integer = std::ranges::find(integers, datatype, &Integer::datatype);
    if (integer != std::ranges::end(integers)) return out_of(*integer, range, value);
    if (datatype == "xs:decimal")
        return out_of(
            range, value, [](std::string_view text) { return Decimal::parse(text, false); }, "must be a number");
    if (datatype == "xs:double" || datatype == "xs:float")
        return out_of(range, value, parse_double, "must be a number");
    if (datatype == "xs:dateTime")
        return out_of(
            range, value, [](std::string_view text) { return parse_date_time(xml::trim(text)); },
            "must be a date and time such as 2026-01-31T12:00:00Z");
    if (datatype == "xs:date") return out_of(range, value, parse_date, "must be a date such as 2026-01-31");
    if (datatype == "xs:time") return out_of(range, value, parse_time, "must be a time such as 12:00:00");
    if (datatype == "xs:boolean" && !xml::Codec<bool>::parse(value)) return "must be true or false";
    if (datatype == "xs:language" && !is_language(value)) return "must be a language such as en";
    if (datatype == "xs:anyURI" && !is_uri(value)) return "must be a URI";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> fault_of(const Validate& rules, std::string_view value) {
    const std::string_view datatype = rules.datatype ? std::string_view{*rules.datatype} : "xs:string";
    if (auto fault = fault_of(datatype, rules.range.value_or(Range{}), value)) return fault;
    if (!rules.regex) return std::nullopt;
    // "If an implementation does not understand the specified method, it MUST validate according to the basic method."
    const std::optional<Pattern> pattern = Pattern::parse(*rules.regex);
    if (pattern && !pattern->matches(value)) return "is not of the form it must have";
    return std::nullopt;
}

}  // namespace aldis::xep::dataforms
