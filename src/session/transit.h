#pragma once

#include "base/log.h"
#include "db/unit.h"
#include "mod/phase.h"
#include "stanza/stanza.h"

namespace aldis::session {

class Account;
class Session;

/// A message on its way through an account, as the modules' handlers see it.
struct Transit {
    Message& message;
    Account& account;
    mod::Direction direction;
    db::Unit& unit;              ///< what is written with it, in one transaction
    Session* session = nullptr;  ///< outward: the sender's
    bool to_self = false;        ///< both sides are this account: it passes outward, then inward

    [[nodiscard]] bool outward() const { return direction == mod::Direction::outward; }
    /// The other side.
    [[nodiscard]] const Jid& peer() const { return outward() ? message.to() : message.from(); }
    /// The stanza as it is at this moment, serialised once for all that keep or send it.
    [[nodiscard]] const Bytes& bytes() const { return message.wire(); }
};

}  // namespace aldis::session
