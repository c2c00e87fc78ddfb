#include "db/vcards.h"

namespace aldis::db {

namespace {

// What is looked at most comes first: a long row is read to the column that is needed and no further.
constexpr Migration steps[] = {
    {1,
     "CREATE TABLE vcards ("
     " owner TEXT PRIMARY KEY NOT NULL,"
     " visibility INTEGER NOT NULL,"
     " hash TEXT NOT NULL,"
     " type TEXT NOT NULL,"
     " card TEXT NOT NULL,"
     " picture BLOB NOT NULL)"},
};

}  // namespace

const std::span<const Migration> Vcards::migrations{steps};

ProfileFacts Vcards::facts(Connection& connection, std::string_view owner) {
    Rows rows = connection.query("SELECT visibility, hash FROM vcards WHERE owner = $1", owner);
    if (!rows.next()) return {};
    return {.visibility = static_cast<Visibility>(rows.integer(0)), .hash = std::string{rows.text(1)}};
}

Profile Vcards::find(Connection& connection, std::string_view owner) {
    Rows rows = connection.query("SELECT visibility, hash, type, card, picture FROM vcards WHERE owner = $1", owner);
    if (!rows.next()) return {};
    Profile profile{
        .facts = {.visibility = static_cast<Visibility>(rows.integer(0)), .hash = std::string{rows.text(1)}},
        .card = std::string{rows.text(3)}};
    if (!profile.facts.hash.empty())
        profile.avatar =
            Avatar{.hash = profile.facts.hash, .type = std::string{rows.text(2)}, .bytes = std::string{rows.blob(4)}};
    return profile;
}

void Vcards::put_card(Connection& connection, std::string_view owner, std::string_view card) {
    connection.run(
        "INSERT INTO vcards (owner, visibility, hash, type, card, picture) VALUES ($1, 0, '', '', $2, $3)"
        " ON CONFLICT (owner) DO UPDATE SET card = excluded.card",
        owner, card, Blob{std::string_view{""}});
}

void Vcards::put_avatar(Connection& connection, std::string_view owner, const std::optional<Avatar>& avatar) {
    const Avatar shown = avatar.value_or(Avatar{});
    connection.run(
        "INSERT INTO vcards (owner, visibility, hash, type, card, picture) VALUES ($1, 0, $2, $3, '', $4)"
        " ON CONFLICT (owner) DO UPDATE SET hash = excluded.hash, type = excluded.type, picture = excluded.picture",
        owner, shown.hash, shown.type, Blob{shown.bytes});
}

void Vcards::set_visibility(Connection& connection, std::string_view owner, Visibility visibility) {
    connection.run(
        "INSERT INTO vcards (owner, visibility, hash, type, card, picture) VALUES ($1, $2, '', '', '', $3)"
        " ON CONFLICT (owner) DO UPDATE SET visibility = excluded.visibility",
        owner, static_cast<int>(visibility), Blob{std::string_view{""}});
}

void Vcards::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM vcards WHERE owner = $1", owner);
}

}  // namespace aldis::db
