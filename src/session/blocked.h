#pragma once

#include "session/account.h"
#include "session/home.h"

namespace aldis::session {

/// A client writes to somebody its user has blocked. The answer goes straight to it: it seems to come from whom the
/// account hears nothing of.
inline void refuse_blocked(Home& home, Session& session, Transfer transfer) {
    home.counters().refused.add();
    const std::optional<AnyStanza> reply = stanza::error_reply(transfer.stanza, blocked_by_sender);
    home.done(std::move(transfer));
    if (reply) session.send(*reply);
}

}  // namespace aldis::session
