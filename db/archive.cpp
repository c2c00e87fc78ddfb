#include "db/archive.h"

#include <algorithm>

#include "db/archive_rows.h"
#include "db/database.h"
#include "db/name_cache.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     // A removed owner has no jid any more, and a number is never used again.
     "CREATE TABLE archive_owners (id INTEGER PRIMARY KEY AUTOINCREMENT, jid TEXT UNIQUE);"
     "CREATE TABLE archive_peers (id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE);"
     // By id, which only grows: a row is appended to the last page, whoever owns it.
     "CREATE TABLE archive ("
     " id INTEGER PRIMARY KEY,"
     " owner INTEGER NOT NULL,"
     " peer INTEGER NOT NULL,"
     " flags INTEGER NOT NULL,"
     " resource TEXT,"
     " dedup_key TEXT,"
     " stanza TEXT NOT NULL);"
     // SQLite ends each index with the id, so that both are in its order.
     "CREATE INDEX archive_by_owner ON archive (owner);"
     "CREATE INDEX archive_by_peer ON archive (owner, peer);"
     "CREATE TABLE archive_mark (one INTEGER PRIMARY KEY CHECK (one = 1), id BIGINT NOT NULL);"
     "INSERT INTO archive_mark (one, id) VALUES (1, 0)"},
};

/// NULL where there is no text: it takes no room in the row.
Value optional_text(std::string_view text) { return text.empty() ? Value{nullptr} : Value{text}; }

std::int64_t number_of_owner(Connection& connection, std::string_view jid) {
    {
        Rows rows = connection.query("SELECT id FROM archive_owners WHERE jid = $1", jid);
        if (rows.next()) return rows.integer(0);
    }
    Rows rows = connection.query("INSERT INTO archive_owners (jid) VALUES ($1) RETURNING id", jid);
    return rows.next() ? rows.integer(0) : 0;
}

std::int64_t number_of_peer(Connection& connection, std::string_view jid) {
    {
        Rows rows = connection.query("SELECT id FROM archive_peers WHERE jid = $1", jid);
        if (rows.next()) return rows.integer(0);
    }
    Rows rows = connection.query("INSERT INTO archive_peers (jid) VALUES ($1) RETURNING id", jid);
    return rows.next() ? rows.integer(0) : 0;
}

}  // namespace

const std::span<const Migration> Archive::migrations{steps};

struct Archive::Names {
    NameCache owners;
    NameCache peers;
};

/// What append() was given, in one piece of memory beside the shared stanza.
struct Archive::Row {
    Row(ArchiveId row_id, std::string_view owner, const ArchiveEntry& entry);

    [[nodiscard]] std::string_view owner() const { return part(0, owner_end); }
    [[nodiscard]] std::string_view peer() const { return part(owner_end, peer_end); }
    [[nodiscard]] std::string_view resource() const { return part(peer_end, resource_end); }
    [[nodiscard]] std::string_view dedup_key() const { return part(resource_end, texts.size()); }
    [[nodiscard]] std::string_view part(std::size_t from, std::size_t to) const {
        return std::string_view{texts}.substr(from, to - from);
    }

    ArchiveId id;
    std::int64_t flags;
    Bytes stanza;
    std::size_t owner_end;
    std::size_t peer_end;
    std::size_t resource_end;
    std::string texts;
};

Archive::Row::Row(ArchiveId row_id, std::string_view owner, const ArchiveEntry& entry)
    : id{row_id},
      flags{archive_rows::flags_of(entry)},
      stanza{entry.stanza},
      owner_end{owner.size()},
      peer_end{owner_end + entry.with.size()},
      resource_end{peer_end + entry.with_resource.size()} {
    const std::string_view key = entry.dedup_key.size() <= longest_key ? entry.dedup_key : std::string_view{};
    texts.reserve(resource_end + key.size());
    texts.append(owner).append(entry.with).append(entry.with_resource).append(key);
}

Archive::Archive(Database& database) : names_{std::make_unique<Names>()} {
    recorded_ = database.read_now([](Connection& connection) {
        Rows rows = connection.query("SELECT max(id) FROM archive_mark");
        return rows.next() ? rows.integer(0) : 0;
    });
    last_ = recorded_;
    database.add_hook(*this);
}

Archive::~Archive() = default;

ArchiveId Archive::next_id(Timestamp at) {
    const std::int64_t now = at.time_since_epoch().count();
    std::int64_t last = last_.load(std::memory_order_relaxed);
    std::int64_t next = 0;
    do {
        next = std::max(now, last + 1);
    } while (!last_.compare_exchange_weak(last, next, std::memory_order_relaxed));
    return ArchiveId{next};
}

