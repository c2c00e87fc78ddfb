#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "db/connection.h"

namespace aldis::db {

/// The number of a unit in the order of submission, over the whole database: 1, 2, 3 ...
using Ticket = std::uint64_t;

/// Everything that one stanza changes: it is stored as a whole or not at all.
class Unit {
public:
    /// Runs on the writer's thread, and once more if a neighbour in the transaction fails: it changes nothing else.
    using Write = std::move_only_function<void(Connection&)>;

    /// @param bytes  what the write holds in memory, for the bound of the queue
    void add(Write write, std::size_t bytes = 64) {
        if (writes_.empty()) writes_.reserve(2);  // both archives of a message
        writes_.push_back(std::move(write));
        bytes_ += bytes;
    }
    [[nodiscard]] bool empty() const { return writes_.empty(); }
    [[nodiscard]] std::size_t size() const { return writes_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    void run(Connection& connection) {
        for (Write& write : writes_) write(connection);
    }

private:
    std::vector<Write> writes_;
    std::size_t bytes_ = 0;
};

/// A shard, as the writer sees it. Called on the writer's thread, once per transaction in which the shard had units;
/// the implementation only posts the news to its shard, and does not throw.
class Committer {
public:
    virtual ~Committer() = default;
    /// These units of the shard are lost, and nothing of them was stored. Called before committed() of the same batch.
    virtual void failed(Ticket from, Ticket to) = 0;
    /// All other units of the shard up to and including this one are on disk.
    virtual void committed(Ticket up_to) = 0;
};

/// The disk, as a test wants it. Called on the writer's thread.
class CommitGate {
public:
    virtual ~CommitGate() = default;
    /// A transaction of `units` units is complete but not committed. May wait; may throw db::Error, which fails it.
    virtual void before_commit(std::size_t units) = 0;
};

/// A store that keeps something in memory which belongs to the transaction. Called on the writer's thread.
class TransactionHook {
public:
    virtual ~TransactionHook() = default;
    /// All units of the transaction have run; last chance to write.
    virtual void before_commit(Connection& connection) = 0;
    /// What was read or written may be so no longer: a transaction was undone, or another process has written.
    virtual void forget() noexcept = 0;
};

}  // namespace aldis::db
