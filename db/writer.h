#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "db/database.h"

namespace aldis::db {

/// The group-commit writer: what is submitted while one transaction is being synced forms the next one.
class Writer {
public:
    Writer(const Options& options, std::unique_ptr<Connection> connection, Metrics& metrics);
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() { close(); }

    void start() { thread_ = std::thread{&Writer::run, this}; }
    Ticket submit(Unit&& unit, Committer* committer, Database::Done done);
    /// One transaction, in place. @return  false: nothing was waiting
    bool work();
    /// Commits what is queued, then ends the thread.
    void close();
    void add_hook(TransactionHook& hook) { hooks_.push_back(&hook); }
    [[nodiscard]] std::string last_error() const;

private:
    struct Item {
        Ticket ticket = 0;
        Unit unit;
        Committer* committer = nullptr;
        Database::Done done;
        std::exception_ptr fault = nullptr;
    };
    using Batch = std::vector<Item>;

    void run();
    [[nodiscard]] Batch take();
    void store(Batch& batch);
    void together(Batch& batch);
    void one_by_one(Batch& batch);
    void run_item(Item& item);
    void commit(std::size_t units);
    void undo() noexcept;
    void forget() noexcept;
    void fail_all(Batch& batch, const std::exception_ptr& fault);
    void report(const std::exception_ptr& fault);
    void tell(Batch& batch);
    void tell_committers(const Batch& batch);

    const Options& options_;
    std::unique_ptr<Connection> connection_;
    Metrics& metrics_;
    std::vector<TransactionHook*> hooks_;

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::deque<Item> queue_;
    std::size_t queued_bytes_ = 0;
    Ticket last_ticket_ = 0;
    bool asleep_ = false;
    bool closing_ = false;
    std::string last_error_;

    std::thread thread_;
};

}  // namespace aldis::db
