#pragma once

#include <string_view>
#include <utility>
#include <variant>

#include "stanza/stanza.h"
#include "xml/parser.h"

namespace aldis::modules {

/// A message as a server reads it.
inline Message message_of(std::string_view text) {
    xml::Document document = xml::parse_document(text, xml::client_ns);
    return std::get<Message>(std::move(*stanza::read(document)));
}

/// A payload that is well made.
template <class T>
T payload_of(std::string_view text) {
    const xml::Document document = xml::parse_document(text, xml::client_ns);
    return xml::parse<T>(document.root()).value();
}

inline Jid jid(std::string_view text) { return Jid::parse(text).value(); }

}  // namespace aldis::modules
