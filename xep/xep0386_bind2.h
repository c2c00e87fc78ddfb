#pragma once

#include <optional>
#include <string>
#include <vector>

#include "xep/fields.h"
#include "xml/schema.h"

/// XEP-0386: Bind 2 1.1.0
namespace aldis::xep::bind2 {

inline constexpr std::string_view ns = "urn:xmpp:bind:0";

/// Something that can be switched on while binding.
struct InlineFeature {
    std::string var;  ///< a disco feature or a namespace

    static constexpr auto schema = xml::element(ns, "feature", xml::attribute<&InlineFeature::var>("var"));
};

struct Inline {
    std::vector<InlineFeature> features = {};

    static constexpr auto schema = xml::element(ns, "inline", xml::children<&Inline::features>());
};

/// What stands in SASL2's <inline/>.
struct Feature {
    std::optional<Inline> inline_features = {};

    static constexpr auto schema = xml::element(ns, "bind", xml::child<&Feature::inline_features>());
};

/// The request, in SASL2's <authenticate/>.
struct Bind {
    std::optional<std::string> tag = {};  ///< names the software; becomes part of the resource
    xml::Document requests = {};          ///< what is to be switched on

    static constexpr auto schema =
        xml::element(ns, "bind", xml::text_child<&Bind::tag>("tag"), foreign<&Bind::requests>());
};

/// The answer, in SASL2's <success/>.
struct Bound {
    xml::Document results = {};

    static constexpr auto schema = xml::element(ns, "bound", foreign<&Bound::results>());
};

}  // namespace aldis::xep::bind2
