#include "db/stores.h"

namespace aldis::db {

namespace {

std::vector<Schema> with_stores(std::span<const Schema> more) {
    std::vector<Schema> schemas = store_schemas();
    schemas.insert(schemas.end(), more.begin(), more.end());
    return schemas;
}

}  // namespace

std::vector<Schema> store_schemas() {
    return {
        {"archive", Archive::migrations},
        {"archive_prefs", ArchivePrefs::migrations},
        {"last_activity", LastActivity::migrations},
        {"offline", Offline::migrations},
        {"roster", Roster::migrations},
        {"users", Users::migrations},
    };
}

Stores::Stores(Options options, std::span<const Schema> more)
    : database{std::move(options), with_stores(more)}, archive{database} {}

// Queued writes refer to the stores.
Stores::~Stores() { database.close(); }

bool Stores::add_account(Connection& connection, std::string_view jid, std::string_view credentials, Timestamp now) {
    if (!Users::add(connection, jid, credentials, now)) return false;
    remove_belongings(connection, jid);
    return true;
}

RemovedAccount Stores::remove_account(Connection& connection, std::string_view jid) {
    RemovedAccount removed = remove_belongings(connection, jid);
    removed.existed = Users::remove(connection, jid);
    return removed;
}

RemovedAccount Stores::remove_belongings(Connection& connection, std::string_view jid) {
    ArchivePrefs::remove_owner(connection, jid);
    LastActivity::remove_owner(connection, jid);
    return {.contacts = Roster::remove_owner(connection, jid),
            .offline = Offline::remove_owner(connection, jid),
            .archive = archive.remove_owner(connection, jid)};
}

}  // namespace aldis::db
