#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "db/connection.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

/// A session that waits for its client while the server is not there: XEP-0198.
struct ResumableSession {
    std::string owner = {};  ///< bare JID
    std::string resource = {};
    Timestamp saved_at{};
    Timestamp expires_at{};
    std::string state = {};  ///< bytes; opaque here. They may hold a secret: the id by which the session is resumed
};

/// Sessions over an orderly stop of the server. They are saved at its end and taken at its start; in between, while it
/// runs, there are none here: one that survived a SIGKILL would resume without what came after it was saved.
class ResumableSessions {
public:
    static const std::span<const Migration> migrations;

    /// Replaces what was saved for the same address.
    static void save(Connection& connection, const ResumableSession& session);
    static void save(Unit& unit, ResumableSession session);

    /// In a write job: up to `at_most` sessions, in no order, which are no longer in the database when the job is done.
    /// Those that have expired are deleted and not returned. @return  empty: there are no more
    [[nodiscard]] static std::vector<ResumableSession> take(Connection& connection, Timestamp now, std::size_t at_most);
    /// The same, all at once. `keep` is called for each; what it keeps counts once the job is done. Throws what it
    /// throws, and then all are still there.
    static std::size_t take_all(Connection& connection, Timestamp now,
                                const std::function<void(ResumableSession&&)>& keep);
    [[nodiscard]] static std::uint64_t count(Connection& connection);

    static void remove(Connection& connection, std::string_view owner, std::string_view resource);
    /// @return  how many there were
    static std::uint64_t remove_owner(Connection& connection, std::string_view owner);
};

}  // namespace aldis::db
