#pragma once

#include <optional>
#include <string_view>

#include "modules/picture_rules.h"
#include "xml/element.h"

/// The picture in a vcard-temp: XEP-0054, XEP-0153 "XML Syntax". No side effects.
namespace aldis::modules::vcard {

/// Takes the picture out of a vCard that somebody wants to have stored.
/// @return  nothing: there is none inside; not-acceptable: there is something that may not be shown as one
[[nodiscard]] Result<std::optional<pictures::Picture>> take_picture(xml::Element& card, const pictures::Limits& limits);

void add_picture(xml::Element& card, std::string_view media_type, std::string_view bytes);

}  // namespace aldis::modules::vcard
