#include "db/search.h"

#include <algorithm>

#include "db/database.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     // Words come as they are to be found (search_terms.h), so the plainest tokenizer does. Merging is asked for with
     // each batch: by itself it would come seldom, and hold up the writer for long then.
     "CREATE VIRTUAL TABLE search_index USING fts5("
     " words, content = '', columnsize = 0, tokenize = \"ascii tokenchars ':@'\");"
     "INSERT INTO search_index (search_index, rank) VALUES ('automerge', 0);"
     "CREATE TABLE search_state ("
     " one INTEGER PRIMARY KEY CHECK (one = 1), done BIGINT NOT NULL, version TEXT NOT NULL);"
     "INSERT INTO search_state (one, done, version) VALUES (1, 0, '');"
     // Older than `done`, and not in the index.
     "CREATE TABLE search_late (id INTEGER PRIMARY KEY);"
     // Still in the index; empty but within a transaction.
     "CREATE TABLE search_removed ("
     " id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, peer INTEGER NOT NULL, stanza TEXT NOT NULL);"
     "CREATE TRIGGER search_deleted AFTER DELETE ON archive WHEN old.id <= (SELECT done FROM search_state) BEGIN"
     " INSERT INTO search_removed (id, owner, peer, stanza) SELECT old.id, old.owner, old.peer, old.stanza"
     "  WHERE NOT EXISTS (SELECT 1 FROM search_late WHERE id = old.id);"
     " DELETE FROM search_late WHERE id = old.id;"
     "END;"
     "CREATE TRIGGER search_changed AFTER UPDATE OF stanza ON archive"
     " WHEN old.id <= (SELECT done FROM search_state) BEGIN"
     " INSERT INTO search_removed (id, owner, peer, stanza) SELECT old.id, old.owner, old.peer, old.stanza"
     "  WHERE NOT EXISTS (SELECT 1 FROM search_late WHERE id = old.id);"
     " INSERT OR IGNORE INTO search_late (id) VALUES (old.id);"
     "END"},
};

/// What one batch may hold up the writer with, besides its number of messages.
constexpr std::size_t batch_bytes = 512 << 10;
constexpr std::size_t batch_words = 10'000;
/// Pages that are merged with each batch; a batch writes a few, and each is merged some five times.
constexpr int merge_pages = 32;

struct Row {
    std::int64_t id = 0;
    std::int64_t owner = 0;
    std::int64_t peer = 0;
};

Row row_of(const Rows& rows) { return {.id = rows.integer(0), .owner = rows.integer(1), .peer = rows.integer(2)}; }

/// Counts what a batch has done.
class Batch {
public:
    Batch(Connection& connection, Search::Words words) : connection_{connection}, words_{words} {}

    void put(const Row& row, std::string_view stanza) {
        const std::vector<std::string> words = words_(stanza);
        ++rows_;
        bytes_ += stanza.size();
        if (words.empty()) return;
        counted_ += words.size();
        connection_.run("INSERT INTO search_index (rowid, words) VALUES ($1, $2)", row.id,
                        search_terms::entry_of(row.owner, row.peer, words));
    }
    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] bool is_large() const { return bytes_ >= batch_bytes || counted_ >= batch_words; }
    [[nodiscard]] bool has_written() const { return counted_ > 0; }

private:
    Connection& connection_;
    Search::Words words_;
    std::size_t rows_ = 0;
    std::size_t bytes_ = 0;
    std::size_t counted_ = 0;
};

/// What has come late, or has changed.
void put_late(Connection& connection, Batch& batch, std::size_t limit) {
    while (batch.rows() < limit && !batch.is_large()) {
        Rows late = connection.query("SELECT id FROM search_late ORDER BY id LIMIT 1");
        if (!late.next()) return;
        const std::int64_t id = late.integer(0);
        Rows rows = connection.query("SELECT id, owner, peer, stanza FROM archive WHERE id = $1", id);
        if (rows.next()) batch.put(row_of(rows), rows.text(3));
        connection.run("DELETE FROM search_late WHERE id = $1", id);
    }
}

bool none_late(Connection& connection) { return !connection.query("SELECT 1 FROM search_late LIMIT 1").next(); }

}  // namespace

const std::span<const Migration> Search::migrations{steps};

