#pragma once

#include <cstdint>

#include "stanza/stanza.h"

/// Who gets a stanza that is addressed to an account: RFC 6121 section 8.5, as a function without side effects.
namespace aldis::session {

/// What the account's resources look like to a stanza.
struct Presences {
    bool exact = false;         ///< a connected resource is just the one it is addressed to
    bool non_negative = false;  ///< there is an available resource whose priority is not negative
    bool available = false;     ///< there is an available resource
};

enum class Audience : std::uint8_t {
    nobody,        ///< silently ignored
    refused,       ///< answered with service-unavailable
    exact,         ///< the resource it is addressed to
    non_negative,  ///< every available resource with a priority of 0 and more
    available,     ///< every available resource
    fall_back,     ///< offline storage, or else service-unavailable
    account,       ///< IQ: the server answers on the account's behalf
};

/// Section 8.5.2 and 8.5.3, summed up in the table of 8.5.4.
[[nodiscard]] Audience audience(MessageType type, bool to_bare, const Presences& presences);
[[nodiscard]] Audience audience(PresenceType type, bool to_bare, const Presences& presences);
[[nodiscard]] Audience audience(IqType type, bool to_bare, const Presences& presences);

}  // namespace aldis::session
