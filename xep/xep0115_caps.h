#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xep/xep0030_disco.h"
#include "xml/schema.h"

/// XEP-0115: Entity Capabilities 1.6.0
namespace aldis::xep {

inline constexpr std::string_view caps_ns = "http://jabber.org/protocol/caps";

/// What an entity says about its disco#info in its presence, and a server in its stream features.
struct Caps {
    std::optional<std::string> hash = {};  ///< "sha-1"; absent: the legacy format, in which `ver` proves nothing
    std::string node;                      ///< a URI of the software
    std::string ver;                       ///< the verification string

    /// The disco node under which the described entity knows its disco#info.
    [[nodiscard]] std::string disco_node() const { return node + "#" + ver; }

    static constexpr auto schema = xml::element(caps_ns, "c", xml::attribute<&Caps::hash>("hash"),
                                                xml::attribute<&Caps::node>("node"), xml::attribute<&Caps::ver>("ver"));
};

/// "Generation Method": the string S that is hashed. It does not say which of its parts are features and which belong
/// to identities or forms, so that disco#infos that differ can have the same S ("Caps Poisoning"). What is cached for
/// others must follow from S alone.
/// @return  nothing: it is ill-formed ("Processing Method"), or has '<' inside one of its strings
[[nodiscard]] std::optional<std::string> verification_input(const disco::Info& info);

/// S, hashed by SHA-1: the value of Caps::ver for that disco#info.
/// @return  nothing: as above
[[nodiscard]] std::optional<std::string> verification_string(const disco::Info& info);

}  // namespace aldis::xep
