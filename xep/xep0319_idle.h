#pragma once

#include "xep/xep0082_date_time.h"
#include "xml/schema.h"

/// XEP-0319: Last User Interaction in Presence 1.0.2
namespace aldis::xep {

/// In presence: since when nobody has touched the client.
struct Idle {
    Timestamp since{};

    static constexpr auto schema = xml::element("urn:xmpp:idle:1", "idle", xml::attribute<&Idle::since>("since"));
};

}  // namespace aldis::xep
