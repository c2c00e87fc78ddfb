#include "modules/vcard_rules.h"

#include "base/base64.h"
#include "xep/xep0054_vcard_temp.h"

namespace aldis::modules::vcard {
namespace {

using Photo = xep::vcard_temp::Photo;

/// COMPAT: clients that have no picture send one that is empty.
bool is_inside(const Photo& photo) { return photo.binval && !xml::trim(*photo.binval).empty(); }

bool says_nothing(const Photo& photo) {
    return !is_inside(photo) && (!photo.extval || xml::trim(*photo.extval).empty());
}

}  // namespace

Result<std::optional<pictures::Picture>> take_picture(xml::Element& card, const pictures::Limits& limits) {
    std::optional<pictures::Picture> first;
    for (const xml::Element& child : card.children()) {
        const Result<Photo> photo = xml::parse<Photo>(child);
        if (!child.is(Photo::schema.name) || !photo || !is_inside(*photo)) continue;
        Result<pictures::Picture> picture = pictures::read_picture(*photo->binval, limits);
        if (!picture) return std::unexpected{picture.error()};
        if (!first) first = std::move(*picture);
    }
    card.remove_if([](const xml::Element& child) {
        if (!child.is(Photo::schema.name)) return false;
        const Result<Photo> photo = xml::parse<Photo>(child);
        return photo && (is_inside(*photo) || says_nothing(*photo));
    });
    return first;
}

void add_picture(xml::Element& card, std::string_view media_type, std::string_view bytes) {
    xml::add(card, Photo{.type = std::string{media_type}, .binval = base64_encode(bytes)});
}

std::optional<db::Avatar> stored_form(std::optional<pictures::Picture> picture) {
    if (!picture) return std::nullopt;
    return db::Avatar{.hash = std::move(picture->hash),
                      .type = std::string{pictures::media_type(picture->header.format)},
                      .bytes = std::move(picture->bytes)};
}

xep::dataforms::Form form_of(const Choice& choice) {
    xep::dataforms::Form form = xep::dataforms::filled(choice, xep::dataforms::Kind::form);
    form.title = "Who sees my profile";
    return form;
}

std::string_view told(db::Visibility visibility) {
    switch (visibility) {
        case db::Visibility::everyone: return "everyone";
        case db::Visibility::subscribers: return "those who may see when you are online";
        case db::Visibility::nobody: return "nobody";
    }
    return {};
}

}  // namespace aldis::modules::vcard
