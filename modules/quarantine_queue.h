#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "modules/quarantine_rules.h"

namespace aldis::session {
class Account;
class Home;
}  // namespace aldis::session

namespace aldis::modules::quarantine {

/// What of strangers waits for an account, and who is no stranger to it: as long as the account is in memory.
struct Queue {
    std::vector<db::HeldSender> senders = {};
    Acquaintances known = {};
    std::vector<std::string> unsaved = {};    ///< acquaintances that are on disk in the archive only
    std::vector<std::string> releasing = {};  ///< senders whose stanzas are being delivered
    std::uint64_t held = 0;                   ///< grows with each stanza
    Rate rate = {};                           ///< at which it grows
    bool delivering = false;                  ///< what comes at this moment has waited

    [[nodiscard]] const db::HeldSender* find(std::string_view sender) const;
    [[nodiscard]] bool releases(std::string_view sender) const;
    void add(std::string_view sender, bool request, std::uint64_t bytes, Timestamp now);
    void forget(std::string_view sender);
};

/// Delivers what a sender has waiting, in order, as if it came now. Each stanza leaves the quarantine in the
/// transaction in which its delivery is recorded; what is refused now leaves it, too. A task of the account.
/// @param sender  bare address; empty: all that waits
Task<void> release(session::Home& home, session::Account& account, std::string sender);

}  // namespace aldis::modules::quarantine
