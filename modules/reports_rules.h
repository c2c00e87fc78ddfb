#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "db/reports.h"
#include "jid/jid.h"
#include "xep/xep0377_reporting.h"

/// What is kept of a report: XEP-0377. No side effects.
namespace aldis::modules::reports {

inline constexpr std::size_t longest_reason = 255;  ///< bytes
inline constexpr std::size_t longest_text = 2'000;  ///< of all texts

/// @return  nothing: there is no reason, or one that no URN is as long as
[[nodiscard]] std::optional<db::Report> kept(const xep::reporting::Report& report, const Jid& reporter,
                                             const Jid& about, Timestamp at);
/// The messages that are named, as far as an archive here can have them; no more than `most`.
[[nodiscard]] std::vector<db::ArchiveId> named_in(const xep::reporting::Report& report, std::size_t most);
/// Is this stanza from somebody whom blocking `about` blocks?
[[nodiscard]] bool is_from(std::string_view stanza, const Jid& about);

}  // namespace aldis::modules::reports
