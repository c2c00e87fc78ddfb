#pragma once

#include <chrono>

namespace aldis::modules::retention {

/// How long the messages of a domain are kept, where the module is there: `host.slot<retention::Policy>()`.
struct Policy {
    bool on = false;
    std::chrono::days keep{0};  ///< 0: for ever
};

}  // namespace aldis::modules::retention
