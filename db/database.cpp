#include "db/database.h"

#include "db/engine.h"
#include "db/readers.h"
#include "db/writer.h"

namespace aldis::db {

namespace {

std::unique_ptr<Connection> open_writer(Engine& engine, std::span<const Schema> schemas) {
    std::unique_ptr<Connection> connection = engine.writer();
    migrate(*connection, schemas);
    return connection;
}

}  // namespace

struct Database::Parts {
    Parts(Options wanted, std::span<const Schema> schemas)
        : options{std::move(wanted)},
          engine{make_sqlite_engine(options, metrics.checkpoints)},
          writer{options, open_writer(*engine, schemas), metrics},
          readers{options, *engine, metrics} {
        if (options.threads) writer.start();
    }

    Options options;
    Metrics metrics;
    std::unique_ptr<Engine> engine;
    Writer writer;
    Readers readers;
};

Database::Database(Options options, std::span<const Schema> schemas)
    : parts_{std::make_unique<Parts>(std::move(options), schemas)} {}

Database::~Database() { close(); }

Ticket Database::submit(Unit&& unit, Committer& committer) {
    return parts_->writer.submit(std::move(unit), &committer, {});
}

Ticket Database::submit(Unit&& unit, Done done) {
    return parts_->writer.submit(std::move(unit), nullptr, std::move(done));
}

void Database::read(Job job) { parts_->readers.submit(std::move(job)); }

bool Database::work() {
    bool worked = false;
    while (parts_->readers.work()) worked = true;
    return parts_->writer.work() || worked;
}

void Database::work_until(std::future<void>& finished) {
    if (!parts_->options.threads) {
        while (work()) {
        }
    }
    finished.wait();
}

void Database::close() {
    parts_->readers.close();
    parts_->writer.close();
}

void Database::add_hook(TransactionHook& hook) { parts_->writer.add_hook(hook); }

const Metrics& Database::metrics() const { return parts_->metrics; }

std::string Database::last_error() const { return parts_->writer.last_error(); }

}  // namespace aldis::db
