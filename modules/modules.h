#pragma once

#include <span>
#include <vector>

#include "config/schema.h"
#include "mod/module.h"

namespace aldis::modules {

/// The whole registry, in the order of the alphabet; what comes first when a stanza passes is decided by mod::Phase.
[[nodiscard]] std::span<const mod::Info* const> all();

/// The tables that the modules have in the configuration.
[[nodiscard]] std::vector<config::ModuleSchema> schemas();

}  // namespace aldis::modules
