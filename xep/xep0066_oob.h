#pragma once

#include <optional>
#include <string>

#include "xml/schema.h"

/// XEP-0066: Out of Band Data 1.5, as a payload beside others (namespace jabber:x:oob).
namespace aldis::xep {

struct OutOfBand {
    std::string url;
    std::optional<std::string> desc = {};

    static constexpr auto schema = xml::element("jabber:x:oob", "x", xml::text_child<&OutOfBand::url>("url"),
                                                xml::text_child<&OutOfBand::desc>("desc"));
};

}  // namespace aldis::xep
