#pragma once

#include "xml/schema.h"

/// XEP-0352: Client State Indication 1.0.0
namespace aldis::xep::csi {

inline constexpr std::string_view ns = "urn:xmpp:csi:0";

/// The stream feature, after authentication.
struct Feature {
    static constexpr auto schema = xml::element(ns, "csi");
};

/// Somebody looks at the client: the state of each new or resumed stream.
struct Active {
    static constexpr auto schema = xml::element(ns, "active");
};

/// Nobody does.
struct Inactive {
    static constexpr auto schema = xml::element(ns, "inactive");
};

}  // namespace aldis::xep::csi
