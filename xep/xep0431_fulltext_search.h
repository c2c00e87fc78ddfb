#pragma once

#include <string_view>

/// XEP-0431: Full Text Search in MAM 0.2.0. The field itself is mam::Filter::fulltext.
namespace aldis::xep::fulltext {

inline constexpr std::string_view ns = "urn:xmpp:fulltext:0";
/// "Querying": a text-single field of the form of XEP-0313.
inline constexpr std::string_view field = "{urn:xmpp:fulltext:0}fulltext";

}  // namespace aldis::xep::fulltext
