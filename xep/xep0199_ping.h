#pragma once

#include "xml/schema.h"

/// XEP-0199: XMPP Ping 2.0.1
namespace aldis::xep {

struct Ping {
    static constexpr auto schema = xml::element("urn:xmpp:ping", "ping");
};

}  // namespace aldis::xep
