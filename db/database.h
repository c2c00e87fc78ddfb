#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <expected>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

#include "base/task.h"
#include "db/connection.h"
#include "db/metrics.h"
#include "db/migration.h"
#include "db/unit.h"

namespace aldis::db {

struct Options {
    std::filesystem::path path;  ///< the database file; made with permission 0600 if there is none
    unsigned readers = 2;        ///< threads for queries
    bool synced = true;          ///< a commit waits for the disk; false loses the last commits at power loss
    bool threads = true;         ///< false: nothing happens but in Database::work(), on the thread of its caller
    std::size_t queue_units = 100'000;
    std::size_t queue_bytes = 64 << 20;
    std::size_t queue_reads = 10'000;
    std::size_t batch_units = 4'096;  ///< the most that one transaction holds
    std::size_t batch_bytes = 8 << 20;
    std::chrono::milliseconds busy_for{5'000};  ///< how long to wait for another process
    CommitGate* gate = nullptr;
    std::function<void(const Error&)> on_error;  ///< for the log; called on the writer's thread
};

namespace detail {
/// What a job returned, or what it threw.
template <class T>
using Outcome = std::expected<T, std::exception_ptr>;

template <class T, class Job>
Outcome<T> outcome_of(Job& job, Connection& connection) noexcept {
    try {
        if constexpr (std::is_void_v<T>) {
            job(connection);
            return {};
        } else {
            return job(connection);
        }
    } catch (...) {
        return std::unexpected{std::current_exception()};
    }
}
}  // namespace detail

/// The one database of a server: a writer's thread that commits in groups, and a few threads that read.
/// All functions may be called from any thread.
class Database {
public:
    using Job = std::move_only_function<void(Connection&)>;
    /// Called on the writer's thread, with null after the commit, else with what went wrong. It does not throw.
    using Done = std::move_only_function<void(std::exception_ptr)>;
    /// How to get back to where one came from: posts a function to a shard.
    using Home = std::function<void(std::move_only_function<void()>)>;

    /// Opens or makes the file and brings its schema up to date.
    /// @throws db::Error
    Database(Options options, std::span<const Schema> schemas);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    /// Queues a unit. What is submitted while the last commit is being synced forms the next transaction.
    /// @param committer  hears of it; must live until it has, or until close() has returned
    /// @return           later units have larger tickets, and are committed no earlier
    /// @throws db::Error  the queue is full, or the database is closed; then nothing was queued
    Ticket submit(Unit&& unit, Committer& committer);
    Ticket submit(Unit&& unit, Done done);

    /// Queues a query; it sees one state of the database from begin to end.
    /// @throws db::Error  the queue is full, or the database is closed
    void read(Job job);

    /// `T result = co_await database.read(home, job)`, where job is a T(Connection&). Throws what the job threw.
    template <class Function>
    Task<std::invoke_result_t<Function&, Connection&>> read(Home home, Function job);

    /// The same for a change whose result matters: the task completes when it is on disk.
    template <class Function>
    Task<std::invoke_result_t<Function&, Connection&>> write(Home home, Function job);

    /// The same, waiting in place: for a command line, never for a shard.
    template <class Function>
    std::invoke_result_t<Function&, Connection&> write_now(Function job);
    template <class Function>
    std::invoke_result_t<Function&, Connection&> read_now(Function job);

    /// Without threads: runs the queries that wait, then one transaction. @return whether there was anything to do
    bool work();

    /// Commits what is queued, then ends. Later calls of submit() and read() throw.
    void close();

    /// A store that keeps something by transaction; before the first submit(). It must live until close().
    void add_hook(TransactionHook& hook);

    [[nodiscard]] const Metrics& metrics() const;
    /// What last went wrong, for people; empty if nothing did.
    [[nodiscard]] std::string last_error() const;

private:
    struct Parts;
    void work_until(std::future<void>& finished);
    std::unique_ptr<Parts> parts_;
};

}  // namespace aldis::db

#include "db/database_tasks.h"  // IWYU pragma: export
