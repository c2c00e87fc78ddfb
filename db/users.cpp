#include "db/users.h"

#include "db/column.h"
#include "jid/precis.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE users ("
     " jid TEXT PRIMARY KEY NOT NULL,"
     " domain TEXT NOT NULL,"
     " credentials BLOB NOT NULL,"
     " disabled INTEGER NOT NULL DEFAULT 0,"
     " created_at BIGINT NOT NULL);"
     "CREATE INDEX users_by_domain ON users (domain, jid)"},
    {2,
     "ALTER TABLE users ADD COLUMN older_form TEXT;"
     "CREATE INDEX users_by_older_form ON users (older_form) WHERE older_form IS NOT NULL"},
};

User user_of(const Rows& rows) {
    return {.jid = std::string{rows.text(0)},
            .credentials = std::string{rows.blob(1)},
            .disabled = rows.integer(2) != 0,
            .created_at = time_of(rows, 3)};
}

/// What clients of RFC 6122 make of the address. Empty: the same, or nothing.
std::string older_form_of(std::string_view jid) {
    const std::size_t at = jid.find('@');
    if (at == std::string_view::npos) return {};
    Result<std::string> local = nodeprep(jid.substr(0, at));
    if (!local || *local == jid.substr(0, at)) return {};
    return local->append(jid.substr(at));
}

bool is_known(Connection& connection, std::string_view name) {
    return connection.query("SELECT 1 FROM users WHERE jid = $1 OR older_form = $1", name).next();
}

}  // namespace

const std::span<const Migration> Users::migrations{steps};

std::optional<User> Users::find(Connection& connection, std::string_view jid) {
    Rows rows = connection.query("SELECT jid, credentials, disabled, created_at FROM users WHERE jid = $1", jid);
    if (!rows.next()) return std::nullopt;
    return user_of(rows);
}

std::vector<User> Users::list(Connection& connection, std::string_view domain, std::string_view after,
                              std::size_t limit) {
    Rows rows = connection.query(
        "SELECT jid, credentials, disabled, created_at FROM users"
        " WHERE domain = $1 AND jid > $2 ORDER BY jid LIMIT $3",
        domain, after, limit);
    std::vector<User> users;
    while (rows.next()) users.push_back(user_of(rows));
    return users;
}

std::uint64_t Users::count(Connection& connection, std::string_view domain) {
    Rows rows = connection.query("SELECT count(*) FROM users WHERE domain = $1", domain);
    return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

bool Users::is_taken(Connection& connection, std::string_view jid) {
    const std::string older = older_form_of(jid);
    return is_known(connection, jid) || (!older.empty() && is_known(connection, older));
}

bool Users::add(Connection& connection, std::string_view jid, std::string_view credentials, Timestamp now) {
    if (is_taken(connection, jid)) return false;
    connection.run("INSERT INTO users (jid, domain, credentials, created_at) VALUES ($1, $2, $3, $4)", jid,
                   domain_of(jid), Blob{credentials}, microseconds(now));
    const std::string older = older_form_of(jid);
    if (!older.empty()) connection.run("UPDATE users SET older_form = $1 WHERE jid = $2", older, jid);
    return true;
}

bool Users::set_credentials(Connection& connection, std::string_view jid, std::string_view credentials) {
    return connection.run("UPDATE users SET credentials = $1 WHERE jid = $2", Blob{credentials}, jid) != 0;
}

bool Users::renew_credentials(Connection& connection, std::string_view jid, std::string_view before,
                              std::string_view credentials) {
    return connection.run("UPDATE users SET credentials = $1 WHERE jid = $2 AND credentials = $3", Blob{credentials},
                          jid, Blob{before}) != 0;
}

bool Users::set_disabled(Connection& connection, std::string_view jid, bool disabled) {
    return connection.run("UPDATE users SET disabled = $1 WHERE jid = $2", disabled, jid) != 0;
}

bool Users::remove(Connection& connection, std::string_view jid) {
    return connection.run("DELETE FROM users WHERE jid = $1", jid) != 0;
}

}  // namespace aldis::db
