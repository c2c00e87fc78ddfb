#pragma once

namespace aldis::db::sqlite {

/// The name of a VFS that is the machine's own, except that it gathers what is written to a write-ahead log and hands
/// it to the kernel in large pieces: SQLite writes two small ones for every page, which costs more than the pages.
///
/// For a connection with synchronous=FULL only: there SQLite tells nobody of a commit before it has synced the log, and
/// a sync writes what has been gathered. What a crash finds in memory was not committed.
[[nodiscard]] const char* buffered_log_vfs();

}  // namespace aldis::db::sqlite
