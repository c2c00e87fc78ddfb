#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xml/schema.h"

/// XEP-0084: User Avatar 1.1.4
namespace aldis::xep::avatars {

/// Namespaces, and the nodes of the account's PEP service.
inline constexpr std::string_view data_ns = "urn:xmpp:avatar:data";
inline constexpr std::string_view metadata_ns = "urn:xmpp:avatar:metadata";

/// The picture itself. Its item is called by its SHA-1.
struct Data {
    std::string base64;  ///< line feeds must be accepted

    static constexpr auto schema = xml::element(data_ns, "data", xml::text<&Data::base64>());
};

/// One format in which the picture is to be had.
struct Info {
    std::uint32_t bytes = 0;
    std::string id;    ///< SHA-1 of the picture in hexadecimal
    std::string type;  ///< image/png ...
    std::optional<std::uint16_t> height = {};
    std::optional<std::uint16_t> width = {};
    std::optional<std::string> url = {};  ///< it is there, and not in the data node

    static constexpr auto schema =
        xml::element(metadata_ns, "info", xml::attribute<&Info::bytes>("bytes"), xml::attribute<&Info::id>("id"),
                     xml::attribute<&Info::type>("type"), xml::attribute<&Info::height>("height"),
                     xml::attribute<&Info::width>("width"), xml::attribute<&Info::url>("url"));
};

/// Empty: there is no avatar, for now.
struct Metadata {
    std::vector<Info> infos = {};

    static constexpr auto schema = xml::element(metadata_ns, "metadata", xml::children<&Metadata::infos>());
};

}  // namespace aldis::xep::avatars
