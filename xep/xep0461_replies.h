#pragma once

#include <optional>
#include <string>

#include "jid/jid.h"
#include "stanza/stanza.h"
#include "xml/schema.h"

/// XEP-0461: Message Replies 0.2.1
namespace aldis::xep {

/// What the message answers.
struct Reply {
    std::optional<Jid> to = {};  ///< who wrote it
    std::string id;              ///< its origin-id or id; in rooms, the stanza-id that the room assigned

    static constexpr auto schema =
        xml::element("urn:xmpp:reply:0", "reply", xml::attribute<&Reply::to>("to"), xml::attribute<&Reply::id>("id"));
};

}  // namespace aldis::xep
