#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "xml/codec.h"

/// XEP-0082: XMPP Date and Time Profiles 1.1.1
namespace aldis::xep {

/// Reads the DateTime profile, CCYY-MM-DDThh:mm:ss[.sss]TZD, with any offset from UTC and any number of digits, of
/// which those after the microseconds are ignored.
/// @return  nothing: something else, or no such moment in the years 1 to 9999
[[nodiscard]] std::optional<Timestamp> parse_date_time(std::string_view text);

/// In UTC, with as many digits as are needed: none, milliseconds or microseconds.
[[nodiscard]] std::string format_date_time(Timestamp time);

}  // namespace aldis::xep

template <>
struct aldis::xml::Codec<aldis::Timestamp> {
    static std::optional<Timestamp> parse(std::string_view text) { return xep::parse_date_time(trim(text)); }
    static std::string format(Timestamp time) { return xep::format_date_time(time); }
};
