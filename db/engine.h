#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "db/connection.h"
#include "db/database.h"

namespace aldis::db {

/// A kind of database. The stores do not know which one they run on.
class Engine {
public:
    virtual ~Engine() = default;
    /// The one connection that changes things; the first to be opened, the last to be closed.
    virtual std::unique_ptr<Connection> writer() = 0;
    virtual std::unique_ptr<Connection> reader() = 0;
};

/// SQLite, in db/sqlite.
[[nodiscard]] std::unique_ptr<Engine> make_sqlite_engine(const Options& options,
                                                         std::atomic<std::uint64_t>& checkpoints);

}  // namespace aldis::db
