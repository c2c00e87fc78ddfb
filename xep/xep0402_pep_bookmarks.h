#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xml/schema.h"

/// XEP-0402: PEP Native Bookmarks 1.2.0
namespace aldis::xep::bookmarks {

/// Also the node; each of its items is called by the address of the room.
inline constexpr std::string_view ns = "urn:xmpp:bookmarks:1";
/// Of an account: XEP-0049 shows the same bookmarks, and so does the node of XEP-0048.
inline constexpr std::string_view compat_feature = "urn:xmpp:bookmarks:1#compat";
inline constexpr std::string_view compat_pep_feature = "urn:xmpp:bookmarks:1#compat-pep";

/// What clients do not know in <extensions/> they keep.
struct Conference {
    std::optional<std::string> name = {};
    std::optional<bool> autojoin = {};
    std::optional<std::string> nick = {};
    std::optional<std::string> password = {};

    static constexpr auto schema = xml::element(
        ns, "conference", xml::attribute<&Conference::name>("name"), xml::attribute<&Conference::autojoin>("autojoin"),
        xml::text_child<&Conference::nick>("nick"), xml::text_child<&Conference::password>("password"));
};

}  // namespace aldis::xep::bookmarks
