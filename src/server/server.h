#pragma once

#include "config/load.h"

namespace aldis::server {

/// Runs the server until SIGTERM or SIGINT.
/// @param source  what SIGHUP loads again
/// @return        the exit status; what went wrong has been logged
int run(const config::Config& config, const config::Source& source);

}  // namespace aldis::server