ArchiveId Archive::append(Unit& unit, std::string_view owner, const ArchiveEntry& entry) {
    const ArchiveId id = next_id(entry.at);
    const std::size_t size = sizeof(Row) + entry.stanza->size();
    unit.add([this, row = Row{id, owner, entry}](Connection& connection) { insert(connection, row); }, size);
    return id;
}

void Archive::insert(Connection& connection, const Row& row) {
    std::optional<std::int64_t> owner = names_->owners.find(row.owner());
    if (!owner) names_->owners.put(row.owner(), owner.emplace(number_of_owner(connection, row.owner())));
    std::optional<std::int64_t> peer = names_->peers.find(row.peer());
    if (!peer) names_->peers.put(row.peer(), peer.emplace(number_of_peer(connection, row.peer())));
    connection.run(
        "INSERT INTO archive (id, owner, peer, flags, resource, dedup_key, stanza) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        row.id.number(), *owner, *peer, row.flags, optional_text(row.resource()), optional_text(row.dedup_key()),
        *row.stanza);
    written_ = std::max(written_, row.id.number());
    appended_ = {.id = row.id, .owner = *owner, .peer = *peer, .flags = row.flags};
    if (watcher_ != nullptr) watcher_->added(connection, row.id);
}

std::optional<Archive::Place> Archive::place(Connection& connection, ArchiveId id) const {
    if (appended_.id == id) return appended_;
    Rows rows = connection.query("SELECT owner, peer, flags FROM archive WHERE id = $1", id.number());
    if (!rows.next()) return std::nullopt;
    return Place{.id = id, .owner = rows.integer(0), .peer = rows.integer(1), .flags = rows.integer(2)};
}

/// With the rows, the largest of their ids: no id is used again, even if its row is deleted or the clock goes back.
void Archive::before_commit(Connection& connection) {
    if (written_ <= recorded_) return;
    connection.run("UPDATE archive_mark SET id = $1 WHERE id < $2", written_, written_);
    recorded_ = written_;
}

void Archive::forget() noexcept {
    names_->owners.clear();
    names_->peers.clear();
    appended_ = {};
    recorded_ = 0;
}

std::optional<std::vector<ArchiveOwner>> Archive::owners(Connection& connection, std::int64_t& after,
                                                         std::size_t limit) {
    Rows rows = connection.query(
        "SELECT id, jid, (SELECT id FROM archive WHERE owner = archive_owners.id ORDER BY id LIMIT 1)"
        " FROM archive_owners WHERE id > $1 ORDER BY id LIMIT $2",
        after, 10 * limit);
    bool any = false;
    std::vector<ArchiveOwner> found;
    while (found.size() < limit && rows.next()) {
        any = true;
        after = rows.integer(0);
        if (rows.is_null(1) || rows.is_null(2)) continue;  // removed, or empty
        found.push_back({.number = after, .jid = std::string{rows.text(1)}, .oldest = ArchiveId{rows.integer(2)}});
    }
    if (!any) return std::nullopt;
    return found;
}

std::size_t Archive::forget_before(Connection& connection, Timestamp cutoff, std::size_t limit) {
    return static_cast<std::size_t>(
        connection.run("DELETE FROM archive WHERE id IN (SELECT id FROM archive WHERE id < $1 ORDER BY id LIMIT $2)",
                       cutoff.time_since_epoch().count(), limit));
}

std::size_t Archive::forget_before(Connection& connection, std::int64_t owner, Timestamp cutoff, std::size_t limit) {
    return static_cast<std::size_t>(connection.run(
        "DELETE FROM archive WHERE id IN (SELECT id FROM archive WHERE owner = $1 AND id < $2 ORDER BY id LIMIT $3)",
        owner, cutoff.time_since_epoch().count(), limit));
}

bool Archive::remove_owner(Connection& connection, std::string_view owner) {
    names_->owners.clear();
    return connection.run("UPDATE archive_owners SET jid = NULL WHERE jid = $1", owner) != 0;
}

std::size_t Archive::purge(Connection& connection, std::size_t limit) {
    std::size_t purged = 0;
    while (purged < limit) {
        Rows rows = connection.query("SELECT id FROM archive_owners WHERE jid IS NULL LIMIT 1");
        if (!rows.next()) break;
        const std::int64_t owner = rows.integer(0);
        const std::size_t wanted = limit - purged;
        const auto deleted = static_cast<std::size_t>(connection.run(
            "DELETE FROM archive WHERE id IN (SELECT id FROM archive WHERE owner = $1 ORDER BY id LIMIT $2)", owner,
            wanted));
        purged += deleted;
        if (deleted < wanted) connection.run("DELETE FROM archive_owners WHERE id = $1", owner);
    }
    return purged;
}

}  // namespace aldis::db
