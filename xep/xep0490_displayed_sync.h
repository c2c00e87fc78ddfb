#pragma once

#include "stanza/stanza.h"
#include "xep/xep0359_stanza_ids.h"
#include "xml/schema.h"

/// XEP-0490: Message Displayed Synchronization 1.0.1
namespace aldis::xep::displayed_sync {

/// Of the element, and the name of the node whose items are called by the addresses of the conversations.
inline constexpr std::string_view ns = "urn:xmpp:mds:displayed:0";
/// Announces that Displayed in a message is published by the server.
inline constexpr std::string_view server_assist = "urn:xmpp:mds:server-assist:0";

/// The user has seen the conversation up to this message.
struct Displayed {
    StanzaId stanza_id;  ///< by the user's own address; in rooms, by the room

    static constexpr auto schema = xml::element(ns, "displayed", xml::child<&Displayed::stanza_id>());
};

}  // namespace aldis::xep::displayed_sync
