#include "base/version.h"

namespace aldis {

std::string_view version() { return ALDIS_VERSION; }

std::string_view compiler() { return __VERSION__; }

}  // namespace aldis
