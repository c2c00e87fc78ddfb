#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "modules/offline_rules.h"
#include "session/copies.h"

namespace aldis::modules::offline {

/// A message that is stored, although it was sent: nobody has acknowledged it yet.
struct Row final : session::Backup {
    std::shared_ptr<std::atomic<std::int64_t>> id = std::make_shared<std::atomic<std::int64_t>>(0);  ///< 0: not written
    std::size_t size = 0;
};

/// An account's queue, as long as the account is in memory.
struct Queue {
    Usage usage = {};      ///< of what waits
    bool sending = false;  ///< to the first resource that came; what waits goes out once
    bool again = false;    ///< something waits that may be older than what was sent last
    /// What was sent to sessions with stream management and is stored until they have acknowledged it; not in `usage`:
    std::vector<Held> held = {};                      ///< after it had waited
    std::vector<std::weak_ptr<const Row>> live = {};  ///< when it came
    std::size_t tidy_at = 16;                         ///< how many of `live`, before those that are gone are removed
    bool watching = false;                            ///< what is held
    std::function<void()> look_again = {};            ///< while that pauses

    /// A stored stanza that has been sent, and may be acknowledged.
    [[nodiscard]] bool is_out(std::int64_t id) const;
    void add_live(const std::shared_ptr<const Row>& row);
    void remove_live(const Row& row);
};

}  // namespace aldis::modules::offline
