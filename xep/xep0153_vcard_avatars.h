#pragma once

#include <optional>
#include <string>

#include "xml/schema.h"

/// XEP-0153: vCard-Based Avatars 1.1.1
namespace aldis::xep {

/// In presence: which picture is in the vCard.
struct VcardUpdate {
    /// SHA-1 in hexadecimal; empty: there is no picture; absent: the client does not know yet.
    std::optional<std::string> photo = {};

    static constexpr auto schema =
        xml::element("vcard-temp:x:update", "x", xml::text_child<&VcardUpdate::photo>("photo"));
};

}  // namespace aldis::xep
