#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "db/sqlite/handle.h"

namespace aldis::db::sqlite {

/// Copies the write-ahead log into the database file, beside the writer instead of within its commits. As long as the
/// writer goes on, a copy can never reach the log's end, and the log would grow for ever; so the bulk is copied by a
/// thread of its own, then the writer copies the little that is left between two transactions, and the log starts anew.
class Checkpointer {
public:
    static constexpr int log_pages = 8'000;  ///< 32 MiB: pages that change often are copied once for many changes
    static constexpr int rest_pages = 400;   ///< what the writer may be left with

    /// @param threads  false: the writer does it all
    Checkpointer(std::string path, bool threads, std::atomic<std::uint64_t>& count);
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;
    ~Checkpointer();

    /// The writer tells the length of the log. @return  whether it should end the checkpoint now
    [[nodiscard]] bool wants_end(int pages);
    /// Copies what is left; on the writer's connection, outside of a transaction.
    void end(sqlite3* writer);

private:
    enum class State : int { idle, copying, copied };

    void run();
    void copy_bulk(sqlite3* database);

    std::string path_;
    std::atomic<std::uint64_t>& count_;
    std::atomic<State> state_{State::idle};
    std::atomic<int> pages_{0};  ///< in the log now
    int started_at_ = 0;         ///< writer: length of the log when the last checkpoint began
    bool threads_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace aldis::db::sqlite
