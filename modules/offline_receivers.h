#pragma once

#include <optional>

#include "session/account.h"

/// Whom what waits for an account is sent to, and how fast.
namespace aldis::modules::offline {

/// The resource that what waits is sent to: the one that was first, or another one if that has gone meanwhile.
[[nodiscard]] session::Session* receiver(const session::Account& account, std::uint64_t first_session);

/// The client has not read what it was sent, or has not acknowledged it (XEP-0198): more would end its session, and
/// come back here.
[[nodiscard]] bool has_enough(const session::Session& session);

/// Another one that takes what the receiver does not take.
[[nodiscard]] session::Session* another(const session::Account& account, const session::Session& receiver);

/// How long a receiver has taken nothing more.
class Standstill {
public:
    /// @return true: too long
    bool look(session::Session& session, Instant now);

private:
    std::uint64_t session_ = 0;
    std::uint32_t acknowledged_ = 0;
    std::size_t queued_ = 0;
    Instant since_{};
    std::optional<Instant> asked_;
};

}  // namespace aldis::modules::offline
