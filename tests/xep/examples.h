#pragma once

#include <string>
#include <string_view>

#include "stanza/stanza.h"
#include "xml/parser.h"
#include "xml/schema.h"
#include "xml/writer.h"

namespace aldis::xep {

inline xml::Document document(std::string_view text) { return xml::parse_document(text, xml::client_ns); }

/// The payload that a XEP's example shows.
template <xml::Described T>
Result<T> parse(std::string_view text) {
    const xml::Document parsed = document(text);
    if (!parsed.root().is(T::schema.name)) return refuse(Condition::item_not_found, ErrorType::cancel);
    return xml::parse<T>(parsed.root());
}

template <xml::Described T>
std::string build(const T& value) {
    return xml::to_string(xml::build(value).root());
}

/// The example parsed and built back.
template <xml::Described T>
std::string round(std::string_view text) {
    const Result<T> parsed = parse<T>(text);
    return parsed ? build(*parsed) : "refused: " + std::string{parsed.error().text};
}

/// The message that an example shows.
inline stanza::Message message(std::string_view text) {
    xml::Document parsed = document(text);
    return std::get<stanza::Message>(std::move(*stanza::read(parsed)));
}

inline Jid jid(std::string_view text) { return *Jid::parse(text); }

}  // namespace aldis::xep
