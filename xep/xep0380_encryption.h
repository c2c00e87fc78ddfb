#pragma once

#include <optional>
#include <string>

#include "xml/schema.h"

/// XEP-0380: Explicit Message Encryption 0.4.0
namespace aldis::xep {

/// How the message is encrypted.
struct Encryption {
    std::string namespace_;
    std::optional<std::string> name = {};

    static constexpr auto schema =
        xml::element("urn:xmpp:eme:0", "encryption", xml::attribute<&Encryption::namespace_>("namespace"),
                     xml::attribute<&Encryption::name>("name"));
};

}  // namespace aldis::xep
