#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace aldis::session {

class Account;
struct Transit;

/// A message that is in no archive, as it is kept on disk until one of those that it was sent to has acknowledged it.
struct Backup {
    virtual ~Backup() = default;
};

/// Who keeps backups: only clients with stream management (XEP-0198) need them, and only of messages that would wait
/// for their receiver if he were not here.
class Backups {
public:
    virtual ~Backups() = default;
    /// Before the commit, into its unit. @return null: the message needs none
    [[nodiscard]] virtual std::shared_ptr<const Backup> make(Transit& transit) = 0;
    /// Somebody has the message: it may go.
    virtual void taken(Account& account, const Backup& backup) = 0;
    /// Nobody will have it as it was sent: it waits for the next one who comes.
    virtual void release(Account& account, const Backup& backup) = 0;
    /// Over an orderly restart.
    [[nodiscard]] virtual std::string save(const Backup& backup) = 0;
    [[nodiscard]] virtual std::shared_ptr<const Backup> load(Account& account, std::string_view saved) = 0;
};

/// One message that several of an account's resources get, as it is or as a carbon copy. As long as one of them has
/// taken it, or can still be waited for, it is not lost with another.
struct Delivery {
    Bytes original;             ///< as it was addressed, not the copy
    std::uint32_t waiting = 0;  ///< sessions that have not acknowledged it
    bool taken = false;         ///< one has, or has no means to say so
    std::shared_ptr<const Backup> backup = {};
};

/// What a module wants to hear of when a client acknowledges a message: XEP-0198.
struct Tracked {
    virtual ~Tracked() = default;
};

}  // namespace aldis::session
