#pragma once

#include <functional>
#include <memory>
#include <span>

#include "mod/module.h"

namespace aldis::mod {

/// The settings of a module, as its Info::config makes them; null if it has none.
using SettingsOf = std::function<std::shared_ptr<const void>(const Info&)>;

/// Makes the modules of a domain on one shard, then those of the services that they have opened, and tells all of them
/// that they are complete.
void load(session::Home& home, session::Host& host, std::span<const Info* const> modules, const SettingsOf& settings);

}  // namespace aldis::mod
