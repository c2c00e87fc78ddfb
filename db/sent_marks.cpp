#include "db/sent_marks.h"

#include <algorithm>
#include <string>

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE sent_marks ("
     " owner TEXT NOT NULL,"
     " at BIGINT NOT NULL,"
     " message BIGINT NOT NULL,"
     " id BIGINT NOT NULL,"
     " PRIMARY KEY (owner, at, message)) WITHOUT ROWID;"
     "CREATE INDEX sent_marks_by_time ON sent_marks (at)"},
};

/// More than one, so that old ones get fewer with each new one.
constexpr std::size_t deleted_at_once = 10;

std::int64_t microseconds(Timestamp at) { return at.time_since_epoch().count(); }

}  // namespace

const std::span<const Migration> SentMarks::migrations{steps};

void SentMarks::add(Unit& unit, std::string_view owner, SentMark mark, std::chrono::seconds lasting) {
    unit.add([owner = std::string{owner}, mark, lasting](Connection& connection) {
        connection.run("INSERT INTO sent_marks (owner, at, message, id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                       owner, microseconds(mark.at), static_cast<std::int64_t>(mark.message),
                       static_cast<std::int64_t>(mark.id));
        connection.run(
            "DELETE FROM sent_marks WHERE at IN (SELECT at FROM sent_marks WHERE at < $1 ORDER BY at LIMIT $2)",
            microseconds(mark.at - lasting), deleted_at_once);
    });
}

std::vector<SentMark> SentMarks::since(Connection& connection, std::string_view owner, Timestamp since,
                                       std::size_t at_most) {
    Rows rows = connection.query(
        "SELECT at, message, id FROM sent_marks WHERE owner = $1 AND at >= $2 ORDER BY at DESC LIMIT $3", owner,
        microseconds(since), at_most);
    std::vector<SentMark> marks;
    while (rows.next())
        marks.push_back({.at = Timestamp{std::chrono::microseconds{rows.integer(0)}},
                         .message = static_cast<std::uint64_t>(rows.integer(1)),
                         .id = static_cast<std::uint32_t>(rows.integer(2))});
    std::ranges::reverse(marks);
    return marks;
}

void SentMarks::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM sent_marks WHERE owner = $1", owner);
}

}  // namespace aldis::db
