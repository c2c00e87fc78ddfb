#pragma once

#include <optional>
#include <string>

#include "xml/schema.h"

/// XEP-0092: Software Version 1.1
namespace aldis::xep {

/// The question is the same with nothing inside; an answer has name and version.
struct SoftwareVersion {
    std::optional<std::string> name = {};
    std::optional<std::string> version = {};
    std::optional<std::string> os = {};  ///< may be withheld ("Security Considerations")

    static constexpr auto schema = xml::element(
        "jabber:iq:version", "query", xml::text_child<&SoftwareVersion::name>("name"),
        xml::text_child<&SoftwareVersion::version>("version"), xml::text_child<&SoftwareVersion::os>("os"));
};

}  // namespace aldis::xep
