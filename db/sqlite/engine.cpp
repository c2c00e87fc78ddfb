#include "db/engine.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "db/sqlite/connection.h"
#include "db/sqlite/log_buffer.h"

namespace aldis::db {

namespace sqlite {

namespace {

/// Before SQLite does, which would leave the permissions to the umask. The log beside it gets those of the file.
void create_private(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) throw Error{Fault::io, "cannot open the database " + path + ": " + std::strerror(errno)};
    ::close(file);
}

class SqliteEngine final : public Engine {
public:
    SqliteEngine(const Options& options, std::atomic<std::uint64_t>& checkpoints)
        : path_{options.path.string()},
          synced_{options.synced},
          threads_{options.threads},
          busy_milliseconds_{static_cast<int>(options.busy_for.count())},
          checkpoints_{checkpoints} {}

    std::unique_ptr<db::Connection> writer() override;
    std::unique_ptr<db::Connection> reader() override;

private:
    std::string path_;
    bool synced_;
    bool threads_;
    int busy_milliseconds_;
    std::atomic<std::uint64_t>& checkpoints_;
};

/// Changing to WAL takes a lock for which SQLite's busy handler is not asked: two programs that make one new file at
/// the same moment would see one of them fail.
void execute_patiently(sqlite3* database, const char* sql, int milliseconds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{milliseconds};
    while (true) {
        try {
            return execute(database, sql);
        } catch (const Error& error) {
            if (error.fault() != Fault::busy || std::chrono::steady_clock::now() > deadline) throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

std::unique_ptr<db::Connection> SqliteEngine::writer() {
    create_private(path_);
    configure_library();
    Handle database = open(path_, SQLITE_OPEN_READWRITE, busy_milliseconds_, synced_ ? buffered_log_vfs() : nullptr);
    execute_patiently(database.get(), "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL", busy_milliseconds_);
    execute(database.get(),
            "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; PRAGMA mmap_size = 0;"
            "PRAGMA journal_size_limit = 67108864; PRAGMA secure_delete = FAST");
    // WAL with NORMAL loses the last commits at power loss.
    execute(database.get(), synced_ ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    return std::make_unique<Connection>(std::move(database),
                                        std::make_unique<Checkpointer>(path_, threads_, checkpoints_));
}

std::unique_ptr<db::Connection> SqliteEngine::reader() {
    Handle database = open(path_, SQLITE_OPEN_READONLY, busy_milliseconds_);
    execute(database.get(), "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2048; PRAGMA mmap_size = 0");
    return std::make_unique<Connection>(std::move(database), nullptr);
}

}  // namespace

}  // namespace sqlite

std::unique_ptr<Engine> make_sqlite_engine(const Options& options, std::atomic<std::uint64_t>& checkpoints) {
    return std::make_unique<sqlite::SqliteEngine>(options, checkpoints);
}

}  // namespace aldis::db
