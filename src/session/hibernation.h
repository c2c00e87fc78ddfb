#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "session/copies.h"

namespace aldis::session {

class Session;

/// A session that can be resumed, over an orderly stop of the server: XEP-0198.
class Hibernation {
public:
    /// What several sessions were sent, by the numbers that it is given on the way.
    using Numbers = std::map<const Delivery*, std::uint64_t>;
    /// All of it as bytes, which only thaw() reads. Lets go of what modules hold back.
    /// @param numbers  the same for all sessions that are frozen together
    [[nodiscard]] static std::string freeze(Session& session, Timestamp until, Numbers& numbers);

    /// What several sessions of the account were sent, by what freeze() has numbered it with.
    using Deliveries = std::map<std::uint64_t, std::shared_ptr<Delivery>>;
    /// Fills a new session. @return when it is no longer to be resumed; nothing if these are not such bytes
    [[nodiscard]] static std::optional<Timestamp> thaw(Session& session, std::string_view state,
                                                       Deliveries& deliveries);
};

}  // namespace aldis::session
