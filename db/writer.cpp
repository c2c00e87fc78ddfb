#include "db/writer.h"

#include <chrono>
#include <utility>

namespace aldis::db {

namespace {

using SteadyClock = std::chrono::steady_clock;

std::uint64_t microseconds_since(SteadyClock::time_point start) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - start).count());
}

bool of_disk(const std::exception_ptr& fault) {
    try {
        std::rethrow_exception(fault);
    } catch (const Error& error) {
        return error.of_disk();
    } catch (...) {
        return false;
    }
}

}  // namespace

Writer::Writer(const Options& options, std::unique_ptr<Connection> connection, Metrics& metrics)
    : options_{options}, connection_{std::move(connection)}, metrics_{metrics} {}

Ticket Writer::submit(Unit&& unit, Committer* committer, Database::Done done) {
    const std::unique_lock lock{mutex_};
    if (closing_) throw Error{Fault::closed, "the database is closed"};
    if (queue_.size() >= options_.queue_units || queued_bytes_ + unit.bytes() > options_.queue_bytes) {
        throw Error{Fault::queue_full, "the writer's queue is full"};
    }
    queued_bytes_ += unit.bytes();
    queue_.push_back(
        {.ticket = last_ticket_ + 1, .unit = std::move(unit), .committer = committer, .done = std::move(done)});
    metrics_.units_waiting.store(queue_.size(), std::memory_order_relaxed);
    metrics_.bytes_waiting.store(queued_bytes_, std::memory_order_relaxed);
    if (std::exchange(asleep_, false)) wake_.notify_one();
    return ++last_ticket_;
}

void Writer::run() {
    for (;;) {
        {
            std::unique_lock lock{mutex_};
            asleep_ = queue_.empty();
            wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
            asleep_ = false;
            if (queue_.empty()) return;
        }
        work();
    }
}

bool Writer::work() {
    Batch batch = take();
    if (batch.empty()) return false;
    const SteadyClock::time_point start = SteadyClock::now();
    store(batch);
    metrics_.transactions.fetch_add(1, std::memory_order_relaxed);
    metrics_.batch_units.add(batch.size());
    metrics_.transaction_microseconds.add(microseconds_since(start));
    tell(batch);
    connection_->upkeep();
    return true;
}

/// What fits into one transaction; at least one unit.
Writer::Batch Writer::take() {
    const std::lock_guard lock{mutex_};
    Batch batch;
    batch.reserve(std::min(queue_.size(), options_.batch_units));
    std::size_t bytes = 0;
    while (!queue_.empty() && batch.size() < options_.batch_units) {
        const std::size_t more = queue_.front().unit.bytes();
        if (!batch.empty() && bytes + more > options_.batch_bytes) break;
        bytes += more;
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    queued_bytes_ -= bytes;
    metrics_.units_waiting.store(queue_.size(), std::memory_order_relaxed);
    metrics_.bytes_waiting.store(queued_bytes_, std::memory_order_relaxed);
    return batch;
}

void Writer::store(Batch& batch) {
    try {
        together(batch);
        return;
    } catch (...) {
        const std::exception_ptr fault = std::current_exception();
        undo();
        if (batch.size() == 1 || of_disk(fault)) return fail_all(batch, fault);
    }
    try {
        one_by_one(batch);
    } catch (...) {
        const std::exception_ptr fault = std::current_exception();
        undo();
        fail_all(batch, fault);
    }
}

void Writer::together(Batch& batch) {
    connection_->begin(Connection::Access::write);
    if (connection_->changed_elsewhere()) forget();
    for (Item& item : batch) item.unit.run(*connection_);
    commit(batch.size());
}

/// One unit has failed the transaction of all. Save points are too dear for every day, but they find it.
void Writer::one_by_one(Batch& batch) {
    connection_->begin(Connection::Access::write);
    for (Item& item : batch) run_item(item);
    commit(batch.size());
}

void Writer::run_item(Item& item) {
    connection_->save_point();
    try {
        item.unit.run(*connection_);
        connection_->release();
    } catch (...) {
        item.fault = std::current_exception();
        if (of_disk(item.fault)) throw;
        connection_->roll_back_to_save_point();
        forget();
        report(item.fault);
    }
}

void Writer::commit(std::size_t units) {
    for (TransactionHook* hook : hooks_) hook->before_commit(*connection_);
    if (options_.gate) options_.gate->before_commit(units);
    const SteadyClock::time_point start = SteadyClock::now();
    connection_->commit();
    metrics_.commit_microseconds.add(microseconds_since(start));
}

void Writer::undo() noexcept {
    connection_->roll_back();
    forget();
}

void Writer::forget() noexcept {
    for (TransactionHook* hook : hooks_) hook->forget();
}

void Writer::fail_all(Batch& batch, const std::exception_ptr& fault) {
    for (Item& item : batch) item.fault = fault;
    report(fault);
}

void Writer::report(const std::exception_ptr& fault) {
    Error error{Fault::other, "an exception of no known type"};
    try {
        std::rethrow_exception(fault);
    } catch (const Error& known) {
        error = known;
    } catch (const std::exception& unknown) {
        error = Error{Fault::other, unknown.what()};
    } catch (...) {
    }
    {
        const std::lock_guard lock{mutex_};
        last_error_ = error.what();
    }
    if (options_.on_error) options_.on_error(error);
}

void Writer::tell(Batch& batch) {
    std::uint64_t failed = 0;
    for (const Item& item : batch) failed += item.fault ? 1 : 0;
    metrics_.units_failed.fetch_add(failed, std::memory_order_relaxed);
    metrics_.units_committed.fetch_add(batch.size() - failed, std::memory_order_relaxed);
    tell_committers(batch);
    for (Item& item : batch) {
        if (item.done) item.done(item.fault);
    }
}

void Writer::tell_committers(const Batch& batch) {
    struct News {
        Committer* committer;
        Ticket failed_from = 0;
        Ticket failed_to = 0;
        Ticket committed = 0;
    };
    std::vector<News> all;  // one per shard: few
    for (const Item& item : batch) {
        if (!item.committer) continue;
        auto news = std::ranges::find(all, item.committer, &News::committer);
        if (news == all.end()) news = all.insert(all.end(), News{item.committer});
        if (item.fault) {
            if (news->failed_from == 0) news->failed_from = item.ticket;
            news->failed_to = item.ticket;
            continue;
        }
        if (const Ticket from = std::exchange(news->failed_from, 0)) item.committer->failed(from, news->failed_to);
        news->committed = item.ticket;
    }
    for (const News& news : all) {
        if (news.failed_from != 0) news.committer->failed(news.failed_from, news.failed_to);
        if (news.committed != 0) news.committer->committed(news.committed);
    }
}

void Writer::close() {
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    while (work()) {
    }
}

std::string Writer::last_error() const {
    const std::lock_guard lock{mutex_};
    return last_error_;
}

}  // namespace aldis::db
