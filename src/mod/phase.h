#pragma once

#include <cstdint>

#include "base/result.h"

namespace aldis::mod {

/// The order in which modules see a message. Two handlers in one phase must not depend on each other.
///
/// The first four and, where nobody is there to take the message, fall_back run before the commit, so that what they
/// store is one transaction; copy and deliver run when it is on disk.
enum class Phase : std::uint8_t {
    screen,     ///< may refuse: blocking, limits
    amend,      ///< may change: strip forged ids, add ours
    archive,    ///< records what will be delivered
    tally,      ///< keeps account of what was recorded: inbox
    copy,       ///< carbons to other resources
    deliver,    ///< resources, room occupants
    fall_back,  ///< nobody took it: offline storage, push
};
inline constexpr std::size_t phases = 7;

enum class Flow : std::uint8_t { pass, taken };  ///< taken: no later handler sees the stanza
using Step = Result<Flow>;                       ///< an error refuses the stanza and answers its sender

/// Through the sender's account on its way out, through the receiver's on its way in.
enum class Direction : std::uint8_t { outward, inward };

/// Whom an IQ is addressed to, as its handler sees it.
enum class For : std::uint8_t {
    server,       ///< the domain itself
    own_account,  ///< the sender's own bare address, or no address
    account,      ///< the bare address of somebody else here
    nobody,       ///< a bare address that no account has; an answer must not tell so
};

}  // namespace aldis::mod
