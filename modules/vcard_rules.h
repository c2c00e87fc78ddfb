#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "db/vcards.h"
#include "modules/picture_rules.h"
#include "xep/xep0068_form_types.h"
#include "xml/element.h"

/// The picture in a vcard-temp, and who sees it: XEP-0054, XEP-0153 "XML Syntax". No side effects.
namespace aldis::modules::vcard {

/// Takes the picture out of a vCard that somebody wants to have stored.
/// @return  nothing: there is none inside; not-acceptable: there is something that may not be shown as one
[[nodiscard]] Result<std::optional<pictures::Picture>> take_picture(xml::Element& card, const pictures::Limits& limits);

void add_picture(xml::Element& card, std::string_view media_type, std::string_view bytes);

[[nodiscard]] std::optional<db::Avatar> stored_form(std::optional<pictures::Picture> picture);

/// @param subscribed  to the presence of the account; the account itself sees everything
[[nodiscard]] constexpr bool may_see(db::Visibility visibility, bool subscribed) {
    return visibility == db::Visibility::everyone || (visibility == db::Visibility::subscribers && subscribed);
}

/// Whom an account shows its profile.
struct Choice {
    db::Visibility visibility = db::Visibility::everyone;

    static constexpr std::array choices{
        xep::dataforms::Choice{"everyone", "Everyone"},
        xep::dataforms::Choice{"subscribers", "Those who may see when I am online"},
        xep::dataforms::Choice{"nobody", "Nobody"},
    };
    static constexpr auto form = xep::dataforms::form(
        "urn:aldis:profile",
        xep::dataforms::field<&Choice::visibility>("visibility", xep::dataforms::FieldType::list_single)
            .labelled("Who sees my profile and my picture")
            .choices(choices)
            .needed());
};
[[nodiscard]] xep::dataforms::Form form_of(const Choice& choice);
/// As the end of a sentence.
[[nodiscard]] std::string_view told(db::Visibility visibility);

}  // namespace aldis::modules::vcard

template <>
struct aldis::xml::EnumNames<aldis::db::Visibility> {
    static constexpr std::array values{
        std::pair{aldis::db::Visibility::everyone, std::string_view{"everyone"}},
        std::pair{aldis::db::Visibility::subscribers, std::string_view{"subscribers"}},
        std::pair{aldis::db::Visibility::nobody, std::string_view{"nobody"}},
    };
};
