#pragma once

#include <algorithm>
#include <string_view>

#include "xml/parser.h"
#include "xml/writer.h"

namespace aldis::modules {

/// Reads an element that was taken from a client and written by us. It was within the limits then, and escaping may
/// have made it longer.
[[nodiscard]] inline xml::Document read_stored(std::string_view markup) {
    constexpr std::size_t usual = xml::Limits{}.stanza_bytes;
    return xml::parse_document(markup, xml::client_ns, {.stanza_bytes = std::max(usual, markup.size() + 1)});
}

}  // namespace aldis::modules
