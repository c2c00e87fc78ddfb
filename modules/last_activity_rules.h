#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "session/contacts.h"
#include "stanza/stanza.h"

/// Who learns what about an account: XEP-0012. No side effects.
namespace aldis::modules::last_activity {

/// "Offline User Query": only those who may see the account's presence; oneself may.
[[nodiscard]] inline bool may_know(const Jid& asker, const Jid& account, const session::Contacts& contacts) {
    return asker.same_bare(account) || contacts.subscribed_from(asker.bare_text());
}

/// Whole seconds; none if the clock has been set back since.
[[nodiscard]] inline std::uint64_t seconds_between(Timestamp then, Timestamp now) {
    const auto passed = std::chrono::floor<std::chrono::seconds>(now - then).count();
    return passed > 0 ? static_cast<std::uint64_t>(passed) : 0;
}

/// As much of a status as is kept, cut between two characters.
[[nodiscard]] inline std::string kept_status(std::string_view status) {
    constexpr std::size_t most = 1'023;
    if (status.size() <= most) return std::string{status};
    std::size_t end = most;
    const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(status[at]) & 0xC0U) == 0x80U; };
    while (end > 0 && continues(end)) --end;
    return std::string{status.substr(0, end)};
}

}  // namespace aldis::modules::last_activity
