#pragma once

#include <string_view>

namespace aldis {

/// "0.1.0", as CMakeLists.txt says.
[[nodiscard]] std::string_view version();
/// What it was compiled with: "Clang 19.1.7".
[[nodiscard]] std::string_view compiler();

}  // namespace aldis
