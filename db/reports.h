#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "db/archive.h"
#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// A message that is kept with a report, whatever becomes of the archive that it comes from.
struct Evidence {
    Timestamp at{};
    bool named = false;  ///< the reporter has pointed at it; else it is one of the newest
    std::string stanza = {};
};

/// What a user has told the operators about somebody: XEP-0377.
struct Report {
    std::int64_t id = 0;
    std::string reporter = {};  ///< bare JID of an account
    std::string about = {};     ///< the address that was blocked
    std::string reason = {};
    std::vector<std::string> texts = {};
    bool report_origin = false;  ///< may be forwarded to where it comes from ...
    bool third_party = false;    ///< ... and to services that process reports
    Timestamp at{};
    std::optional<Timestamp> resolved = {};
    std::uint64_t messages = 0;           ///< how many are kept
    std::vector<Evidence> evidence = {};  ///< in find() only; the oldest first
};

/// What of the reporter's archive is kept with a report, and how many reports are.
struct ReportRules {
    std::size_t per_account = 20;  ///< reports; the oldest makes room
    std::size_t total = 10'000;    ///< first those that are resolved make room, then those of who has made most
    std::size_t messages = 10;
    std::size_t bytes = 65'536;  ///< of all messages of a report
};

/// Reports and their evidence, for all domains.
class Reports {
public:
    static const std::span<const Migration> migrations;

    /// Is this message by whom the report is about? Runs on the writer's thread.
    using IsOfReported = std::function<bool(const ArchivedMessage&)>;
    /// Stores a report with copies of the messages that it names or, where there are none in the reporter's archive,
    /// of the newest ones.
    /// @param from  bare address; its newest messages are looked at
    static void add(Unit& unit, Report report, std::vector<ArchiveId> named, std::string_view from,
                    IsOfReported is_of_reported, const ReportRules& rules);

    /// The newest first, without evidence. @param before  only older ones; 0: all
    [[nodiscard]] static std::vector<Report> list(Connection& connection, bool resolved_too, std::int64_t before,
                                                  std::size_t limit);
    [[nodiscard]] static std::optional<Report> find(Connection& connection, std::int64_t id);
    /// @return  false: there is no such report
    static bool resolve(Connection& connection, std::int64_t id, Timestamp now);
    /// Deletes up to `limit` reports older than `cutoff`. @return how many: call again while it is `limit`
    static std::size_t forget_before(Connection& connection, Timestamp cutoff, std::size_t limit);
    /// What this account has reported; what others have reported about it stays.
    static void remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
