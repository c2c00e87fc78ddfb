#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What can be said of an address from its ASCII alone, so that almost no address of daily life meets ICU.
namespace aldis::ascii {

enum class Form : std::uint8_t {
    canonical,  ///< valid, and its own canonical form
    upper,      ///< valid; lower() makes it canonical
    other,      ///< valid or not: jid/precis.h decides
};

[[nodiscard]] Form form_of_local(std::string_view local);
[[nodiscard]] Form form_of_domain(std::string_view domain);
[[nodiscard]] Form form_of_resource(std::string_view resource);

/// Lower-cases A to Z in the first `count` characters.
void lower(std::string& text, std::size_t count);

}  // namespace aldis::ascii
