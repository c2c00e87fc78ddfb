#pragma once

#include <string_view>

#include "xml/schema.h"

/// XEP-0292: vCard4 Over XMPP 0.12.0
namespace aldis::xep::vcard4 {

inline constexpr std::string_view ns = "urn:ietf:params:xml:ns:vcard-4.0";
/// Of the account's PEP service: what it tells of itself, and what it keeps of others.
inline constexpr std::string_view node = "urn:xmpp:vcard4";
inline constexpr std::string_view contacts_node = "urn:xmpp:contacts";

/// The properties of RFC 6351, kept as they are.
struct Card {
    static constexpr auto schema = xml::element(ns, "vcard");
};

}  // namespace aldis::xep::vcard4
