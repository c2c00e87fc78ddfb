#pragma once

#include "db/archive_prefs.h"
#include "xep/xep0441_mam_preferences.h"

/// Archiving preferences as clients and as the store write them: XEP-0441. No side effects.
namespace aldis::modules::mam {

inline constexpr std::size_t most_listed = 1'000;  ///< addresses on each list

/// @return  bad-request: no default; not-acceptable: a list is too long
[[nodiscard]] Result<db::ArchivePreferences> stored_form(const xep::mam::Prefs& prefs);
[[nodiscard]] xep::mam::Prefs client_form(const db::ArchivePreferences& preferences);

}  // namespace aldis::modules::mam
