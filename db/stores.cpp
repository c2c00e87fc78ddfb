#include "db/stores.h"

#include "db/sent_marks.h"

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
        {"blocks", Blocks::migrations},
        {"certificates", Certificates::migrations},
        {"clients", Clients::migrations},
        {"conversions", Conversions::migrations},
        {"inbox", Inbox::migrations},
        {"last_activity", LastActivity::migrations},
        {"message_status", MessageStatus::migrations},
        {"offline", Offline::migrations},
        {"private_data", PrivateData::migrations},
        {"pubsub", Pubsub::migrations},
        {"quarantine", Quarantine::migrations},
        {"reports", Reports::migrations},
        {"resumable_sessions", ResumableSessions::migrations},
        {"retention", Retention::migrations},
        {"roster", Roster::migrations},
        {"search", Search::migrations},
        {"sent_marks", SentMarks::migrations},
        {"users", Users::migrations},
        {"vcards", Vcards::migrations},
    };
}

Stores::Stores(Options options, std::span<const Schema> more)
    : database{std::move(options), with_stores(more)}, archive{database}, search{database, archive} {}

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

Login Stores::find_login(Connection& connection, std::string_view jid, std::string_view client) {
    Login login{.user = Users::find(connection, jid)};
    if (!login.user || client.empty()) return login;
    login.client = Clients::find(connection, jid, client);
    if (login.client) login.tokens = Clients::tokens(connection, jid, client);
    return login;
}

bool Stores::set_password(Connection& connection, std::string_view jid, std::string_view credentials,
                          std::string_view client) {
    if (!Users::set_credentials(connection, jid, credentials)) return false;
    Clients::remove_all_tokens(connection, jid, client);
    return true;
}

RemovedAccount Stores::remove_belongings(Connection& connection, std::string_view jid) {
    Certificates::remove_owner(connection, jid);
    Clients::remove_owner(connection, jid);
    Conversions::remove_owner(connection, jid);
    MessageStatus::remove_owner(connection, jid);
    PrivateData::remove_owner(connection, jid);
    pubsub.remove_owner(connection, jid);
    ResumableSessions::remove_owner(connection, jid);
    ArchivePrefs::remove_owner(connection, jid);
    Retention::remove_owner(connection, jid);
    Blocks::remove_owner(connection, jid);
    LastActivity::remove_owner(connection, jid);
    Quarantine::remove_owner(connection, jid);
    Reports::remove_owner(connection, jid);
    SentMarks::remove_owner(connection, jid);
    Vcards::remove_owner(connection, jid);
    return {.contacts = Roster::remove_owner(connection, jid),
            .offline = Offline::remove_owner(connection, jid),
            .archive = archive.remove_owner(connection, jid)};
}

}  // namespace aldis::db
