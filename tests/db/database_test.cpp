// Opening, migrating, and the tasks that bring a result home.
#include <fstream>
#include <sstream>

#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

constexpr Migration first_steps[] = {{1, "CREATE TABLE things (name TEXT NOT NULL)"}};
constexpr Migration second_steps[] = {{1, "CREATE TABLE things (name TEXT NOT NULL)"},
                                      {2,
                                       "ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 7; "
                                       "INSERT INTO things (name) VALUES ('made by 2')"}};
constexpr Migration broken_steps[] = {{1, "CREATE TABLE things (name TEXT NOT NULL)"},
                                      {2, "CREATE TABLE more (name TEXT NOT NULL); CREATE TABEL oops"}};

std::vector<Schema> things(std::span<const Migration> steps) { return {{"things", steps}}; }

/// What somebody's shard would be: functions to be run, one after the other.
class Loop {
public:
    Database::Home home() {
        return [this](std::move_only_function<void()> function) {
            const std::lock_guard lock{mutex_};
            waiting_.push_back(std::move(function));
            wake_.notify_one();
        };
    }
    void run_one() {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [this] { return !waiting_.empty(); });
        std::move_only_function<void()> function = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        function();
    }

private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::move_only_function<void()>> waiting_;
};

std::string schema_of(Database& database) {
    return database.read_now([](Connection& connection) {
        std::string all;
        Rows rows =
            connection.query("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name");
        while (rows.next()) all.append(rows.text(0)).append(": ").append(rows.text(1)).append("\n");
        return all;
    });
}

TEST(Database, MakesAFileThatNobodyElseReads) {
    const Folder folder;
    const Database database{by_hand(folder), store_schemas()};
    for (const char* suffix : {"", "-wal", "-shm"}) {
        const auto permissions = std::filesystem::status(folder.file().string() + suffix).permissions();
        EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << suffix;
    }
}

TEST(Database, SaysWhatItCannotOpen) {
    Options options;
    options.path = "/nonexistent/aldis.db";
    try {
        const Database database{options, store_schemas()};
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("/nonexistent/aldis.db: No such file"));
    }
}

TEST(Database, RefusesAFileThatIsNoDatabase) {
    const Folder folder;
    std::ofstream{folder.file()} << std::string(10'000, 'x');
    try {
        const Database database{by_hand(folder), store_schemas()};
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::corrupt);
    }
}

TEST(Migrations, ApplyOnlyWhatIsMissing) {
    const Folder folder;
    {
        Database database{by_hand(folder), things(first_steps)};
        database.write_now([](Connection& connection) { connection.run("INSERT INTO things VALUES ('old')"); });
    }
    for (int opened = 0; opened < 2; ++opened) {
        Database database{by_hand(folder), things(second_steps)};
        const std::int64_t sum = database.read_now([](Connection& connection) {
            Rows rows = connection.query("SELECT count(*) * 1000 + sum(size) FROM things");
            return rows.next() ? rows.integer(0) : 0;
        });
        EXPECT_EQ(sum, 2014);
    }
}

TEST(Migrations, RefuseADatabaseOfANewerRelease) {
    const Folder folder;
    {
        const Database database{by_hand(folder), things(second_steps)};
    }
    try {
        const Database database{by_hand(folder), things(first_steps)};
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::newer);
        EXPECT_THAT(error.what(), testing::HasSubstr("'things' have version 2, this program knows them up to 1"));
    }
}

TEST(Migrations, LeaveNothingOfAFailedOne) {
    const Folder folder;
    EXPECT_THROW((Database{by_hand(folder), things(broken_steps)}), Error);
    const Database database{by_hand(folder), things(second_steps)};
}

