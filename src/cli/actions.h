#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "cli/admin_socket.h"
#include "cli/store_actions.h"

namespace aldis::cli {

/// The running server's actions, or those of the store if there is none. Both may happen at once: SQLite orders what
/// several processes write.
class Actions {
public:
    explicit Actions(const config::Config& config);

    AdminActions* operator->() { return client_ ? static_cast<AdminActions*>(client_.get()) : direct_.get(); }

private:
    SystemClock clock_;
    SystemRandom random_;
    std::unique_ptr<AdminClient> client_;
    std::unique_ptr<db::Stores> stores_;
    std::unique_ptr<StoreActions> direct_;
};

/// "2026-11-22T09:30:00Z"
[[nodiscard]] std::string time_text(Timestamp at);

}  // namespace aldis::cli
