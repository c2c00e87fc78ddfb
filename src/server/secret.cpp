#include "server/secret.h"

namespace aldis::server {
namespace {

constexpr db::Migration migrations[] = {
    {1, "CREATE TABLE server_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL)"},
};

}  // namespace

const db::Schema secret_schema{.component = "server", .migrations = migrations};

std::string decoy_secret(db::Stores& stores, Random& random) {
    return stores.database.write_now([fresh = random.token(32)](db::Connection& connection) {
        connection.run("INSERT INTO server_secrets (name, value) VALUES ('decoy', $1) ON CONFLICT (name) DO NOTHING",
                       std::string_view{fresh});
        db::Rows rows = connection.query("SELECT value FROM server_secrets WHERE name = 'decoy'");
        return rows.next() ? std::string{rows.text(0)} : fresh;
    });
}

}  // namespace aldis::server
