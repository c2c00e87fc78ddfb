#pragma once

#include <string>

#include "xml/schema.h"

/// XEP-0122: Data Forms Validation 1.0.2, as far as a server asks for it.
namespace aldis::xep::dataforms {

/// What a field's values must be like, beside its type. Ranges and patterns are not read.
struct Validate {
    std::string datatype = "xs:string";
    bool basic = false;  ///< by the datatype alone
    bool open = false;   ///< a list takes values that are not among its options

    static constexpr auto schema = xml::element(
        "http://jabber.org/protocol/xdata-validate", "validate", xml::attribute<&Validate::datatype>("datatype"),
        xml::flag<&Validate::basic>("basic"), xml::flag<&Validate::open>("open"));
};

}  // namespace aldis::xep::dataforms
