#pragma once

#include "mod/handlers.h"
#include "xep/xep0030_disco.h"

namespace aldis::modules {

/// What modules have registered, as disco#info says it.
[[nodiscard]] xep::disco::Info info_of(const mod::Disco& registered);

}  // namespace aldis::modules
