#pragma once

#include <functional>
#include <optional>

#include "base/clock.h"
#include "db/archive_id.h"
#include "db/unit.h"
#include "session/copies.h"
#include "stanza/stanza.h"

namespace aldis::session {

/// The session that a stanza came from, for the news that everything it caused is on disk.
struct Origin {
    std::uint64_t session = 0;  ///< 0: nobody waits for it
    std::uint64_t number = 0;   ///< of the stanza, among those of its session
    std::uint64_t order = 0;    ///< of the message, among those of its account
    unsigned shard = 0;
};

/// A stanza on its way to an account, with what is to be written for it.
struct Transfer {
    AnyStanza stanza;
    db::Unit unit = {};
    Origin origin = {};
    /// Called on shard `origin.shard` when the unit is on disk (true) or lost (false).
    std::move_only_function<void(bool stored)> then = nullptr;
    std::optional<Instant> received = {};         ///< set in one of some, to measure the way
    bool kept = false;                            ///< fall_back has taken it
    Bytes sent = {};                              ///< as it was sent, if its sender's other resources are to see it
    std::optional<db::ArchiveId> sent_id = {};    ///< in its sender's archive
    std::shared_ptr<const Backup> backup = {};    ///< of a message that is in no archive
    std::shared_ptr<const Tracked> tracked = {};  ///< who wants to know that it was acknowledged
};

}  // namespace aldis::session