/// Each file in schemas/ is a database as a release has left it. They are never changed; a release adds one.
TEST(Migrations, UpgradeEveryReleasedSchema) {
    const Folder fresh_folder;
    Stores fresh{by_hand(fresh_folder)};
    int tried = 0;
    for (const auto& file : std::filesystem::directory_iterator{ALDIS_DB_SCHEMAS}) {
        const Folder folder;
        std::stringstream sql;
        sql << std::ifstream{file.path()}.rdbuf();
        {
            Database old{by_hand(folder), {}};
            old.write_now([&](Connection& connection) {
                connection.script("DROP TABLE schema_versions");
                connection.script(sql.str());
            });
        }
        Stores stores{by_hand(folder)};
        EXPECT_EQ(schema_of(stores.database), schema_of(fresh.database)) << file.path();
        stores.database.read_now([&](Connection& connection) {
            EXPECT_EQ(Users::find(connection, "romeo@localhost")->credentials, "secret") << file.path();
            EXPECT_EQ(Roster::load(connection, "romeo@localhost").items.at(0).groups,
                      std::vector<std::string>{"Friends"});
            ArchiveRange range;
            range.with = "juliet@localhost";
            const Result<ArchivePage> page = Archive::page(connection, "romeo@localhost", range);
            EXPECT_EQ(page->entries.at(0).stanza, "<message/>");
            EXPECT_EQ(Offline::load(connection, "romeo@localhost", 0, 9).at(0).stanza, "<message/>");
        });
        ++tried;
    }
    EXPECT_GT(tried, 0);
}

TEST(DatabaseTasks, BringResultsHome) {
    const Folder folder;
    Loop loop;
    std::vector<std::string> events;
    Database database{with_threads(folder), store_schemas()};
    TaskGroup group{[](std::exception_ptr) { FAIL(); }};
    const auto work = [](Database& with, Database::Home home, std::vector<std::string>& out) -> Task<void> {
        const auto put = [](Connection& connection) {
            return connection.run("INSERT INTO last_activity VALUES ('a@x', 1, 's')");
        };
        const std::int64_t changed = co_await with.write(home, put);
        out.push_back("changed " + std::to_string(changed));
        const auto find = [](Connection& connection) { return LastActivity::find(connection, "a@x"); };
        const std::optional<LastSeen> seen = co_await with.read(home, find);
        out.push_back("status " + seen->status);
        try {
            co_await with.write(home, put);
        } catch (const Error& error) {
            out.push_back(error.fault() == Fault::constraint ? "refused" : error.what());
        }
        const auto fail = [](Connection&) { throw std::runtime_error{"no"}; };
        try {
            co_await with.read(home, fail);
        } catch (const std::runtime_error& error) {
            out.push_back(error.what());
        }
    };
    group.start(work(database, loop.home(), events));
    for (int step = 0; step < 4; ++step) loop.run_one();
    EXPECT_EQ(events, (std::vector<std::string>{"changed 1", "status s", "refused", "no"}));
    EXPECT_EQ(group.size(), 0U);
}

TEST(DatabaseTasks, MayBeAbandoned) {
    const Folder folder;
    Loop loop;
    Database database{by_hand(folder), store_schemas()};
    {
        TaskGroup group{[](std::exception_ptr) {}};
        const auto wait = [](Database& with, Database::Home home) -> Task<void> {
            const auto find = [](Connection& connection) { return LastActivity::find(connection, "a@x"); };
            const std::optional<LastSeen> seen = co_await with.read(home, find);
            ADD_FAILURE() << seen.has_value();
        };
        group.start(wait(database, loop.home()));
    }
    EXPECT_TRUE(database.work());
    loop.run_one();
}

TEST(Database, ReadsSeeWhatWasCommittedBefore) {
    const Folder folder;
    Notes notes;
    Database database{with_threads(folder), store_schemas()};
    for (int turn = 0; turn < 100; ++turn) {
        const std::string owner = "u" + std::to_string(turn) + "@x";
        notes.wait_for(database.submit(small_unit(owner), notes));
        EXPECT_TRUE(database.read_now(
            [&](Connection& connection) { return LastActivity::find(connection, owner).has_value(); }));
    }
}

TEST(Database, ReadersCannotWrite) {
    const Folder folder;
    Database database{by_hand(folder), store_schemas()};
    EXPECT_THROW(database.read_now([](Connection& connection) { return connection.run("DELETE FROM users"); }), Error);
}

}  // namespace
}  // namespace aldis::db::tests
