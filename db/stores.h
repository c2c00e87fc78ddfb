#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "db/archive.h"
#include "db/archive_prefs.h"
#include "db/blocks.h"
#include "db/certificates.h"
#include "db/clients.h"
#include "db/conversions.h"
#include "db/database.h"
#include "db/inbox.h"
#include "db/last_activity.h"
#include "db/message_status.h"
#include "db/offline.h"
#include "db/private.h"
#include "db/pubsub.h"
#include "db/quarantine.h"
#include "db/reports.h"
#include "db/resumable_sessions.h"
#include "db/retention.h"
#include "db/roster.h"
#include "db/search.h"
#include "db/users.h"
#include "db/vcards.h"

namespace aldis::db {

/// What an account owned when it was removed.
struct RemovedAccount {
    bool existed = false;
    std::uint64_t contacts = 0;
    std::uint64_t offline = 0;
    bool archive = false;
};

/// All that a login needs to know, as of one moment.
struct Login {
    std::optional<User> user = {};
    std::optional<Client> client = {};  ///< nothing: it is new here, or did not say who it is
    ClientTokens tokens = {};
};

/// The database and every store in it.
struct Stores {
    /// @param more  the tables of modules that have their own
    explicit Stores(Options options, std::span<const Schema> more = {});
    Stores(const Stores&) = delete;
    Stores& operator=(const Stores&) = delete;
    ~Stores();

    /// `stores.get<db::Archive>()`
    template <class Store>
    [[nodiscard]] Store& get();

    /// Adds an account, in a write job. What an earlier account of this address may have left is not its.
    /// @return  false: there is such an account already, and nothing was changed
    bool add_account(Connection& connection, std::string_view jid, std::string_view credentials, Timestamp now);
    /// Removes an account and everything it owns, in a write job. The messages of its archive are out of reach at once
    /// and deleted by Archive::purge(), later and in small pieces, so that nobody waits for it.
    RemovedAccount remove_account(Connection& connection, std::string_view jid);

    /// In a read job. @param client  the id of its user-agent; empty: it has none
    [[nodiscard]] static Login find_login(Connection& connection, std::string_view jid, std::string_view client);
    /// Gives an account a new password, in a write job: no token is valid any more.
    /// @param client  who has set it, and so knows it; empty: no client has
    /// @return        false: there is no such account
    static bool set_password(Connection& connection, std::string_view jid, std::string_view credentials,
                             std::string_view client = {});

    Database database;
    Archive archive;
    ArchivePrefs archive_prefs;
    Blocks blocks;
    Certificates certificates;
    Clients clients;
    Inbox inbox;
    LastActivity last_activity;
    MessageStatus message_status;
    Offline offline;
    Pubsub pubsub;
    Quarantine quarantine;
    Reports reports;
    ResumableSessions resumable_sessions;
    Retention retention;
    Roster roster;
    Search search;
    Users users;

private:
    RemovedAccount remove_belongings(Connection& connection, std::string_view jid);
};

template <class Store>
Store& Stores::get() {
    if constexpr (std::is_same_v<Store, Archive>)
        return archive;
    else if constexpr (std::is_same_v<Store, ArchivePrefs>)
        return archive_prefs;
    else if constexpr (std::is_same_v<Store, Blocks>)
        return blocks;
    else if constexpr (std::is_same_v<Store, Certificates>)
        return certificates;
    else if constexpr (std::is_same_v<Store, Clients>)
        return clients;
    else if constexpr (std::is_same_v<Store, Inbox>)
        return inbox;
    else if constexpr (std::is_same_v<Store, LastActivity>)
        return last_activity;
    else if constexpr (std::is_same_v<Store, MessageStatus>)
        return message_status;
    else if constexpr (std::is_same_v<Store, Offline>)
        return offline;
    else if constexpr (std::is_same_v<Store, Pubsub>)
        return pubsub;
    else if constexpr (std::is_same_v<Store, Quarantine>)
        return quarantine;
    else if constexpr (std::is_same_v<Store, Reports>)
        return reports;
    else if constexpr (std::is_same_v<Store, ResumableSessions>)
        return resumable_sessions;
    else if constexpr (std::is_same_v<Store, Retention>)
        return retention;
    else if constexpr (std::is_same_v<Store, Roster>)
        return roster;
    else if constexpr (std::is_same_v<Store, Search>)
        return search;
    else {
        static_assert(std::is_same_v<Store, Users>, "no such store");
        return users;
    }
}

/// The schemas of all stores in this folder.
[[nodiscard]] std::vector<Schema> store_schemas();

}  // namespace aldis::db
