#include "db/inbox.h"

#include <algorithm>

#include "db/archive_rows.h"

namespace aldis::db {

using namespace archive_rows;

namespace {

constexpr Migration steps[] = {
    {1,
     // (owner << 32) + peer, by the numbers of the archive: one row to find and to write in place, without an index,
     // and an owner's rows are neighbours. Unread is what was received after read_to.
     "CREATE TABLE inbox ("
     " conversation INTEGER PRIMARY KEY,"
     " last BIGINT NOT NULL,"
     " read_to BIGINT NOT NULL,"
     " unread BIGINT NOT NULL);"
     // Nobody knows what was read before there was an inbox.
     "INSERT INTO inbox (conversation, last, read_to, unread)"
     " SELECT (owner << 32) + peer, max(id), max(id), 0 FROM archive GROUP BY owner, peer;"
     // In step with whatever deletes: retention, and what a removed owner has left. Rows go from the oldest on, so
     // there is none any more behind the last. Flags: 1 is outgoing, 2 is Inbox::message.
     "CREATE TRIGGER inbox_forget AFTER DELETE ON archive BEGIN"
     " UPDATE inbox SET unread = unread - 1 WHERE conversation = (OLD.owner << 32) + OLD.peer"
     "  AND read_to < OLD.id AND unread > 0 AND (OLD.flags & 3) = 2;"
     " DELETE FROM inbox WHERE conversation = (OLD.owner << 32) + OLD.peer AND last <= OLD.id;"
     " END;"
     // A stanza is only ever replaced by a tombstone. It keeps its place, but is nothing to be read.
     "CREATE TRIGGER inbox_retract AFTER UPDATE OF stanza ON archive WHEN (OLD.flags & 2) = 2 BEGIN"
     " UPDATE inbox SET unread = unread - 1 WHERE conversation = (OLD.owner << 32) + OLD.peer"
     "  AND read_to < OLD.id AND unread > 0 AND (OLD.flags & 1) = 0;"
     " UPDATE archive SET flags = flags & ~2 WHERE id = OLD.id;"
     " END"},
};

constexpr std::int64_t message_flag = std::int64_t{Inbox::message} << 1;

bool is_to_be_read(std::int64_t flags) { return (flags & (outgoing_flag | message_flag)) == message_flag; }

std::int64_t conversation_of(std::int64_t owner, std::int64_t peer) { return (owner << 32) + peer; }
std::int64_t peer_in(std::int64_t conversation) { return conversation & 0xFFFF'FFFF; }

void count_one(Connection& connection, const Archive::Place& place) {
    const std::int64_t conversation = conversation_of(place.owner, place.peer);
    const std::int64_t id = place.id.number();
    const std::int64_t unread = (place.flags & outgoing_flag) != 0 ? 0 : 1;
    // There is a row already, but for the first message. What the owner sends is committed from another shard, and may
    // come behind what he has received since.
    if (connection.run("UPDATE inbox SET last = CASE WHEN last < $1 THEN $1 ELSE last END, unread = unread + $2"
                       " WHERE conversation = $3",
                       id, unread, conversation) == 0)
        connection.run("INSERT INTO inbox (conversation, last, read_to, unread) VALUES ($1, $2, 0, $3)", conversation,
                       id, unread);
}

/// A conversation in which something is unread.
struct Unread {
    std::int64_t owner;
    std::int64_t peer;
    std::int64_t read_to;
    std::int64_t messages;
};

std::optional<Unread> find_unread(Connection& connection, std::string_view owner, std::string_view peer) {
    const std::optional<std::int64_t> owner_number = owner_of(connection, owner);
    const std::optional<std::int64_t> peer_number = peer_of(connection, peer);
    if (!owner_number || !peer_number) return std::nullopt;
    Rows rows = connection.query("SELECT read_to, unread FROM inbox WHERE conversation = $1 AND unread > 0",
                                 conversation_of(*owner_number, *peer_number));
    if (!rows.next()) return std::nullopt;
    return Unread{
        .owner = *owner_number, .peer = *peer_number, .read_to = rows.integer(0), .messages = rows.integer(1)};
}

/// Where a conversation has been read up to, and how many messages came after that.
struct Place {
    std::int64_t id;
    std::int64_t after;
};

/// From the newest message back, but not into what was read before.
template <class IsIt>
std::optional<Place> walk_back(Connection& connection, const Unread& unread, IsIt is_it) {
    Rows rows = connection.query(
        "SELECT id, flags, dedup_key FROM archive WHERE owner = $1 AND peer = $2 AND id > $3 ORDER BY id DESC LIMIT $4",
        unread.owner, unread.peer, unread.read_to, Inbox::walk_limit);
    for (std::int64_t after = 0; rows.next();) {
        if (is_it(rows)) return Place{.id = rows.integer(0), .after = after};
        if (is_to_be_read(rows.integer(1))) ++after;
    }
    return std::nullopt;
}

/// From the oldest message on that has not been read.
template <class IsIt>
std::optional<Place> walk_on(Connection& connection, const Unread& unread, IsIt is_it) {
    Rows rows = connection.query(
        "SELECT id, flags, dedup_key FROM archive WHERE owner = $1 AND peer = $2 AND id > $3 ORDER BY id LIMIT $4",
        unread.owner, unread.peer, unread.read_to, Inbox::walk_limit);
    for (std::int64_t read = 0; rows.next();) {
        if (is_to_be_read(rows.integer(1))) ++read;
        if (is_it(rows))
            return Place{.id = rows.integer(0), .after = std::max<std::int64_t>(unread.messages - read, 0)};
    }
    return std::nullopt;
}

/// Who reads what he has missed is near one end of it or the other.
template <class IsIt>
void read_up_to(Connection& connection, std::string_view owner, std::string_view peer, IsIt is_it) {
    const std::optional<Unread> unread = find_unread(connection, owner, peer);
    if (!unread) return;
    std::optional<Place> place = walk_back(connection, *unread, is_it);
    if (!place) place = walk_on(connection, *unread, is_it);
    if (!place) return;
    connection.run("UPDATE inbox SET read_to = $1, unread = $2 WHERE conversation = $3", place->id, place->after,
                   conversation_of(unread->owner, unread->peer));
}

/// A row of the table.
struct Line {
    std::int64_t last;
    std::int64_t peer;
    std::uint64_t unread;
};

/// All of an owner, the newest first: there is no order on disk, because every message changes it. Counts on the way.
std::vector<Line> lines_of(Connection& connection, std::int64_t owner, bool unread_only, InboxPage& page) {
    std::vector<Line> lines;
    Rows rows =
        connection.query("SELECT conversation, last, unread FROM inbox WHERE conversation >= $1 AND conversation < $2",
                         conversation_of(owner, 0), conversation_of(owner + 1, 0));
    while (rows.next()) {
        const auto unread = static_cast<std::uint64_t>(rows.integer(2));
        ++page.total;
        page.active += unread > 0 ? 1 : 0;
        page.unread += unread;
        if (unread > 0 || !unread_only)
            lines.push_back({.last = rows.integer(1), .peer = peer_in(rows.integer(0)), .unread = unread});
    }
    std::ranges::sort(lines, std::ranges::greater{}, &Line::last);
    return lines;
}

/// The lines that the page may have, of which it begins with the first, or ends with the last.
std::span<const Line> part_of(std::span<const Line> lines, const InboxRange& range) {
    // How many of them are newer than that.
    const auto newer = [&](ArchiveId id) {
        return static_cast<std::size_t>(
            std::ranges::lower_bound(lines, id.number(), std::ranges::greater{}, &Line::last) - lines.begin());
    };
    std::size_t from = 0;
    std::size_t to = lines.size();
    if (range.index) from = static_cast<std::size_t>(std::min<std::uint64_t>(*range.index, to));
    if (range.after) from = std::max(from, newer(ArchiveId{range.after->number() - 1}));
    if (range.before) to = newer(*range.before);
    return from < to ? lines.subspan(from, to - from) : lines.subspan(std::min(from, lines.size()), 0);
}

bool goes_back(const InboxRange& range) { return range.last_page || range.before; }

Conversation conversation_at(Connection& connection, std::int64_t owner, const Line& line, bool with_message) {
    Conversation conversation{.last = ArchiveId{line.last}, .unread = line.unread};
    {
        Rows rows = connection.query(
            "SELECT jid, (SELECT max(id) FROM archive WHERE owner = $1 AND peer = $2)"
            " FROM archive_peers WHERE id = $2",
            owner, line.peer);
        if (rows.next()) {
            conversation.peer = rows.text(0);
            conversation.latest = ArchiveId{rows.integer(1)};
        }
    }
    if (!with_message) return conversation;
    Rows rows = connection.query("SELECT id, flags, stanza FROM archive WHERE id = $1", line.last);
    if (rows.next()) conversation.message = message_of(rows);
    return conversation;
}

}  // namespace

const std::span<const Migration> Inbox::migrations{steps};

void Inbox::count(Unit& unit, const Archive& archive, ArchiveId id) {
    unit.add([&archive, id](Connection& connection) {
        if (const std::optional<Archive::Place> place = archive.place(connection, id)) count_one(connection, *place);
    });
}

void Inbox::displayed(Unit& unit, std::string_view owner, std::string_view peer, std::string_view dedup_key) {
    if (dedup_key.empty() || dedup_key.size() > Archive::longest_key) return;
    unit.add([owner = std::string{owner}, peer = std::string{peer},
              key = std::string{dedup_key}](Connection& connection) {
        read_up_to(connection, owner, peer,
                   [&key](const Rows& rows) { return (rows.integer(1) & outgoing_flag) == 0 && rows.text(2) == key; });
    });
}

void Inbox::displayed(Unit& unit, std::string_view owner, std::string_view peer, ArchiveId id) {
    unit.add([owner = std::string{owner}, peer = std::string{peer}, id](Connection& connection) {
        read_up_to(connection, owner, peer, [id](const Rows& rows) { return rows.integer(0) == id.number(); });
    });
}

InboxPage Inbox::page(Connection& connection, std::string_view owner, const InboxRange& range) {
    InboxPage page;
    const std::optional<std::int64_t> number = owner_of(connection, owner);
    if (!number) return page;
    const std::vector<Line> lines = lines_of(connection, *number, range.unread_only, page);
    page.count = lines.size();
    const std::span<const Line> part = part_of(lines, range);
    const bool back = goes_back(range);
    std::size_t bytes = 0;
    while (page.entries.size() < std::min(range.max, part.size())) {
        const std::size_t done = page.entries.size();
        const Line& line = back ? part[part.size() - 1 - done] : part[done];
        Conversation next = conversation_at(connection, *number, line, range.messages);
        if (next.message) bytes += next.message->stanza.size();
        if (done > 0 && bytes > range.bytes) break;
        page.entries.push_back(std::move(next));
    }
    const auto before = static_cast<std::uint64_t>(part.data() - lines.data());
    page.index = before + (back ? part.size() - page.entries.size() : 0);
    if (back) std::ranges::reverse(page.entries);
    return page;
}

}  // namespace aldis::db
