#pragma once

#include "stanza/stanza.h"
#include "xep/xep0297_forwarding.h"
#include "xml/schema.h"

/// XEP-0280: Message Carbons 1.0.1
namespace aldis::xep::carbons {

inline constexpr std::string_view ns = "urn:xmpp:carbons:2";
/// Announces that the rules of "Recommended Rules" are followed, all of them.
inline constexpr std::string_view rules_feature = "urn:xmpp:carbons:rules:0";

/// From now on, this resource wants copies.
struct Enable {
    static constexpr auto schema = xml::element(ns, "enable");
};
/// From now on, it does not.
struct Disable {
    static constexpr auto schema = xml::element(ns, "disable");
};

/// Wraps a message that another resource received. Trust it only from one's own bare JID.
struct Received {
    Forwarded forwarded;

    static constexpr auto schema = xml::element(ns, "received", xml::child<&Received::forwarded>());
};
/// Wraps a message that another resource sent. Trust it only from one's own bare JID.
struct Sent {
    Forwarded forwarded;

    static constexpr auto schema = xml::element(ns, "sent", xml::child<&Sent::forwarded>());
};

/// In a message that is not to be copied.
struct Private {
    static constexpr auto schema = xml::element(ns, "private");
};

}  // namespace aldis::xep::carbons
