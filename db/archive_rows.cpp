#include "db/archive_rows.h"

namespace aldis::db::archive_rows {

std::optional<std::int64_t> owner_of(Connection& connection, std::string_view jid) {
    Rows rows = connection.query("SELECT id FROM archive_owners WHERE jid = $1", jid);
    if (!rows.next()) return std::nullopt;
    return rows.integer(0);
}

std::optional<std::int64_t> peer_of(Connection& connection, std::string_view jid) {
    Rows rows = connection.query("SELECT id FROM archive_peers WHERE jid = $1", jid);
    if (!rows.next()) return std::nullopt;
    return rows.integer(0);
}

std::int64_t flags_of(const ArchiveEntry& entry) {
    const std::uint64_t mark = entry.outgoing ? entry.mark & ArchiveEntry::largest_mark : 0;
    return (entry.outgoing ? outgoing_flag : 0) | (std::int64_t{entry.kind} << 1) |
           static_cast<std::int64_t>(mark << 9);
}

std::uint64_t mark_of(std::int64_t flags) { return static_cast<std::uint64_t>(flags) >> 9; }

ArchivedMessage message_of(const Rows& rows) {
    const std::int64_t flags = rows.integer(1);
    return {.id = ArchiveId{rows.integer(0)},
            .stanza = std::string{rows.text(2)},
            .outgoing = (flags & outgoing_flag) != 0,
            .kind = static_cast<std::uint8_t>(flags >> 1)};
}

}  // namespace aldis::db::archive_rows
