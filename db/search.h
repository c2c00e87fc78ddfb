#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/archive.h"
#include "db/search_terms.h"

namespace aldis::db {

/// The words of all archived messages: an index of SQLite's FTS5, which has no texts of its own. Archive::page() asks
/// it. It is filled behind the archive by index(), in batches that go on where the last one that was committed has
/// stopped; what is deleted from the archive or replaced in it, by whomever, leaves the index in the same transaction.
class Search final : public TransactionHook, public ArchiveWatcher {
public:
    static const std::span<const Migration> migrations;

    Search(Database& database, Archive& archive);
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;

    /// The words by which a stored message is found; always the same for the same message.
    using Words = std::vector<std::string> (*)(std::string_view stanza);
    /// From now on there is an index. Only the first call counts; it comes before the first batch.
    /// @param version  changes when any message may have other words than before: then the index is made anew
    /// @return         whether it was the first
    bool use(Words words, std::string version);
    /// Without use() nothing is indexed, and what leaves the archive makes the index void.
    [[nodiscard]] bool in_use() const { return words_.load(std::memory_order_acquire) != nullptr; }

    /// Are there messages that are not in the index yet?
    [[nodiscard]] bool behind() const { return in_use() && behind_.load(std::memory_order_relaxed); }
    /// Puts up to `limit` messages into the index, the oldest first, in a write job; fewer, if they are long.
    /// @return  whether there may be more
    bool index(Connection& connection, std::size_t limit);

    /// Is everything that `owner` has in the index? What was stored up to then has been looked at.
    [[nodiscard]] static bool has_all(Connection& connection, std::int64_t owner);

    void added(Connection& connection, ArchiveId id) override;
    void before_commit(Connection& connection) override;
    void forget() noexcept override;

private:
    struct State {
        std::int64_t done = 0;     ///< up to this id, everything is in the index that is not in search_late
        std::string version = {};  ///< by which it was made
    };
    const State& state(Connection& connection);
    void renew(Connection& connection);
    void renew_if_other(Connection& connection);
    [[nodiscard]] bool take_out(Connection& connection);
    bool put_in(Connection& connection, std::size_t limit);

    std::atomic<Words> words_{nullptr};
    std::string version_;             ///< written once, before words_
    std::atomic<bool> behind_{true};  ///< nobody has looked
    std::optional<State> state_;      ///< writer's thread: as it is in the database
};

}  // namespace aldis::db
