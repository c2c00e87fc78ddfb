#pragma once

#include <string>

#include "base/random.h"

namespace aldis::cli {

/// Asks twice on the terminal, without echo.
/// @throws std::runtime_error  there is no terminal, or the two differ
[[nodiscard]] std::string ask_password(const std::string& whose);

/// The first line of the standard input.
/// @throws std::runtime_error  there is none
[[nodiscard]] std::string read_password();

/// Five groups of letters and digits that are hard to confuse: 100 bits.
[[nodiscard]] std::string generate_password(Random& random);

}  // namespace aldis::cli
