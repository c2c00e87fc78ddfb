#pragma once

#include <optional>
#include <string>

#include "jid/jid.h"
#include "stanza/stanza.h"
#include "xml/schema.h"

/// XEP-0249: Direct MUC Invitations 1.2
namespace aldis::xep {

struct DirectInvitation {
    Jid jid;  ///< the room
    std::optional<std::string> password = {};
    std::optional<std::string> reason = {};
    bool continues = false;  ///< a conversation of two becomes one of many
    std::optional<std::string> thread = {};

    static constexpr auto schema = xml::element(
        "jabber:x:conference", "x", xml::attribute<&DirectInvitation::jid>("jid"),
        xml::attribute<&DirectInvitation::password>("password"), xml::attribute<&DirectInvitation::reason>("reason"),
        xml::attribute_or<&DirectInvitation::continues>("continue", false),
        xml::attribute<&DirectInvitation::thread>("thread"));
};

}  // namespace aldis::xep
