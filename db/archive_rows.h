#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "db/archive.h"

/// How the rows of the archive's tables are read: shared by the files of db::Archive.
namespace aldis::db::archive_rows {

/// Besides it, flags are the caller's `kind` in the next 8 bits, and above them his `mark`: they stand before the
/// stanza in the row, so that reading them does not touch it.
inline constexpr std::int64_t outgoing_flag = 1;
inline constexpr std::int64_t smallest_marked = 1 << 9;
[[nodiscard]] std::int64_t flags_of(const ArchiveEntry& entry);
[[nodiscard]] std::uint64_t mark_of(std::int64_t flags);

[[nodiscard]] std::optional<std::int64_t> owner_of(Connection& connection, std::string_view jid);
[[nodiscard]] std::optional<std::int64_t> peer_of(Connection& connection, std::string_view jid);
/// Of a row that begins with id, flags, stanza.
[[nodiscard]] ArchivedMessage message_of(const Rows& rows);

}  // namespace aldis::db::archive_rows
