#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "session/blocklist.h"
#include "session/contacts.h"
#include "xep/xep0191_blocking.h"

/// What changes when somebody is blocked: XEP-0191. No side effects.
namespace aldis::modules::blocking {

/// The addresses of a request, each once. @return  jid-malformed: one is no address
[[nodiscard]] Result<std::vector<Jid>> addresses_of(const std::vector<xep::blocking::Item>& items);
[[nodiscard]] std::vector<xep::blocking::Item> items_of(const std::vector<Jid>& addresses);
[[nodiscard]] std::vector<xep::blocking::Item> items_of(const session::Blocklist& blocklist);

/// Are there too many, with these added?
[[nodiscard]] bool is_full_for(const session::Blocklist& blocklist, const std::vector<Jid>& added, std::size_t most);

/// Who sees something else than before.
struct Audience {
    std::vector<Jid> lost = {};    ///< they may see the user's presence, and now must not
    std::vector<Jid> gained = {};  ///< the other way round
    std::vector<Jid> back = {};    ///< contacts whose presence the user may see again
};
/// @param items  what was blocked or unblocked
[[nodiscard]] Audience audience_of(const session::Contacts& contacts, const session::Blocklist& before,
                                   const session::Blocklist& after, const std::vector<Jid>& items);

}  // namespace aldis::modules::blocking
