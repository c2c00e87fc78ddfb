#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "jid/jid.h"
#include "stanza/stanza.h"
#include "xep/xep0059_rsm.h"
#include "xml/schema.h"

/// XEP-0430: Inbox 0.2.0
namespace aldis::xep::inbox {

inline constexpr std::string_view ns = "urn:xmpp:inbox:1";

/// Asks for the conversations (type get).
struct Query {
    bool unread_only = false;
    bool messages = true;              ///< with the last message of each
    std::optional<rsm::Set> set = {};  ///< its ids are those of Fin

    static constexpr auto schema =
        xml::element(ns, "inbox", xml::attribute_or<&Query::unread_only>("unread-only", false),
                     xml::attribute_or<&Query::messages>("messages", true), xml::child<&Query::set>());
};

/// One conversation, in a <message/> of its own, in front of its last message (XEP-0313's Match), if that is wanted.
struct Entry {
    Jid jid;  ///< of the room, or else bare
    std::uint64_t unread = 0;
    std::string id;  ///< the last in the archive that has to do with the conversation

    static constexpr auto schema =
        xml::element(ns, "entry", xml::attribute<&Entry::jid>("jid"), xml::attribute<&Entry::unread>("unread"),
                     xml::attribute<&Entry::id>("id"));
};

/// Follows the entries, as the result of the IQ.
struct Fin {
    std::uint64_t total = 0;       ///< conversations in the inbox
    std::uint64_t unread = 0;      ///< those with unread messages
    std::uint64_t all_unread = 0;  ///< unread messages in all of them
    rsm::Set set = {};

    static constexpr auto schema =
        xml::element(ns, "fin", xml::attribute<&Fin::total>("total"), xml::attribute<&Fin::unread>("unread"),
                     xml::attribute<&Fin::all_unread>("all-unread"), xml::child<&Fin::set>());
};

}  // namespace aldis::xep::inbox
