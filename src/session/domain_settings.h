#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "jid/jid.h"

namespace aldis::session {

/// What the operator has decided for one domain, as far as modules ask for it.
struct DomainSettings {
    std::vector<Jid> admins = {};      ///< bare; of any domain
    std::vector<Jid> all_admins = {};  ///< of all domains here
    /// XEP-0157: URIs by what they are for, such as "abuse".
    std::vector<std::pair<std::string, std::vector<std::string>>> contacts = {};

    /// May this address administer the domain? Whoever asks has made sure that it is the asker's.
    [[nodiscard]] bool is_admin(const Jid& address) const {
        return std::ranges::any_of(admins, [&](const Jid& admin) { return admin.same_bare(address); });
    }
};

}  // namespace aldis::session
