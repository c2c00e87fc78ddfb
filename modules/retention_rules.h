#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "xep/xep0068_form_types.h"

/// For how long messages are kept. No side effects.
namespace aldis::modules::retention {

using std::chrono::days;

/// What the server is configured to. Everywhere, 0 days are for ever.
struct Limits {
    days all{0};
    std::map<std::string, days> domains = {};  ///< instead of that

    [[nodiscard]] days of(std::string_view domain) const;
    [[nodiscard]] bool any() const;
};

/// The shorter of what the server and the owner want.
[[nodiscard]] days shorter(days limit, std::optional<days> own);

/// @param jid  the owner of an archive
/// @return     older messages of his are to go; nothing: none are
[[nodiscard]] std::optional<Timestamp> cutoff_of(std::string_view jid, std::optional<days> own, const Limits& limits,
                                                 Timestamp now);

/// What an owner chooses, as the form of the command has it.
struct Choice {
    std::uint32_t days = 0;  ///< 0: as the server

    static constexpr std::uint32_t most = 36'500;
    static constexpr auto form = xep::dataforms::form(
        "urn:aldis:retention", xep::dataforms::field<&Choice::days>("days", xep::dataforms::FieldType::text_single));
};

/// @param limit  the server's
[[nodiscard]] xep::dataforms::Form form_of(const Choice& choice, days limit);
/// What follows from the choice, for humans.
[[nodiscard]] std::string told(const Choice& choice, days limit);

}  // namespace aldis::modules::retention
