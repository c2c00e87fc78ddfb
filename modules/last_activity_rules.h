#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "db/last_activity.h"
#include "session/contacts.h"
#include "stanza/stanza.h"
#include "xep/xep0068_form_types.h"

/// Who learns what about an account: XEP-0012. No side effects.
namespace aldis::modules::last_activity {

using db::LastSeenPrivacy;
using Visible = LastSeenPrivacy::Visible;

inline constexpr std::string_view privacy_node = "urn:aldis:last-seen";  ///< of the command, and its form
inline constexpr std::size_t most_listed = 500;

/// What the owner of an account is asked by that command.
struct PrivacyForm {
    Visible visible = Visible::subscribers;
    std::vector<Jid> list = {};

    static constexpr std::array choices = {
        xep::dataforms::Choice{"subscribers", "Everybody who sees your presence"},
        xep::dataforms::Choice{"nobody", "Nobody"},
        xep::dataforms::Choice{"list", "Those listed below, as far as they see your presence"}};
    static constexpr auto form = xep::dataforms::form(
        privacy_node,
        xep::dataforms::field<&PrivacyForm::visible>("visible", xep::dataforms::FieldType::list_single)
            .labelled("Who sees when you were last here, and for how long you have been idle")
            .needed()
            .choices(choices),
        xep::dataforms::field<&PrivacyForm::list>("list", xep::dataforms::FieldType::jid_multi)
            .labelled("Addresses and domains"));
};
[[nodiscard]] PrivacyForm form_of(const LastSeenPrivacy& privacy);
[[nodiscard]] LastSeenPrivacy privacy_of(const PrivacyForm& form);

/// "Offline User Query": only those who may see the account's presence, and of them whom the owner lets know; oneself
/// may.
[[nodiscard]] bool may_know(const Jid& asker, const Jid& account, const session::Contacts& contacts,
                            const LastSeenPrivacy& privacy = {});

/// Takes out of a presence what tells for how long nobody has touched the client (XEP-0319, XEP-0256), unless who gets
/// it may know. To everybody: where that is not all who see the presence, to none.
void hide_idle(Presence& presence, const Jid& account, const session::Contacts& contacts,
               const LastSeenPrivacy& privacy);

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

template <>
struct aldis::xml::EnumNames<aldis::db::LastSeenPrivacy::Visible> {
    using enum db::LastSeenPrivacy::Visible;
    static constexpr std::array values{std::pair{subscribers, std::string_view{"subscribers"}},
                                       std::pair{nobody, std::string_view{"nobody"}},
                                       std::pair{listed, std::string_view{"list"}}};
};
