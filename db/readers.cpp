#include "db/readers.h"

#include <utility>

namespace aldis::db {

Readers::Readers(const Options& options, Engine& engine, Metrics& metrics) : options_{options}, metrics_{metrics} {
    const unsigned count = options.threads ? std::max(options.readers, 1U) : 1U;
    for (unsigned made = 0; made < count; ++made) connections_.push_back(engine.reader());
    if (!options.threads) return;
    for (const std::unique_ptr<Connection>& connection : connections_) {
        threads_.emplace_back([this, &connection = *connection] { run(connection); });
    }
}

void Readers::submit(Database::Job job) {
    {
        const std::lock_guard lock{mutex_};
        if (closing_) throw Error{Fault::closed, "the database is closed"};
        if (queue_.size() >= options_.queue_reads) throw Error{Fault::queue_full, "the readers' queue is full"};
        queue_.push_back(std::move(job));
        metrics_.reads_waiting.store(queue_.size(), std::memory_order_relaxed);
    }
    wake_.notify_one();
}

/// The lock is held, and the queue is not empty.
Database::Job Readers::take(std::unique_lock<std::mutex>&) {
    Database::Job job = std::move(queue_.front());
    queue_.pop_front();
    metrics_.reads_waiting.store(queue_.size(), std::memory_order_relaxed);
    return job;
}

void Readers::run(Connection& connection) {
    for (;;) {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
        if (queue_.empty()) return;
        Database::Job job = take(lock);
        lock.unlock();
        run_job(connection, job);
    }
}

template <class Function>
void Readers::guarded(Function function) {
    try {
        function();
    } catch (const Error& error) {
        if (options_.on_error) options_.on_error(error);
    } catch (const std::exception& error) {
        if (options_.on_error) options_.on_error(Error{Fault::other, error.what()});
    }
}

/// In a transaction, so that several queries of one job see the same state. The job runs in any case: somebody may wait
/// for its answer, and it answers with what goes wrong within it.
void Readers::run_job(Connection& connection, Database::Job& job) {
    metrics_.reads.fetch_add(1, std::memory_order_relaxed);
    guarded([&] { connection.begin(Connection::Access::read); });
    guarded([&] { job(connection); });
    connection.roll_back();
}

bool Readers::work() {
    std::unique_lock lock{mutex_};
    if (queue_.empty()) return false;
    Database::Job job = take(lock);
    lock.unlock();
    run_job(*connections_.front(), job);
    return true;
}

void Readers::close() {
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    if (!options_.threads) {
        while (work()) {
        }
    }
}

}  // namespace aldis::db
