#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "jid/jid.h"
#include "stanza/stanza.h"
#include "xml/schema.h"

/// XEP-0441: Message Archive Management Preferences 0.2.0
namespace aldis::xep::mam {

/// What is archived of those who are on neither list.
enum class Default : std::uint8_t { always, never, roster };

/// Asks for the preferences (type get, with nothing inside), changes them, or tells what they are.
struct Prefs {
    std::optional<Default> otherwise = {};  ///< must be there but in the question
    std::vector<Jid> always = {};
    std::vector<Jid> never = {};

    static constexpr auto schema =
        xml::element("urn:xmpp:mam:2", "prefs", xml::attribute<&Prefs::otherwise>("default"),
                     xml::text_list<&Prefs::always>("always", "jid"), xml::text_list<&Prefs::never>("never", "jid"));
};

}  // namespace aldis::xep::mam

template <>
struct aldis::xml::EnumNames<aldis::xep::mam::Default> {
    using enum xep::mam::Default;
    static constexpr std::array values{std::pair{always, std::string_view{"always"}},
                                       std::pair{never, std::string_view{"never"}},
                                       std::pair{roster, std::string_view{"roster"}}};
};
