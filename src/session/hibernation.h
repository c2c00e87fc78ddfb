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
    /// All of it as bytes, which only thaw() reads. Lets go of what modules hold back.
    [[nodiscard]] static std::string freeze(Session& session, Timestamp until);

    /// The other sessions of the account that come back with it, by the messages that several of them were sent.
    using Deliveries = std::map<std::string, std::shared_ptr<Delivery>, std::less<>>;
    /// Fills a new session. @return when it is no longer to be resumed; nothing if these are not such bytes
    [[nodiscard]] static std::optional<Timestamp> thaw(Session& session, std::string_view state,
                                                       Deliveries& deliveries);
};

}  // namespace aldis::session
