#pragma once

#include <string>

#include "db/reports.h"

/// How reports (XEP-0377) are shown to operators. Texts come from anybody: what could command a terminal is taken out.
namespace aldis::cli {

/// "7: 2026-11-22T09:30:00Z juliet@localhost reports tybalt@localhost for spam, 3 messages: He does not stop."
[[nodiscard]] std::string line_of(const db::Report& report);
/// All of it, on several lines.
[[nodiscard]] std::string text_of(const db::Report& report);
/// The same as JSON, with what the messages say as XML.
[[nodiscard]] std::string json_of(const db::Report& report);

}  // namespace aldis::cli
