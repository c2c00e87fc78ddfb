#pragma once

#include <cstddef>

#include "xml/element.h"

/// The same profile in the two languages of clients: XEP-0292 "Mapping from vcard-temp to vCard4". No side effects.
namespace aldis::modules::vcard4 {

/// More properties than a person has: comparing two of them would take long.
inline constexpr std::size_t most_properties = 1'000;
[[nodiscard]] bool has_too_many(const xml::Element& card);

/// Adds to `card` what one property of a vcard-temp is in vCard4. @return  false: there is no such thing there
bool add_converted(xml::Element& card, const xml::Element& property_of_temp);
/// The other way round.
bool add_converted_to_temp(xml::Element& card, const xml::Element& property_of_four);

/// The vCard4 that says what `card`, a vcard-temp, says. What vcard-temp cannot say, and what has not changed, stays as
/// it is in `before`; without pictures inside, because vCard4 is told to everybody with each change (avatars are not).
/// @param before  may be null
[[nodiscard]] xml::Document from_temp(const xml::Element& card, const xml::Element* before);
/// The other way round.
[[nodiscard]] xml::Document to_temp(const xml::Element& card, const xml::Element* before);

}  // namespace aldis::modules::vcard4
