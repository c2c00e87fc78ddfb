#pragma once

#include <string>

#include "stanza/stanza.h"
#include "xml/schema.h"

/// XEP-0333: Displayed Markers 1.0.0
namespace aldis::xep::markers {

inline constexpr std::string_view ns = "urn:xmpp:chat-markers:0";

/// Asks to be told when the message has been displayed.
struct Markable {
    static constexpr auto schema = xml::element(ns, "markable");
};

/// Tells it, of that message and those before it.
struct Displayed {
    std::string id;  ///< of the message; in rooms, the stanza-id that the room assigned

    static constexpr auto schema = xml::element(ns, "displayed", xml::attribute<&Displayed::id>("id"));
};

/// COMPAT: clients from before 1.0.0 also send <received/> and <acknowledged/>.
struct Received {
    std::string id;

    static constexpr auto schema = xml::element(ns, "received", xml::attribute<&Received::id>("id"));
};
struct Acknowledged {
    std::string id;

    static constexpr auto schema = xml::element(ns, "acknowledged", xml::attribute<&Acknowledged::id>("id"));
};

}  // namespace aldis::xep::markers
