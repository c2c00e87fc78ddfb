#include "db/resumable_sessions.h"

#include "db/column.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE resumable_sessions ("
     " number INTEGER PRIMARY KEY,"
     " owner TEXT NOT NULL,"
     " resource TEXT NOT NULL,"
     " saved_at BIGINT NOT NULL,"
     " expires_at BIGINT NOT NULL,"
     " state BLOB NOT NULL,"
     " UNIQUE (owner, resource))"},
};

/// As many as there are in memory at one time where all are taken.
constexpr std::size_t at_a_time = 64;

ResumableSession session_of(const Rows& rows) {
    return {.owner = std::string{rows.text(1)},
            .resource = std::string{rows.text(2)},
            .saved_at = time_of(rows, 3),
            .expires_at = time_of(rows, 4),
            .state = std::string{rows.blob(5)}};
}

struct Taken {
    std::vector<ResumableSession> sessions;
    std::int64_t last = 0;  ///< 0: there were none, not even expired ones
};

Taken read_first(Connection& connection, Timestamp now, std::size_t at_most) {
    Rows rows = connection.query(
        "SELECT number, owner, resource, saved_at, expires_at, state FROM resumable_sessions ORDER BY number LIMIT $1",
        at_most);
    Taken taken;
    while (rows.next()) {
        taken.last = rows.integer(0);
        if (time_of(rows, 4) > now) taken.sessions.push_back(session_of(rows));
    }
    return taken;
}

}  // namespace

const std::span<const Migration> ResumableSessions::migrations{steps};

void ResumableSessions::save(Connection& connection, const ResumableSession& session) {
    connection.run(
        "INSERT INTO resumable_sessions (owner, resource, saved_at, expires_at, state) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (owner, resource) DO UPDATE SET saved_at = excluded.saved_at, expires_at = excluded.expires_at,"
        " state = excluded.state",
        session.owner, session.resource, microseconds(session.saved_at), microseconds(session.expires_at),
        Blob{session.state});
}

void ResumableSessions::save(Unit& unit, ResumableSession session) {
    const std::size_t size = sizeof(session) + session.state.size();
    unit.add([session = std::move(session)](Connection& connection) { save(connection, session); }, size);
}

std::vector<ResumableSession> ResumableSessions::take(Connection& connection, Timestamp now, std::size_t at_most) {
    Taken taken;
    do {
        taken = read_first(connection, now, at_most);
        connection.run("DELETE FROM resumable_sessions WHERE number <= $1", taken.last);
    } while (taken.sessions.empty() && taken.last != 0);
    return std::move(taken.sessions);
}

std::size_t ResumableSessions::take_all(Connection& connection, Timestamp now,
                                        const std::function<void(ResumableSession&&)>& keep) {
    std::size_t all = 0;
    for (std::vector<ResumableSession> some; !(some = take(connection, now, at_a_time)).empty(); all += some.size()) {
        for (ResumableSession& session : some) keep(std::move(session));
    }
    return all;
}

std::uint64_t ResumableSessions::count(Connection& connection) {
    Rows rows = connection.query("SELECT count(*) FROM resumable_sessions");
    return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

void ResumableSessions::remove(Connection& connection, std::string_view owner, std::string_view resource) {
    connection.run("DELETE FROM resumable_sessions WHERE owner = $1 AND resource = $2", owner, resource);
}

std::uint64_t ResumableSessions::remove_owner(Connection& connection, std::string_view owner) {
    return static_cast<std::uint64_t>(connection.run("DELETE FROM resumable_sessions WHERE owner = $1", owner));
}

}  // namespace aldis::db
