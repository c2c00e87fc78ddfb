#include "modules/last_activity_rules.h"

#include <algorithm>

#include "xep/xep0012_last_activity.h"
#include "xep/xep0319_idle.h"

namespace aldis::modules::last_activity {
namespace {

bool is_listed(const Jid& who, const std::vector<std::string>& list) {
    return std::ranges::any_of(list, [&](const std::string& item) {
        return item == who.text() || item == who.bare_text() || item == who.domain();
    });
}

bool allows(const LastSeenPrivacy& privacy, const Jid& who) {
    switch (privacy.visible) {
        case Visible::subscribers: return true;
        case Visible::nobody: return false;
        case Visible::listed: return is_listed(who, privacy.list);
    }
    return false;
}

}  // namespace

PrivacyForm form_of(const LastSeenPrivacy& privacy) {
    PrivacyForm form{.visible = privacy.visible};
    for (const std::string& item : privacy.list)
        if (Result<Jid> jid = Jid::parse(item)) form.list.push_back(std::move(*jid));
    return form;
}

LastSeenPrivacy privacy_of(const PrivacyForm& form) {
    LastSeenPrivacy privacy{.visible = form.visible};
    for (const Jid& jid : form.list) privacy.list.push_back(jid.text());
    return privacy;
}

bool may_know(const Jid& asker, const Jid& account, const session::Contacts& contacts, const LastSeenPrivacy& privacy) {
    if (asker.same_bare(account)) return true;
    return contacts.subscribed_from(asker.bare_text()) && allows(privacy, asker);
}

void hide_idle(Presence& presence, const Jid& account, const session::Contacts& contacts,
               const LastSeenPrivacy& privacy) {
    if (privacy.visible == Visible::subscribers) return;
    const auto tells = [](const xml::Element& child) {
        return child.is(xep::Idle::schema.name) || child.is(xep::LastActivity::schema.name);
    };
    if (std::ranges::none_of(presence.element().children(), tells)) return;
    if (!presence.to().empty() && may_know(presence.to(), account, contacts, privacy)) return;
    presence.edit().remove_if(tells);
}

}  // namespace aldis::modules::last_activity
