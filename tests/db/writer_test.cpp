// The group-commit writer: what one may rely on when a ticket is complete, and when it is not.
#include <future>

#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

using std::chrono_literals::operator""s;

/// Holds every commit until it is let go.
class HeldDisk final : public CommitGate {
public:
    void before_commit(std::size_t units) override {
        std::unique_lock lock{mutex_};
        batches_.push_back(units);
        wake_.notify_all();
        wake_.wait(lock, [this] { return open_; });
    }
    void wait_for_commit() {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [this] { return !batches_.empty(); });
    }
    void open() {
        const std::lock_guard lock{mutex_};
        open_ = true;
        wake_.notify_all();
    }
    std::vector<std::size_t> batches() {
        const std::lock_guard lock{mutex_};
        return batches_;
    }

private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::size_t> batches_;
    bool open_ = false;
};

/// A disk that is full until it is not.
class FullDisk final : public CommitGate {
public:
    void before_commit(std::size_t) override {
        if (full) throw Error{Fault::disk_full, "no space left on device"};
    }
    std::atomic<bool> full{true};
};

bool has(Database& database, std::string_view owner) {
    return database.read_now([&](Connection& connection) { return LastActivity::find(connection, owner).has_value(); });
}

TEST(Writer, GroupsWhatArrivesDuringACommit) {
    const Folder folder;
    HeldDisk disk;
    Options options = with_threads(folder);
    options.gate = &disk;
    Notes notes;
    std::promise<void> opened;
    Database database{options, store_schemas()};
    const Ticket first = database.submit(small_unit("a@x"), notes);
    disk.wait_for_commit();
    Ticket last = first;
    for (int more = 0; more < 50; ++more) {
        const Ticket ticket = database.submit(small_unit("b@x"), notes);
        EXPECT_EQ(ticket, last + 1);
        last = ticket;
    }
    EXPECT_TRUE(notes.commits().empty());
    disk.open();
    notes.wait_for(last);
    EXPECT_EQ(disk.batches(), (std::vector<std::size_t>{1, 50}));
    EXPECT_EQ(notes.commits(), (std::vector<Ticket>{first, last}));
}

TEST(Writer, TellsEachShardOncePerTransaction) {
    const Folder folder;
    Notes one;
    Notes two;
    Database database{by_hand(folder), store_schemas()};
    database.submit(small_unit("a@x"), one);
    database.submit(small_unit("b@x"), two);
    database.submit(small_unit("c@x"), one);
    EXPECT_TRUE(database.work());
    EXPECT_EQ(one.commits(), std::vector<Ticket>{3});
    EXPECT_EQ(two.commits(), std::vector<Ticket>{2});
    EXPECT_FALSE(database.work());
}

TEST(Writer, BoundsATransaction) {
    const Folder folder;
    Options options = by_hand(folder);
    options.batch_units = 2;
    Notes notes;
    Database database{options, store_schemas()};
    for (int more = 0; more < 5; ++more) database.submit(small_unit("a@x"), notes);
    while (database.work()) {
    }
    EXPECT_EQ(notes.commits(), (std::vector<Ticket>{2, 4, 5}));
}

TEST(Writer, RefusesWhatItsQueueCannotHold) {
    const Folder folder;
    Options options = by_hand(folder);
    options.queue_units = 2;
    Notes notes;
    Database database{options, store_schemas()};
    database.submit(small_unit("a@x"), notes);
    database.submit(small_unit("b@x"), notes);
    try {
        database.submit(small_unit("c@x"), notes);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::queue_full);
    }
    database.work();
    EXPECT_EQ(database.submit(small_unit("c@x"), notes), 3U);
}

TEST(Writer, LosesOnlyThePoisonedUnit) {
    const Folder folder;
    Options options = by_hand(folder);
    int reported = 0;
    options.on_error = [&](const Error&) { ++reported; };
    Notes notes;
    Notes other;
    Database database{options, store_schemas()};
    const auto poisoned = [] {
        Unit unit = small_unit("half@x");
        unit.add([](Connection&) { throw std::runtime_error{"poison"}; });
        return unit;
    };
    database.submit(small_unit("a@x"), notes);
    database.submit(poisoned(), notes);
    database.submit(poisoned(), other);
    database.submit(small_unit("b@x"), notes);
    database.submit(poisoned(), notes);
    database.work();
    EXPECT_EQ(notes.failures(), (std::vector<Notes::Failure>{{2, 2}, {5, 5}}));
    EXPECT_EQ(notes.commits(), std::vector<Ticket>{4});
    EXPECT_EQ(other.failures(), (std::vector<Notes::Failure>{{3, 3}}));
    EXPECT_TRUE(other.commits().empty());
    EXPECT_TRUE(has(database, "a@x"));
    EXPECT_TRUE(has(database, "b@x"));
    EXPECT_FALSE(has(database, "half@x"));
    EXPECT_EQ(reported, 3);
    EXPECT_EQ(database.last_error(), "poison");
}

