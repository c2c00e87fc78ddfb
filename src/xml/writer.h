#pragma once

#include <string>
#include <string_view>

#include "xml/element.h"

namespace aldis::xml {

inline constexpr std::string_view client_ns = "jabber:client";

/// Appends `text` so that it is safe between tags.
void escape_text(std::string& out, std::string_view text);
/// Appends `value` so that it is safe between single quotes.
void escape_attribute(std::string& out, std::string_view value);

/// Appends `element` as it reads where `default_ns` is the default namespace: prefixes are never used, but for the
/// attributes of foreign namespaces.
void write(std::string& out, const Element& element, std::string_view default_ns = client_ns);

/// The same in a string of its own.
[[nodiscard]] std::string to_string(const Element& element, std::string_view default_ns = client_ns);

}  // namespace aldis::xml
