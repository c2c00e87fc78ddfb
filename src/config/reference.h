#pragma once

#include <span>
#include <string>

#include "config/schema.h"

namespace aldis::config {

/// docs/configuration.md: made from the descriptions that the settings are checked against, so that it cannot lie.
[[nodiscard]] std::string reference(std::span<const ModuleSchema> modules);

}  // namespace aldis::config
