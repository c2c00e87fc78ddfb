#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace aldis::session {

/// One message that several of an account's resources get, as it is or as a carbon copy. As long as one of them has
/// taken it, or can still be waited for, it is not lost with another.
struct Delivery {
    Bytes original;             ///< as it was addressed, not the copy
    std::uint32_t waiting = 0;  ///< sessions that have not acknowledged it
    bool taken = false;         ///< one has, or has no means to say so
};

/// What a module wants to hear of when a client acknowledges a message: XEP-0198.
struct Tracked {
    virtual ~Tracked() = default;
};

}  // namespace aldis::session
