#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xep/xep0030_disco.h"
#include "xep/xep0300_hashes.h"
#include "xml/schema.h"

/// XEP-0390: Entity Capabilities 2.0, 0.3.2
namespace aldis::xep::caps2 {

inline constexpr std::string_view ns = "urn:xmpp:caps";

/// A Capability Hash Set: what an entity says about its disco#info in its presence. All hashes are of the same.
struct Set {
    std::vector<hashes::Hash> hashes;

    static constexpr auto schema = xml::element(ns, "c", xml::children<&Set::hashes>());
};

/// "Construction of Capability Hash Nodes": the disco node under which the entity knows that disco#info.
[[nodiscard]] std::string disco_node(const hashes::Hash& hash);

/// The hash of the set that proves most, of those that are known here and that XEP-0414 does not advise against; null:
/// none is.
[[nodiscard]] const hashes::Hash* best(const Set& set);

/// "Hash Function Input", of the <query/> of a disco#info result.
/// @param lang  what the stanza around it says of its language
/// @return      nothing: it has something inside that would not be hashed
[[nodiscard]] std::optional<std::string> input(const xml::Element& query, std::string_view lang = {});

}  // namespace aldis::xep::caps2
