#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "modules/picture_rules.h"
#include "stanza/stanza.h"
#include "xep/xep0084_avatars.h"

/// What a published avatar must be, and what presence says of it: XEP-0084, XEP-0153, XEP-0398. No side effects.
namespace aldis::modules::avatars {

/// What a client's presence says of the picture in the vCard.
enum class Said : std::uint8_t {
    nothing,
    not_yet,  ///< it does not know yet
    none,     ///< there is no picture
    hash,
};
[[nodiscard]] Said said(const Presence& presence);

/// XEP-0398 "Presence Broadcast". @param hash  of the picture in the vCard; empty: there is none
/// @return  what was put there; nothing: the presence is as it was
std::optional<std::string> announce(Presence& presence, std::string_view hash);
/// The presence that tells of another picture than the one it told of; announce() does the rest.
void forget_announced(Presence& presence);

/// @param id  of the item; must be the picture's SHA-1
[[nodiscard]] Result<pictures::Picture> check_data(std::string_view id, const xml::Element& payload,
                                                   const pictures::Limits& limits);

/// What is known of a picture in the data node.
struct Known {
    std::string hash;
    std::size_t bytes = 0;
    pictures::Header header;
};

/// @param known  the data that came last; may be another picture, or null
/// @return  the format that is in the data node; nothing: the avatar is off, or only somewhere else
[[nodiscard]] Result<std::optional<xep::avatars::Info>> check_metadata(const xml::Element& payload, const Known* known);

/// "one info element that represents the newly published image"
[[nodiscard]] xep::avatars::Metadata metadata_of(const pictures::Header& header, std::size_t bytes,
                                                 std::string_view hash);

}  // namespace aldis::modules::avatars
