#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "config/load.h"

namespace aldis::cli {

/// What the command line needs to know of the rest of the server.
struct Program {
    std::span<const config::ModuleSchema> modules;
    /// Runs the server until it is told to end. `source` is what SIGHUP loads again. @return the exit status
    std::function<int(const config::Config& config, const config::Source& source)> serve;
};

inline constexpr int failed = 1;
/// Wrong usage, or a configuration with an error.
inline constexpr int refused = 2;

/// `aldis ARGUMENT...`. Never throws.
/// @return  the exit status
int main(const Program& program, std::span<const std::string_view> arguments) noexcept;

}  // namespace aldis::cli