Search::Search(Database& database, Archive& archive) {
    database.add_hook(*this);
    archive.set_watcher(*this);
}

bool Search::use(Words words, std::string version) {
    if (in_use()) return false;
    version_ = std::move(version);
    words_.store(words, std::memory_order_release);
    return true;
}

const Search::State& Search::state(Connection& connection) {
    if (!state_) {
        Rows rows = connection.query("SELECT done, version FROM search_state");
        state_ = rows.next() ? State{rows.integer(0), std::string{rows.text(1)}} : State{};
    }
    return *state_;
}

/// Begins again, from an empty index.
void Search::renew(Connection& connection) {
    connection.run("INSERT INTO search_index (search_index) VALUES ('delete-all')");
    connection.run("DELETE FROM search_late");
    connection.run("UPDATE search_state SET done = 0, version = $1", version_);
    state_ = State{.done = 0, .version = version_};
    behind_ = true;
}

void Search::renew_if_other(Connection& connection) {
    if (state(connection).version != version_) renew(connection);
}

bool Search::index(Connection& connection, std::size_t limit) {
    if (!in_use()) return false;
    try {
        renew_if_other(connection);
        return put_in(connection, limit);
    } catch (const Error& error) {
        if (error.fault() != Fault::corrupt) throw;
        renew(connection);  // throws if it is not only the index
        return true;
    }
}

bool Search::put_in(Connection& connection, std::size_t limit) {
    Batch batch{connection, words_.load(std::memory_order_acquire)};
    put_late(connection, batch, limit);
    bool more = false;
    std::int64_t done = state(connection).done;
    {
        Rows rows = connection.query("SELECT id, owner, peer, stanza FROM archive WHERE id > $1 ORDER BY id LIMIT $2",
                                     done, limit);
        while (!more && rows.next()) {
            batch.put(row_of(rows), rows.text(3));
            done = rows.integer(0);
            more = batch.is_large() || batch.rows() >= limit;
        }
    }
    if (done != state(connection).done) connection.run("UPDATE search_state SET done = $1", done);
    state_->done = done;
    if (batch.has_written())
        connection.run("INSERT INTO search_index (search_index, rank) VALUES ('merge', $1)", merge_pages);
    more = more || !none_late(connection);
    behind_ = more;
    return more;
}

bool Search::has_all(Connection& connection, std::int64_t owner) {
    Rows rows = connection.query(
        "SELECT 1 FROM archive WHERE owner = $1 AND id > (SELECT done FROM search_state) LIMIT 1", owner);
    return !rows.next();
}

/// Ids are handed out before they are stored: one may be stored behind a larger one that is in the index already.
void Search::added(Connection& connection, ArchiveId id) {
    if (!behind_.load(std::memory_order_relaxed)) behind_ = true;
    if (id.number() > state(connection).done) return;
    connection.run("INSERT INTO search_late (id) VALUES ($1)", id.number());
}

/// FTS5 deletes by the words that were put in, so what the transaction has taken from the archive is looked at here,
/// for the last time.
void Search::before_commit(Connection& connection) {
    bool removed = false;
    try {
        removed = take_out(connection);
    } catch (const Error& error) {
        if (error.of_disk() && error.fault() != Fault::corrupt) throw;
        renew(connection);  // the index has gone wrong; nobody's message is to be lost over that
        removed = true;
    }
    if (removed) connection.run("DELETE FROM search_removed");
}

/// @return  whether there was anything
bool Search::take_out(Connection& connection) {
    Rows rows = connection.query("SELECT id, owner, peer, stanza FROM search_removed ORDER BY id");
    if (!rows.next()) return false;
    behind_ = true;
    const Words words = words_.load(std::memory_order_acquire);
    if (words == nullptr) {
        connection.run("UPDATE search_state SET version = ''");
        state_.reset();
        return true;
    }
    renew_if_other(connection);
    if (state(connection).done == 0) return true;
    do {
        const Row row = row_of(rows);
        const std::vector<std::string> found = words(rows.text(3));
        if (found.empty()) continue;
        connection.run("INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', $1, $2)", row.id,
                       search_terms::entry_of(row.owner, row.peer, found));
    } while (rows.next());
    return true;
}

void Search::forget() noexcept {
    state_.reset();
    behind_ = true;
}

}  // namespace aldis::db
