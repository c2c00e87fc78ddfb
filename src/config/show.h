#pragma once

#include <string>

#include "config/load.h"

namespace aldis::config {

/// The settings in force, as TOML that could be used as a file; a comment says where each comes from.
/// @param modules  those that `loaded` was loaded with
[[nodiscard]] std::string show_toml(const Loaded& loaded, std::span<const ModuleSchema> modules);
/// The same as one JSON object, without the comments.
[[nodiscard]] std::string show_json(const Loaded& loaded, std::span<const ModuleSchema> modules);

}  // namespace aldis::config
