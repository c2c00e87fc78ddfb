#pragma once

#include <string_view>

/// XEP-0398: User Avatar to vCard-Based Avatars Conversion 1.0.0
namespace aldis::xep {

/// Of an account: what is published by XEP-0084 is in the vCard too, and the other way round.
inline constexpr std::string_view avatar_conversion_feature = "urn:xmpp:pep-vcard-conversion:0";

}  // namespace aldis::xep
