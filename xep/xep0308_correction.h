#pragma once

#include <string>

#include "xml/schema.h"

/// XEP-0308: Last Message Correction 1.2.1
namespace aldis::xep {

inline constexpr std::string_view correction_ns = "urn:xmpp:message-correct:0";

/// The message stands in the place of an earlier one of the same sender.
struct Replace {
    std::string id;  ///< of the original, also where it was corrected before

    static constexpr auto schema = xml::element(correction_ns, "replace", xml::attribute<&Replace::id>("id"));
};

}  // namespace aldis::xep
