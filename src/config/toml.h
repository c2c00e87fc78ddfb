#pragma once

#include <string>
#include <string_view>

#include "config/schema.h"

namespace aldis::config {

/// Reads TOML 1.0. `path` is what the origins say. What is no TOML becomes one problem, and an empty table.
[[nodiscard]] Value parse_toml(std::string_view text, const std::string& path, Problems& problems);

}  // namespace aldis::config
