#pragma once

#include "stanza/stanza.h"
#include "xml/schema.h"

/// XEP-0334: Message Processing Hints 1.0.0. Those in a stanza of type error are to be ignored ("Business Rules").
namespace aldis::xep::hints {

inline constexpr std::string_view ns = "urn:xmpp:hints";

/// Keep it out of archives and logs; holding it until it is delivered is fine.
struct NoPermanentStore {
    static constexpr auto schema = xml::element(ns, "no-permanent-store");
};
/// Store it nowhere, not even until it is delivered.
struct NoStore {
    static constexpr auto schema = xml::element(ns, "no-store");
};
/// Copy it to nobody but the full JID it is addressed to.
struct NoCopy {
    static constexpr auto schema = xml::element(ns, "no-copy");
};
/// Store it although it has no body.
struct Store {
    static constexpr auto schema = xml::element(ns, "store");
};

}  // namespace aldis::xep::hints
