#include "db/archive_prefs.h"

#include "db/text_list.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE archive_prefs ("
     " owner TEXT PRIMARY KEY NOT NULL,"
     " other INTEGER NOT NULL,"
     " always TEXT NOT NULL,"
     " never TEXT NOT NULL) WITHOUT ROWID"},
};

}  // namespace

const std::span<const Migration> ArchivePrefs::migrations{steps};

std::optional<ArchivePreferences> ArchivePrefs::load(Connection& connection, std::string_view owner) {
    Rows rows = connection.query("SELECT other, always, never FROM archive_prefs WHERE owner = $1", owner);
    if (!rows.next()) return std::nullopt;
    return ArchivePreferences{.other = static_cast<ArchivePreferences::Default>(rows.integer(0)),
                              .always = split_texts(rows.text(1)),
                              .never = split_texts(rows.text(2))};
}

void ArchivePrefs::put(Unit& unit, std::string_view owner, ArchivePreferences preferences) {
    unit.add([owner = std::string{owner}, preferences = std::move(preferences)](Connection& connection) {
        connection.run(
            "INSERT INTO archive_prefs (owner, other, always, never) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (owner) DO UPDATE SET other = excluded.other, always = excluded.always, never = "
            "excluded.never",
            owner, static_cast<int>(preferences.other), join_texts(preferences.always), join_texts(preferences.never));
    });
}

void ArchivePrefs::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM archive_prefs WHERE owner = $1", owner);
}

}  // namespace aldis::db
