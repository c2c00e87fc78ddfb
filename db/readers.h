#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "db/database.h"
#include "db/engine.h"

namespace aldis::db {

/// A few threads, each with a connection that can only read.
class Readers {
public:
    Readers(const Options& options, Engine& engine, Metrics& metrics);
    Readers(const Readers&) = delete;
    Readers& operator=(const Readers&) = delete;
    ~Readers() { close(); }

    void submit(Database::Job job);
    /// One job, in place. @return  false: none was waiting
    bool work();
    /// Runs what is queued, then ends the threads.
    void close();

private:
    void run(Connection& connection);
    template <class Function>
    void guarded(Function function);
    void run_job(Connection& connection, Database::Job& job);
    [[nodiscard]] Database::Job take(std::unique_lock<std::mutex>& lock);

    const Options& options_;
    Metrics& metrics_;
    std::vector<std::unique_ptr<Connection>> connections_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::deque<Database::Job> queue_;
    bool closing_ = false;

    std::vector<std::thread> threads_;
};

}  // namespace aldis::db
