#include "db/last_activity.h"

#include "db/text_list.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE last_activity ("
     " owner TEXT PRIMARY KEY NOT NULL,"
     " at BIGINT NOT NULL,"
     " status TEXT NOT NULL) WITHOUT ROWID"},
    {2,
     "CREATE TABLE last_activity_privacy ("
     " owner TEXT PRIMARY KEY NOT NULL,"
     " visible INTEGER NOT NULL,"
     " list TEXT NOT NULL) WITHOUT ROWID"},
};

}  // namespace

const std::span<const Migration> LastActivity::migrations{steps};

std::optional<LastSeen> LastActivity::find(Connection& connection, std::string_view owner) {
    Rows rows = connection.query("SELECT at, status FROM last_activity WHERE owner = $1", owner);
    if (!rows.next()) return std::nullopt;
    return LastSeen{.at = Timestamp{std::chrono::microseconds{rows.integer(0)}}, .status = std::string{rows.text(1)}};
}

void LastActivity::put(Unit& unit, std::string_view owner, LastSeen seen) {
    unit.add([owner = std::string{owner}, seen = std::move(seen)](Connection& connection) {
        connection.run(
            "INSERT INTO last_activity (owner, at, status) VALUES ($1, $2, $3)"
            " ON CONFLICT (owner) DO UPDATE SET at = excluded.at, status = excluded.status",
            owner, seen.at.time_since_epoch().count(), seen.status);
    });
}

std::optional<LastSeenPrivacy> LastActivity::find_privacy(Connection& connection, std::string_view owner) {
    Rows rows = connection.query("SELECT visible, list FROM last_activity_privacy WHERE owner = $1", owner);
    if (!rows.next()) return std::nullopt;
    return LastSeenPrivacy{.visible = static_cast<LastSeenPrivacy::Visible>(rows.integer(0)),
                           .list = split_texts(rows.text(1))};
}

void LastActivity::put_privacy(Unit& unit, std::string_view owner, LastSeenPrivacy privacy) {
    std::string list = join_texts(privacy.list);
    const std::size_t bytes = 64 + list.size();
    unit.add(
        [owner = std::string{owner}, visible = privacy.visible, list = std::move(list)](Connection& connection) {
            connection.run(
                "INSERT INTO last_activity_privacy (owner, visible, list) VALUES ($1, $2, $3)"
                " ON CONFLICT (owner) DO UPDATE SET visible = excluded.visible, list = excluded.list",
                owner, static_cast<int>(visible), list);
        },
        bytes);
}

void LastActivity::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM last_activity_privacy WHERE owner = $1", owner);
    connection.run("DELETE FROM last_activity WHERE owner = $1", owner);
}

}  // namespace aldis::db
