#pragma once

#include <string>

#include "stanza/stanza.h"
#include "xml/schema.h"

/// XEP-0184: Message Delivery Receipts 1.4.0
namespace aldis::xep::receipts {

inline constexpr std::string_view ns = "urn:xmpp:receipts";

/// Asks to be told when the message has reached a client.
struct Request {
    static constexpr auto schema = xml::element(ns, "request");
};

/// Tells it.
struct Received {
    std::string id;  ///< of the message that was received

    static constexpr auto schema = xml::element(ns, "received", xml::attribute<&Received::id>("id"));
};

}  // namespace aldis::xep::receipts
