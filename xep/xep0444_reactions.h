#pragma once

#include <string>
#include <vector>

#include "xml/schema.h"

/// XEP-0444: Message Reactions 0.2.1
namespace aldis::xep {

/// All reactions of the sender to a message, in the place of those before. None: takes them back.
struct Reactions {
    std::string id;  ///< of the message; in rooms, the stanza-id that the room assigned
    std::vector<std::string> reactions = {};

    static constexpr auto schema =
        xml::element("urn:xmpp:reactions:0", "reactions", xml::attribute<&Reactions::id>("id"),
                     xml::text_children<&Reactions::reactions>("reaction"));
};

}  // namespace aldis::xep
