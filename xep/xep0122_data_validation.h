#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xml/schema.h"

/// XEP-0122: Data Forms Validation 1.0.2
namespace aldis::xep::dataforms {

inline constexpr std::string_view validate_ns = "http://jabber.org/protocol/xdata-validate";

/// Bounds of a value; how they are compared depends on the datatype.
struct Range {
    std::optional<std::string> min = {};
    std::optional<std::string> max = {};

    static constexpr auto schema =
        xml::element(validate_ns, "range", xml::attribute<&Range::min>("min"), xml::attribute<&Range::max>("max"));
};

/// How many values a list-multi takes.
struct ListRange {
    std::optional<std::uint32_t> min = {};
    std::optional<std::uint32_t> max = {};

    static constexpr auto schema = xml::element(validate_ns, "list-range", xml::attribute<&ListRange::min>("min"),
                                                xml::attribute<&ListRange::max>("max"));
};

/// What a field's values must be like, beside its type: no more than one of `basic`, `open`, `range` and `regex`.
struct Validate {
    std::optional<std::string> datatype = "xs:string";  ///< nothing: xs:string
    bool basic = false;                                 ///< by the datatype alone
    bool open = false;                                  ///< a list takes values that are not among its options
    std::optional<Range> range = {};
    std::optional<std::string> regex = {};  ///< a POSIX extended regular expression, for the whole value
    std::optional<ListRange> list_range = {};

    /// "Any validation method applied to a field of type list-multi, list-single, or text-multi (other than <basic/>)
    /// MUST imply the same behavior as <open/>".
    [[nodiscard]] bool takes_others() const { return open || range || regex; }

    static constexpr auto schema = xml::element(
        validate_ns, "validate", xml::attribute<&Validate::datatype>("datatype"), xml::flag<&Validate::basic>("basic"),
        xml::flag<&Validate::open>("open"), xml::child<&Validate::range>(), xml::text_child<&Validate::regex>("regex"),
        xml::child<&Validate::list_range>());
};

/// Why a value is not what it must be, as the end of a sentence: "must be a whole number". Datatypes that are not known
/// count as xs:string.
/// @return  nothing: it is as it must be
[[nodiscard]] std::optional<std::string> fault_of(const Validate& rules, std::string_view value);

}  // namespace aldis::xep::dataforms
