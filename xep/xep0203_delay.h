#pragma once

#include <optional>
#include <string>

#include "jid/jid.h"
#include "stanza/stanza.h"
#include "xep/xep0082_date_time.h"
#include "xml/schema.h"

/// XEP-0203: Delayed Delivery 2.0
namespace aldis::xep {

/// When a stanza was sent that comes late. Anybody can forge it ("Security Considerations").
struct Delay {
    std::optional<Jid> from = {};  ///< who held it back: a server for offline messages, a room for its history
    Timestamp stamp{};             ///< when it was sent
    std::optional<std::string> reason = {};  ///< in natural language

    static constexpr auto schema = xml::element("urn:xmpp:delay", "delay", xml::attribute<&Delay::from>("from"),
                                                xml::attribute<&Delay::stamp>("stamp"), xml::text<&Delay::reason>());
};

}  // namespace aldis::xep
