#include "modules/avatar_rules.h"

#include "xep/xep0153_vcard_avatars.h"

namespace aldis::modules::avatars {
namespace {

constexpr stanza::Error no_data{Condition::bad_request, ErrorType::modify, "This is not the data of an avatar."};
constexpr stanza::Error other_hash{Condition::not_acceptable, ErrorType::modify,
                                   "The item must be called by the SHA-1 of the picture."};
constexpr stanza::Error no_metadata{Condition::bad_request, ErrorType::modify,
                                    "This is not the metadata of an avatar."};
constexpr stanza::Error no_hash{Condition::not_acceptable, ErrorType::modify, "The id of an avatar is a SHA-1."};
constexpr stanza::Error no_media{Condition::not_acceptable, ErrorType::modify,
                                 "An avatar is of a type image/ or video/."};
constexpr stanza::Error other_picture{Condition::not_acceptable, ErrorType::modify,
                                      "The published picture is of another size."};

/// COMPAT: Profanity 0.13 says img/png of what it publishes.
bool is_picture_type(std::string_view type) {
    return type.starts_with("image/") || type.starts_with("video/") || type.starts_with("img/");
}

Result<void> check_info(const xep::avatars::Info& info) {
    if (!pictures::hash_text(info.id)) return std::unexpected{no_hash};
    if (!is_picture_type(info.type)) return std::unexpected{no_media};
    return {};
}

/// A side that is not told counts as right; so does a picture that a camera has turned.
bool fits(const xep::avatars::Info& info, const Known& known) {
    const std::uint32_t width = info.width.value_or(0);
    const std::uint32_t height = info.height.value_or(0);
    const auto same = [&](std::uint32_t real_width, std::uint32_t real_height) {
        return (width == 0 || width == real_width) && (height == 0 || height == real_height);
    };
    return info.bytes == known.bytes &&
           (same(known.header.width, known.header.height) || same(known.header.height, known.header.width));
}

void set_photo(Presence& presence, std::string_view hash) {
    const xml::Name name = xep::VcardUpdate::schema.name;
    presence.edit().remove_if([&](const xml::Element& child) { return child.is(name); });
    presence.add(xep::VcardUpdate{.photo = std::string{hash}});
}

}  // namespace

Said said(const Presence& presence) {
    const xml::Element* const update = presence.element().child(xep::VcardUpdate::schema.name);
    if (update == nullptr) return Said::nothing;
    const xml::Element* const photo = update->child({update->ns(), "photo"});
    if (photo == nullptr) return Said::not_yet;
    return xml::trim(photo->text_view()).empty() ? Said::none : Said::hash;
}

std::optional<std::string> announce(Presence& presence, std::string_view hash) {
    const Said before = said(presence);
    if (before == Said::none) return std::nullopt;
    // "MAY be overwritten": the vCard is here. Where there is no picture, nothing is said of it unasked.
    if (hash.empty() && before != Said::not_yet) return std::nullopt;
    set_photo(presence, hash);
    return std::string{hash};
}

void forget_announced(Presence& presence) {
    const xml::Name name = xep::VcardUpdate::schema.name;
    presence.edit().remove_if([&](const xml::Element& child) { return child.is(name); });
    presence.add(xep::VcardUpdate{});
}

Result<pictures::Picture> check_data(std::string_view id, const xml::Element& payload, const pictures::Limits& limits) {
    if (!payload.is(xep::avatars::Data::schema.name)) return std::unexpected{no_data};
    Result<pictures::Picture> picture = pictures::read_picture(payload.text_view(), limits);
    if (picture && pictures::hash_text(id) != picture->hash) return std::unexpected{other_hash};
    return picture;
}

Result<std::optional<xep::avatars::Info>> check_metadata(const xml::Element& payload, const Known* known) {
    if (!payload.is(xep::avatars::Metadata::schema.name)) return std::unexpected{no_metadata};
    Result<xep::avatars::Metadata> metadata = xml::parse<xep::avatars::Metadata>(payload);
    if (!metadata) return std::unexpected{metadata.error()};
    std::optional<xep::avatars::Info> here;
    for (xep::avatars::Info& info : metadata->infos) {
        if (const Result<void> good = check_info(info); !good) return std::unexpected{good.error()};
        info.id = *pictures::hash_text(info.id);
        // XEP-0398 "From PEP to vCard": the one that does not point to an external URL.
        if (info.url || here) continue;
        if (known != nullptr && known->hash == info.id && !fits(info, *known)) return std::unexpected{other_picture};
        here = std::move(info);
    }
    return here;
}

xep::avatars::Metadata metadata_of(const pictures::Header& header, std::size_t bytes, std::string_view hash) {
    return {.infos = {{.bytes = static_cast<std::uint32_t>(bytes),
                       .id = std::string{hash},
                       .type = std::string{pictures::media_type(header.format)},
                       .height = static_cast<std::uint16_t>(header.height),
                       .width = static_cast<std::uint16_t>(header.width)}}};
}

}  // namespace aldis::modules::avatars
