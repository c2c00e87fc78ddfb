#pragma once

#include "base/log.h"
#include "db/archive_id.h"
#include "db/unit.h"
#include "mod/phase.h"
#include "session/copies.h"
#include "session/delivery.h"
#include "stanza/stanza.h"

namespace aldis::session {

class Account;
class Session;

/// A message on its way through an account, as the modules' handlers see it.
struct Transit {
    Message& message;
    Account& account;
    mod::Direction direction;
    db::Unit& unit;                               ///< what is written with it, in one transaction
    Session* session = nullptr;                   ///< outward: the sender's; in copy and deliver, null if it has gone
    bool to_self = false;                         ///< both sides are this account: it passes outward, then inward
    Audience audience = Audience::nobody;         ///< inward: who gets it
    std::optional<db::ArchiveId> archived = {};   ///< in this account's archive
    std::shared_ptr<Delivery> delivery = {};      ///< inward, copy and deliver: if there is more than one session
    std::shared_ptr<const Tracked> tracked = {};  ///< inward, before the commit: set to hear of the acknowledgement

    [[nodiscard]] bool outward() const { return direction == mod::Direction::outward; }
    /// The other side.
    [[nodiscard]] const Jid& peer() const { return outward() ? message.to() : message.from(); }
    /// The stanza as it is at this moment, serialised once for all that keep or send it.
    [[nodiscard]] const Bytes& bytes() const { return message.wire(); }
};

}  // namespace aldis::session
