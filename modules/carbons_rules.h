#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "mod/phase.h"
#include "session/delivery.h"
#include "stanza/stanza.h"

/// Which messages are copied to which devices: XEP-0280 "Messages Eligible for Carbons Delivery". No side effects.
namespace aldis::modules::carbons {

struct Verdict {
    bool yes;
    std::string_view why;  ///< for the log
};

/// Is the message part of a conversation that all devices should see? Of errors, Answers knows.
/// @param direction  outward: a user of ours sends it
[[nodiscard]] Verdict is_eligible(const Message& message, mod::Direction direction);

/// Does a resource get the message itself?
/// @param audience  to whom it is delivered
/// @param exact     it is addressed to just this resource
/// @param priority  counts if the resource is available
[[nodiscard]] bool gets_original(session::Audience audience, bool exact, bool available, int priority);

/// Remembers an account's last messages that were eligible, so that an error that answers one of them is known to be:
/// what an error quotes proves nothing.
class Answers {
public:
    void remember(const Message& message, mod::Direction direction);
    /// Does the error answer a message that went the other way?
    [[nodiscard]] bool is_one(const Message& error, mod::Direction direction) const;

private:
    static constexpr std::size_t most = 64;
    std::vector<std::uint64_t> last_;  ///< by their hashes; a ring
    std::size_t next_ = 0;
};

}  // namespace aldis::modules::carbons
