#pragma once

#include "config/config.h"

namespace aldis::config {

/// Fills in what depends on other settings, then checks what no single setting can tell: that domains differ, that
/// certificates are good, that passwords do not travel in the clear.
/// @param written  what was set; a key that is absent has its default
void complete(Config& config, const Value& written, Problems& problems);

}  // namespace aldis::config
