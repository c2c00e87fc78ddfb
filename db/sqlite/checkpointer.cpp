#include "db/sqlite/checkpointer.h"

namespace aldis::db::sqlite {

Checkpointer::Checkpointer(std::string path, bool threads, std::atomic<std::uint64_t>& count)
    : path_{std::move(path)}, count_{count}, threads_{threads} {
    if (threads) thread_ = std::thread{&Checkpointer::run, this};
}

Checkpointer::~Checkpointer() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

bool Checkpointer::wants_end(int pages) {
    pages_.store(pages, std::memory_order_relaxed);
    if (pages < started_at_) started_at_ = 0;  // the log has started anew
    const State state = state_.load(std::memory_order_acquire);
    if (state == State::copied) return true;
    if (state == State::copying || pages < started_at_ + log_pages) return false;
    started_at_ = pages;
    if (!threads_) return true;
    {
        const std::lock_guard lock{mutex_};
        state_.store(State::copying, std::memory_order_relaxed);
    }
    wake_.notify_one();
    return false;
}

void Checkpointer::end(sqlite3* writer) {
    // What fails here is tried again by the next checkpoint; the log has everything.
    sqlite3_wal_checkpoint_v2(writer, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    count_.fetch_add(1, std::memory_order_relaxed);
    state_.store(State::idle, std::memory_order_relaxed);
}

void Checkpointer::run() {
    Handle database;
    std::unique_lock lock{mutex_};
    for (;;) {
        wake_.wait(lock, [this] { return closing_ || state_.load(std::memory_order_relaxed) == State::copying; });
        if (closing_) return;
        lock.unlock();
        try {
            if (!database) database = open(path_, SQLITE_OPEN_READWRITE, 0);
            copy_bulk(database.get());
        } catch (const Error&) {
            database.reset();  // the writer will do it all this time, and meet the same trouble where it is reported
        }
        lock.lock();
        state_.store(State::copied, std::memory_order_release);
    }
}

/// While a copy is made the log grows, by less each time.
void Checkpointer::copy_bulk(sqlite3* database) {
    for (int attempt = 0; attempt < 4; ++attempt) {
        int copied = 0;
        const int code = sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, &copied);
        if (code != SQLITE_OK || pages_.load(std::memory_order_relaxed) - copied < rest_pages) return;
    }
}

}  // namespace aldis::db::sqlite