TEST(Writer, FailsAllWhenTheDiskIsFullAndGoesOnWhenItIsNot) {
    const Folder folder;
    FullDisk disk;
    Options options = by_hand(folder);
    options.gate = &disk;
    Notes notes;
    Database database{options, store_schemas()};
    database.submit(small_unit("a@x"), notes);
    database.submit(small_unit("b@x"), notes);
    database.work();
    EXPECT_EQ(notes.failures(), (std::vector<Notes::Failure>{{1, 2}}));
    EXPECT_TRUE(notes.commits().empty());
    EXPECT_FALSE(has(database, "a@x"));
    disk.full = false;
    database.submit(small_unit("c@x"), notes);
    database.work();
    EXPECT_EQ(notes.commits(), std::vector<Ticket>{3});
    EXPECT_TRUE(has(database, "c@x"));
    EXPECT_EQ(database.metrics().units_failed, 2U);
    EXPECT_EQ(database.metrics().units_committed, 1U);
}

TEST(Writer, SurvivesAFullDatabase) {
    const Folder folder;
    Notes notes;
    Database database{by_hand(folder), store_schemas()};
    const auto large_unit = [] {
        Unit unit;
        unit.add([](Connection& connection) {
            connection.run("INSERT INTO offline (owner, at, stanza) VALUES ('a@x', 0, $1)",
                           std::string(1'000'000, 'x'));
        });
        return unit;
    };
    database.write_now([](Connection& connection) {
        Rows pages = connection.query("PRAGMA max_page_count = 100");
        EXPECT_TRUE(pages.next());
    });
    const Ticket full = database.submit(large_unit(), notes);
    database.work();
    EXPECT_EQ(notes.failures(), (std::vector<Notes::Failure>{{full, full}}));
    EXPECT_THAT(database.last_error(), testing::HasSubstr("full"));
    database.write_now([](Connection& connection) {
        Rows pages = connection.query("PRAGMA max_page_count = 1000000");
        EXPECT_TRUE(pages.next());
    });
    const Ticket again = database.submit(large_unit(), notes);
    database.work();
    EXPECT_EQ(notes.commits(), std::vector<Ticket>{again});
}

TEST(Writer, CommitsWhatIsQueuedWhenItCloses) {
    const Folder folder;
    Notes notes;
    Ticket last = 0;
    {
        Database database{with_threads(folder), store_schemas()};
        for (int more = 0; more < 1000; ++more)
            last = database.submit(small_unit("u" + std::to_string(more) + "@x"), notes);
        database.close();
        EXPECT_EQ(notes.commits().back(), last);
        EXPECT_THROW(database.submit(small_unit("a@x"), notes), Error);
        EXPECT_THROW(database.read([](Connection&) {}), Error);
    }
    Database database{with_threads(folder), store_schemas()};
    EXPECT_TRUE(has(database, "u0@x"));
    EXPECT_TRUE(has(database, "u999@x"));
}

TEST(Writer, KeepsTheOrderOfSubmissionFromManyThreads) {
    const Folder folder;
    Database database{with_threads(folder), store_schemas()};
    std::vector<Ticket> order;  // the writer's thread alone
    std::vector<std::unique_ptr<Notes>> shards;
    std::vector<std::thread> threads;
    for (int shard = 0; shard < 4; ++shard) shards.push_back(std::make_unique<Notes>());
    for (const auto& notes : shards) {
        threads.emplace_back([&database, &order, &notes = *notes] {
            Ticket last = 0;
            for (int more = 0; more < 500; ++more) {
                Unit unit;
                unit.add([&order, more](Connection&) { order.push_back(static_cast<Ticket>(more)); });
                const Ticket ticket = database.submit(std::move(unit), notes);
                EXPECT_GT(ticket, last);
                last = ticket;
            }
            notes.wait_for(last);
            const std::vector<Ticket> commits = notes.commits();
            EXPECT_TRUE(std::ranges::is_sorted(commits));
            EXPECT_EQ(commits.back(), last);
        });
    }
    for (std::thread& thread : threads) thread.join();
    database.close();
    EXPECT_EQ(order.size(), 2000U);
}

TEST(Writer, EndsCheckpointsSoThatTheLogStaysBounded) {
    const Folder folder;
    Options options = with_threads(folder);
    options.synced = false;
    Notes notes;
    Database database{options, store_schemas()};
    Ticket last = 0;
    for (int more = 0; more < 4'000; ++more) {
        Unit unit;
        Offline::append(unit, "a@x", second(more), make_bytes(std::string(20'000, 'x')));
        last = database.submit(std::move(unit), notes);
        if (more % 20 == 19) notes.wait_for(last);
    }
    notes.wait_for(last);
    EXPECT_GT(database.metrics().checkpoints, 0U);
    EXPECT_LT(std::filesystem::file_size(folder.file().string() + "-wal"), 64U << 20);  // 80 MiB went through it
}

}  // namespace
}  // namespace aldis::db::tests
