#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "db/archive.h"

/// How the rows of the archive's tables are read: shared by the files of db::Archive.
namespace aldis::db::archive_rows {

/// Besides it, flags are the caller's `kind`, from bit 1 on.
inline constexpr std::int64_t outgoing_flag = 1;

[[nodiscard]] std::optional<std::int64_t> owner_of(Connection& connection, std::string_view jid);
[[nodiscard]] std::optional<std::int64_t> peer_of(Connection& connection, std::string_view jid);
/// Of a row that begins with id, flags, stanza.
[[nodiscard]] ArchivedMessage message_of(const Rows& rows);

}  // namespace aldis::db::archive_rows
