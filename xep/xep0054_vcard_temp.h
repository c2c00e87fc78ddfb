#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xml/schema.h"

/// XEP-0054: vcard-temp 1.3.0
namespace aldis::xep::vcard_temp {

inline constexpr std::string_view ns = "vcard-temp";

/// The whole of it is kept as it is: what a server does not know, clients may.
struct Card {
    static constexpr auto schema = xml::element(ns, "vCard");
};

/// A picture, as bytes in base64 or somewhere else.
struct Photo {
    std::optional<std::string> type = {};
    std::optional<std::string> binval = {};
    std::optional<std::string> extval = {};

    static constexpr auto schema =
        xml::element(ns, "PHOTO", xml::text_child<&Photo::type>("TYPE"), xml::text_child<&Photo::binval>("BINVAL"),
                     xml::text_child<&Photo::extval>("EXTVAL"));
};

}  // namespace aldis::xep::vcard_temp
