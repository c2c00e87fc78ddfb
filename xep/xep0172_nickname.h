#pragma once

#include <string>
#include <string_view>

#include "xml/schema.h"

/// XEP-0172: User Nickname 1.1
namespace aldis::xep {

inline constexpr std::string_view nickname_ns = "http://jabber.org/protocol/nick";

/// How its sender wants to be called. Also the payload of the PEP node of that name.
struct Nickname {
    std::string text;

    static constexpr auto schema = xml::element(nickname_ns, "nick", xml::text<&Nickname::text>());
};

}  // namespace aldis::xep
