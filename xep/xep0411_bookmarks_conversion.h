#pragma once

#include <string_view>

/// XEP-0411: Bookmarks Conversion 1.1.0
namespace aldis::xep::bookmarks {

/// Of an account: XEP-0049 and the node of XEP-0048 show the same bookmarks.
inline constexpr std::string_view conversion_feature = "urn:xmpp:bookmarks-conversion:0";

}  // namespace aldis::xep::bookmarks
