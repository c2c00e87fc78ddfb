// What is found in the archive by the key with which it was sent.
#include <algorithm>

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

/// Shows stored messages to the caller, one by one. Each is parsed, so there is a bound to how much is shown at once.
class Offer {
public:
    Offer(Connection& connection, std::int64_t owner, const Archive::Replace& replace)
        : connection_{connection}, owner_{owner}, replace_{replace} {}

    /// @return  nothing: it is not the one
    std::optional<std::string> operator()(ArchiveId id) {
        Rows rows = connection_.query("SELECT id, flags, stanza FROM archive WHERE id = $1 AND owner = $2", id.number(),
                                      owner_);
        if (!rows.next()) return std::nullopt;
        const ArchivedMessage message = message_of(rows);
        shown_ += message.stanza.size();
        return replace_(message);
    }
    [[nodiscard]] bool is_enough() const { return shown_ >= most; }

private:
    static constexpr std::size_t most = 64 << 10;  ///< bytes; the first is shown however large it is
    Connection& connection_;
    std::int64_t owner_;
    const Archive::Replace& replace_;
    std::size_t shown_ = 0;
};

std::optional<Replacement> find_replacement(Connection& connection, std::int64_t owner, std::int64_t peer,
                                            std::string_view dedup_key, const Archive::Replace& replace) {
    Offer offer{connection, owner, replace};
    for (const ArchiveId id : candidates(connection, owner, peer, dedup_key)) {
        if (std::optional<std::string> stanza = offer(id)) return Replacement{id, std::move(*stanza)};
        if (offer.is_enough()) break;
    }
    return std::nullopt;
}

bool replace_one(Connection& connection, std::string_view owner, std::string_view with, std::string_view dedup_key,
                 const Archive::Replace& replace) {
    const std::optional<std::int64_t> number = owner_of(connection, owner);
    const std::optional<std::int64_t> peer = peer_of(connection, with);
    if (!number || !peer || dedup_key.empty()) return false;
    const std::optional<Replacement> found = find_replacement(connection, *number, *peer, dedup_key, replace);
    if (found) connection.run("UPDATE archive SET stanza = $1 WHERE id = $2", found->stanza, found->id.number());
    return found.has_value();
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
                      Replace replace, std::shared_ptr<std::atomic<bool>> found) {
    unit.add([owner = std::string{owner}, with = std::string{with}, key = std::string{dedup_key},
              replace = std::move(replace), found = std::move(found)](Connection& connection) {
        const bool replaced = replace_one(connection, owner, with, key, replace);
        if (found) *found = replaced;
    });
}

ArchiveSearch Archive::search(Connection& connection, ArchiveSearch search, const Replace& replace) {
    constexpr std::size_t step = 500;
    const std::size_t wanted = std::min(search.rows, step);
    search.rows -= wanted;
    const std::optional<std::int64_t> owner = owner_of(connection, search.owner);
    const std::optional<std::int64_t> peer = peer_of(connection, search.with);
    if (!owner || !peer || search.dedup_key.empty()) {
        search.rows = 0;
        return search;
    }
    Rows rows = connection.query(
        "SELECT id, dedup_key FROM archive WHERE owner = $1 AND peer = $2 AND id < $3 AND id >= $4"
        " ORDER BY id DESC LIMIT $5",
        *owner, *peer, search.before.number(), search.oldest.number(), wanted);
    Offer offer{connection, *owner, replace};
    for (std::size_t seen = 0; seen < wanted && !offer.is_enough(); ++seen) {
        if (!rows.next()) {
            search.rows = 0;
            break;
        }
        search.before = ArchiveId{rows.integer(0)};
        if (rows.text(1) != search.dedup_key || !offer(search.before)) continue;
        search.found = search.before;
        search.rows = 0;
        break;
    }
    return search;
}

bool Archive::replace_found(Connection& connection, const ArchiveSearch& search, const Replace& replace) {
    const std::optional<std::int64_t> owner = owner_of(connection, search.owner);
    if (!owner || !search.found) return false;
    const std::optional<std::string> stanza = Offer{connection, *owner, replace}(*search.found);
    if (stanza) connection.run("UPDATE archive SET stanza = $1 WHERE id = $2", *stanza, search.found->number());
    return stanza.has_value();
}

}  // namespace aldis::db
