// What is found in the archive by the key with which it was sent.
#include "db/archive_rows.h"
#include "db/column.h"

namespace aldis::db {

using namespace archive_rows;

namespace {

/// Stored instead of what it was.
struct Replacement {
    ArchiveId id;
    std::string stanza;
};

/// The latest messages of a conversation that were sent with this key. Their rows are read, as far as the key, one by
/// one: an index with the key in it would cost every message 9 % of what it takes to write it.
std::vector<ArchiveId> candidates(Connection& connection, std::int64_t owner, std::int64_t peer,
                                  std::string_view dedup_key) {
    Rows rows =
        connection.query("SELECT id, dedup_key FROM archive WHERE owner = $1 AND peer = $2 ORDER BY id DESC LIMIT $3",
                         owner, peer, Archive::retract_limit);
    std::vector<ArchiveId> found;
    while (rows.next()) {
        if (rows.text(1) == dedup_key) found.emplace_back(rows.integer(0));
    }
    return found;
}

std::optional<std::string> offer(Connection& connection, ArchiveId id, const Archive::Replace& replace) {
    Rows rows = connection.query("SELECT id, flags, stanza FROM archive WHERE id = $1", id.number());
    if (!rows.next()) return std::nullopt;
    return replace(message_of(rows));
}

std::optional<Replacement> find_replacement(Connection& connection, std::int64_t owner, std::int64_t peer,
                                            std::string_view dedup_key, const Archive::Replace& replace) {
    for (const ArchiveId id : candidates(connection, owner, peer, dedup_key)) {
        if (std::optional<std::string> stanza = offer(connection, id, replace)) {
            return Replacement{id, std::move(*stanza)};
        }
    }
    return std::nullopt;
}

void replace_one(Connection& connection, std::string_view owner, std::string_view with, std::string_view dedup_key,
                 const Archive::Replace& replace) {
    const std::optional<std::int64_t> number = owner_of(connection, owner);
    const std::optional<std::int64_t> peer = peer_of(connection, with);
    if (!number || !peer || dedup_key.empty()) return;
    const std::optional<Replacement> found = find_replacement(connection, *number, *peer, dedup_key, replace);
    if (found) connection.run("UPDATE archive SET stanza = $1 WHERE id = $2", found->stanza, found->id.number());
}

}  // namespace

std::optional<ArchiveId> Archive::find_key(Connection& connection, std::string_view owner, std::string_view with,
                                           std::string_view dedup_key, std::size_t among) {
    const std::optional<std::int64_t> number = owner_of(connection, owner);
    const std::optional<std::int64_t> peer = peer_of(connection, with);
    if (!number || !peer || dedup_key.empty()) return std::nullopt;
    Rows rows =
        connection.query("SELECT id, dedup_key FROM archive WHERE owner = $1 AND peer = $2 ORDER BY id DESC LIMIT $3",
                         *number, *peer, among);
    while (rows.next()) {
        if (rows.text(1) == dedup_key) return ArchiveId{rows.integer(0)};
    }
    return std::nullopt;
}

std::vector<SentMessage> Archive::recent_sent(Connection& connection, std::string_view owner, Timestamp since,
                                              std::size_t at_most) {
    std::vector<SentMessage> sent;
    const std::optional<std::int64_t> number = owner_of(connection, owner);
    if (!number) return sent;
    Rows rows = connection.query(
        "SELECT archive.id, flags, dedup_key, jid FROM archive JOIN archive_peers"
        " ON archive_peers.id = peer WHERE owner = $1 AND archive.id >= $2 AND archive.id >="
        " coalesce((SELECT id FROM archive WHERE owner = $1 ORDER BY id DESC LIMIT 1 OFFSET $3), 0)"
        " AND flags & 1 = 1 AND flags >= $4 ORDER BY archive.id DESC LIMIT $5",
        *number, microseconds(since), scan_limit, smallest_marked, at_most);
    while (rows.next()) {
        sent.push_back({.id = ArchiveId{rows.integer(0)},
                        .with = std::string{rows.text(3)},
                        .dedup_key = std::string{rows.text(2)},
                        .mark = mark_of(rows.integer(1))});
    }
    return sent;
}

void Archive::retract(Unit& unit, std::string_view owner, std::string_view with, std::string_view dedup_key,
                      Replace replace) {
    unit.add(
        [owner = std::string{owner}, with = std::string{with}, key = std::string{dedup_key},
         replace = std::move(replace)](Connection& connection) { replace_one(connection, owner, with, key, replace); });
}

}  // namespace aldis::db
