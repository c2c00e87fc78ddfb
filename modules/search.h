#pragma once

#include "base/task.h"
#include "mod/module.h"

/// XEP-0431: Full Text Search in MAM. The query is the archive's (modules/mam); here is what it needs of the index.
namespace aldis::modules::search {

/// Is there an index?
[[nodiscard]] bool is_on(const mod::Context& context);

/// Puts what is not in the index yet into it, if that is not too much: so whoever searches finds what was said a moment
/// ago.
Task<void> catch_up(mod::Context& context);

}  // namespace aldis::modules::search
