#pragma once

#include <optional>

#include "base/bytes.h"
#include "xep/xep0203_delay.h"
#include "xml/schema.h"

/// XEP-0297: Stanza Forwarding 1.0
namespace aldis::xep {

/// A stanza inside another. Not to be trusted beyond what the protocol around it says.
struct Forwarded {
    std::optional<Delay> delay = {};  ///< when the forwarding entity received it
    Bytes stanza = {};                ///< as Stanza::wire() makes it; written as it is. Null where it was left out

    static constexpr auto schema = xml::element("urn:xmpp:forward:0", "forwarded", xml::child<&Forwarded::delay>(),
                                                xml::markup<&Forwarded::stanza>(xml::client_ns));
};

}  // namespace aldis::xep
