// XEP-0431: the index of words, behind the archive and in step with it.
#include <sstream>

#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

using testing::ElementsAre;

/// What stands between spaces; numbers are not indexed.
std::vector<std::string> words_of(std::string_view stanza) {
    std::istringstream text{std::string{stanza}};
    std::vector<std::string> words;
    for (std::string word; text >> word;)
        if (word.front() > '9') words.push_back(word);
    return words;
}

struct SearchStore : testing::Test, ByHand {
    SearchStore() { stores.search.use(&words_of, "1"); }

    ArchiveId append(std::string_view owner, std::string_view with, std::string text, std::int64_t at,
                     std::string_view resource = {}) {
        Unit unit;
        const ArchiveId id = stores.archive.append(unit, owner,
                                                   {.with = with,
                                                    .with_resource = resource,
                                                    .at = second(at),
                                                    .stanza = make_bytes(std::move(text)),
                                                    .dedup_key = "key"});
        commit(std::move(unit));
        return id;
    }
    bool index(std::size_t limit = 100) {
        return write([&](Connection& connection) { return stores.search.index(connection, limit); });
    }
    void index_all() {
        while (index()) {
        }
    }
    ArchivePage page(ArchiveRange range, std::string_view owner = "romeo@x") {
        return read([&](Connection& connection) { return Archive::page(connection, owner, range); }).value();
    }
    std::vector<std::string> texts(ArchiveRange range, std::string_view owner = "romeo@x") {
        std::vector<std::string> found;
        for (const ArchivedMessage& message : page(std::move(range), owner).entries) found.push_back(message.stanza);
        return found;
    }
    /// A message with all of these words.
    std::vector<std::string> find(std::initializer_list<std::string> words, std::string_view owner = "romeo@x") {
        ArchiveRange range;
        for (const std::string& word : words) range.terms.push_back({.words = {word}});
        return texts(std::move(range), owner);
    }
    void expect_sound() {
        write([](Connection& connection) {
            connection.run("INSERT INTO search_index (search_index) VALUES ('integrity-check')");
            Rows rows = connection.query("SELECT count(*) FROM search_removed");
            EXPECT_TRUE(rows.next());
            EXPECT_EQ(rows.integer(0), 0);
        });
    }
    void TearDown() override { expect_sound(); }
};

TEST_F(SearchStore, FindsWordsPhrasesAndBeginnings) {
    append("romeo@x", "juliet@x", "but soft what light", 1);
    append("romeo@x", "juliet@x", "what soft lightning", 2);
    index_all();
    EXPECT_THAT(find({"soft"}), ElementsAre("but soft what light", "what soft lightning"));
    EXPECT_THAT(find({"what", "light"}), ElementsAre("but soft what light"));
    EXPECT_THAT(find({"soft", "none"}), ElementsAre());
    EXPECT_THAT(texts({.terms = {{.words = {"soft", "what"}}}}), ElementsAre("but soft what light"));
    EXPECT_THAT(texts({.terms = {{.words = {"light"}, .prefix = true}}}),
                ElementsAre("but soft what light", "what soft lightning"));
    EXPECT_THAT(texts({.terms = {{.words = {"soft", "light"}, .prefix = true}}}), ElementsAre("what soft lightning"));
}

TEST_F(SearchStore, FindsOwnMessagesOnly) {
    append("romeo@x", "juliet@x", "secret", 1);
    append("juliet@x", "romeo@x", "secret", 2);
    index_all();
    EXPECT_EQ(find({"secret"}).size(), 1U);
    EXPECT_EQ(find({"secret"}, "juliet@x").size(), 1U);
    EXPECT_THAT(find({"secret"}, "tybalt@x"), ElementsAre());
    // Owners have the numbers 1 and 2: neither is the beginning of the other's words.
    EXPECT_EQ(texts({.terms = {{.words = {""}, .prefix = true}}}).size(), 1U);
}

TEST_F(SearchStore, HoldsAllOtherConditions) {
    const ArchiveId first = append("romeo@x", "juliet@x", "word a", 1, "home");
    const ArchiveId second_id = append("romeo@x", "nurse@x", "word b", 2);
    const ArchiveId third = append("romeo@x", "juliet@x", "word c", 3, "phone");
    append("romeo@x", "juliet@x", "other d", 4);
    index_all();
    const std::vector<SearchTerm> word{{.words = {"word"}}};
    EXPECT_THAT(texts({.with = "juliet@x", .terms = word}), ElementsAre("word a", "word c"));
    EXPECT_THAT(texts({.with = "juliet@x", .with_resource = "phone", .terms = word}), ElementsAre("word c"));
    EXPECT_THAT(texts({.start = second(2), .terms = word}), ElementsAre("word b", "word c"));
    EXPECT_THAT(texts({.end = second(2), .terms = word}), ElementsAre("word a", "word b"));
    EXPECT_THAT(texts({.after_id = first, .before_id = third, .terms = word}), ElementsAre("word b"));
    EXPECT_THAT(texts({.ids = {first, second_id}, .terms = {{.words = {"b"}}}}), ElementsAre("word b"));
    EXPECT_THAT(texts({.with = "nobody@x", .terms = word}), ElementsAre());
}

TEST_F(SearchStore, PagesBothWays) {
    std::vector<ArchiveId> ids;
    for (int number = 1; number <= 5; ++number)
        ids.push_back(append("romeo@x", "juliet@x", "word " + std::to_string(number), number));
    index_all();
    const std::vector<SearchTerm> word{{.words = {"word"}}};
    const ArchivePage last = page({.terms = word, .last_page = true, .max = 2, .count = true});
    EXPECT_EQ(last.entries.front().id, ids[3]);
    EXPECT_FALSE(last.complete);
    EXPECT_EQ(last.count, 5U);
    EXPECT_TRUE(last.stable);
    EXPECT_THAT(texts({.terms = word, .before = ids[3], .max = 2}), ElementsAre("word 2", "word 3"));
    EXPECT_THAT(texts({.terms = word, .after = ids[3], .max = 2}), ElementsAre("word 5"));
    EXPECT_TRUE(page({.terms = word, .after = ids[2], .max = 2}).complete);
    EXPECT_EQ(page({.terms = word, .max = 0, .count = true}).count, 5U);
}

TEST_F(SearchStore, GoesOnWhereItHasStopped) {
    EXPECT_TRUE(stores.search.behind());
    for (int number = 1; number <= 5; ++number) append("romeo@x", "juliet@x", "word", number);
    EXPECT_FALSE(page({.terms = {{.words = {"word"}}}}).stable);
    EXPECT_TRUE(index(2));
    EXPECT_EQ(find({"word"}).size(), 2U);
    EXPECT_TRUE(index(2));
    EXPECT_FALSE(index(2));
    EXPECT_FALSE(stores.search.behind());
    EXPECT_TRUE(page({.terms = {{.words = {"word"}}}}).stable);
    EXPECT_EQ(find({"word"}).size(), 5U);
    append("romeo@x", "juliet@x", "word", 6);
    EXPECT_TRUE(stores.search.behind());
    index_all();
    EXPECT_EQ(find({"word"}).size(), 6U);
}

TEST_F(SearchStore, DoesNotMissWhatIsStoredBehindALargerId) {
    Unit late;
    stores.archive.append(late, "romeo@x", {.with = "juliet@x", .at = second(1), .stanza = make_bytes("late")});
    append("romeo@x", "juliet@x", "early", 2);
    index_all();
    commit(std::move(late));
    EXPECT_TRUE(stores.search.behind());
    index_all();
    EXPECT_THAT(find({"late"}), ElementsAre("late"));
    EXPECT_THAT(find({"early"}), ElementsAre("early"));
}

TEST_F(SearchStore, LosesARetractedMessageWithItsText) {
    const auto retract = [this] {
        Unit unit;
        Archive::retract(unit, "romeo@x", "juliet@x", "key",
                         [](const ArchivedMessage& message) -> std::optional<std::string> {
                             if (message.stanza.front() <= '9') return std::nullopt;
                             return "0 gone";
                         });
        commit(std::move(unit));
    };
    append("romeo@x", "juliet@x", "shame one", 1);
    index_all();
    append("romeo@x", "juliet@x", "shame two", 2);
    retract();  // not in the index yet
    index_all();
    EXPECT_THAT(find({"shame"}), ElementsAre("shame one"));
    retract();
    EXPECT_THAT(find({"shame"}), ElementsAre());
    index_all();
    EXPECT_THAT(find({"shame"}), ElementsAre());
    EXPECT_EQ(find({"gone"}).size(), 2U) << "what is there instead is found";
}

TEST_F(SearchStore, LosesWhatTheArchiveLoses) {
    for (int number = 1; number <= 4; ++number) append("romeo@x", "juliet@x", "word", 100 + number);
    append("juliet@x", "romeo@x", "word", 110);
    index_all();
    write([](Connection& connection) { return Archive::forget_before(connection, 1, second(103), 10); });
    EXPECT_EQ(find({"word"}).size(), 2U);
    write([this](Connection& connection) {
        stores.archive.remove_owner(connection, "romeo@x");
        Archive::purge(connection, 10);
    });
    EXPECT_EQ(find({"word"}, "juliet@x").size(), 1U);
    read([](Connection& connection) {
        Rows rows = connection.query("SELECT count(*) FROM search_index WHERE search_index MATCH '\"1:word\"'");
        EXPECT_TRUE(rows.next());
        EXPECT_EQ(rows.integer(0), 0);
    });
}

TEST_F(SearchStore, ChangesAndDeletesOfOneTransaction) {
    append("romeo@x", "juliet@x", "word", 101);
    index_all();
    write([](Connection& connection) {
        connection.run("UPDATE archive SET stanza = 'two'");
        connection.run("UPDATE archive SET stanza = 'three'");
    });
    EXPECT_THAT(find({"word"}), ElementsAre());
    index_all();
    EXPECT_THAT(find({"two"}), ElementsAre());
    EXPECT_THAT(find({"three"}), ElementsAre("three"));
    write([](Connection& connection) {
        connection.run("UPDATE archive SET stanza = 'four'");
        connection.run("DELETE FROM archive");
    });
    index_all();
    EXPECT_THAT(find({"three"}), ElementsAre());
    EXPECT_THAT(find({"four"}), ElementsAre());
}

TEST_F(SearchStore, IsMadeAnewByOtherRules) {
    append("romeo@x", "juliet@x", "word", 1);
    index_all();
    append("romeo@x", "juliet@x", "again", 2);
    Options options = by_hand(folder);
    {
        Stores later{options};
        later.search.use([](std::string_view) { return std::vector<std::string>{"same"}; }, "2");
        EXPECT_TRUE(later.search.behind());
        // The old words are not known any more: this cannot be one of them.
        later.database.write_now(
            [](Connection& connection) { connection.run("DELETE FROM archive WHERE id < 1500000"); });
        later.database.write_now([&](Connection& connection) { return later.search.index(connection, 100); });
        later.database.read_now([](Connection& connection) {
            const auto found = Archive::page(connection, "romeo@x", {.terms = {{.words = {"same"}}}});
            EXPECT_EQ(found->entries.size(), 1U);
            EXPECT_TRUE(Archive::page(connection, "romeo@x", {.terms = {{.words = {"word"}}}})->entries.empty());
        });
    }
}

TEST_F(SearchStore, IsVoidWhenMessagesGoWithoutIt) {
    append("romeo@x", "juliet@x", "word", 1);
    append("romeo@x", "juliet@x", "word", 2);
    index_all();
    {
        Stores other{by_hand(folder)};  // as of a server that does not search
        EXPECT_FALSE(other.search.behind());
        other.database.write_now(
            [](Connection& connection) { connection.run("DELETE FROM archive WHERE id < 1500000"); });
    }
    index_all();
    EXPECT_EQ(find({"word"}).size(), 1U);
}

TEST_F(SearchStore, ForgetsWhatATransactionHasLost) {
    append("romeo@x", "juliet@x", "word", 1);
    index_all();
    try {
        write([this](Connection& connection) {
            connection.run("DELETE FROM archive");
            stores.search.index(connection, 10);
            throw std::runtime_error{"undo it"};
        });
    } catch (const std::runtime_error&) {
    }
    EXPECT_TRUE(stores.search.behind());
    EXPECT_THAT(find({"word"}), ElementsAre("word"));
    append("romeo@x", "juliet@x", "word", 2);
    index_all();
    EXPECT_EQ(find({"word"}).size(), 2U);
}

/// A batch of units that is stored one by one, since one of them fails.
TEST_F(SearchStore, KeepsWhatItsNeighboursHaveDone) {
    append("romeo@x", "juliet@x", "word", 1);
    append("romeo@x", "juliet@x", "word", 2);
    index_all();
    append("romeo@x", "juliet@x", "word", 3);
    const auto submit = [this](Unit::Write write) {
        Unit unit;
        unit.add(std::move(write));
        stores.database.submit(std::move(unit), notes);
    };
    submit([this](Connection& connection) { stores.search.index(connection, 10); });
    submit([](Connection& connection) { connection.run("DELETE FROM archive WHERE id < 1500000"); });
    submit([](Connection& connection) {
        connection.run("DELETE FROM archive");
        throw std::runtime_error{"undo it"};
    });
    submit([this](Connection& connection) { stores.search.index(connection, 10); });
    stores.database.work();
    EXPECT_EQ(notes.failures().size(), 1U);
    EXPECT_EQ(find({"word"}).size(), 2U);
    index_all();
    EXPECT_EQ(find({"word"}).size(), 2U);
}

TEST_F(SearchStore, ReadsTheArchiveInItsOrderAndSortsNothing) {
    std::string plan;
    read([&plan](Connection& connection) {
        Rows rows = connection.query(
            "EXPLAIN QUERY PLAN SELECT archive.id, flags, stanza, resource FROM search_index CROSS JOIN archive"
            " ON archive.id = search_index.rowid WHERE search_index MATCH $1 AND search_index.rowid > $2"
            " AND search_index.rowid < $3 AND owner = $4 ORDER BY search_index.rowid DESC LIMIT $5",
            "\"1:word\"", 0, 5, 1, 50);
        while (rows.next()) plan += std::string{rows.text(3)} + "; ";
    });
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
    EXPECT_NE(plan.find("SCAN search_index VIRTUAL TABLE INDEX"), std::string::npos) << plan;
    EXPECT_NE(plan.find("SEARCH archive USING INTEGER PRIMARY KEY"), std::string::npos) << plan;
}

TEST_F(SearchStore, TakesNoWordForAnOperator) {
    append("romeo@x", "juliet@x", "near not and or", 1);
    index_all();
    EXPECT_EQ(find({"near", "not"}).size(), 1U);
    EXPECT_THAT(find({"\" OR \"1:near"}), ElementsAre());
    EXPECT_THAT(find({"*"}), ElementsAre());
}

/// As an upgrade finds it, or a crash between two batches.
TEST_F(SearchStore, IsFilledFromAnArchiveThatWasThereBefore) {
    for (int number = 1; number <= 3; ++number) append("romeo@x", "juliet@x", "word", number);
    Stores later{by_hand(folder)};
    later.search.use(&words_of, "1");
    while (later.database.write_now([&](Connection& connection) { return later.search.index(connection, 1); })) {
    }
    later.database.read_now([](Connection& connection) {
        EXPECT_EQ(Archive::page(connection, "romeo@x", {.terms = {{.words = {"word"}}}})->entries.size(), 3U);
    });
}

TEST_F(SearchStore, ListsOwnersInSteps) {
    append("romeo@x", "juliet@x", "word", 5);
    append("juliet@x", "romeo@x", "word", 6);
    append("nurse@x", "romeo@x", "word", 7);
    write([this](Connection& connection) { stores.archive.remove_owner(connection, "juliet@x"); });
    read([](Connection& connection) {
        std::int64_t after = 0;
        const auto first = Archive::owners(connection, after, 1);
        ASSERT_TRUE(first);
        EXPECT_EQ(first->at(0).jid, "romeo@x");
        EXPECT_EQ(first->at(0).oldest.time(), second(5));
        const auto next = Archive::owners(connection, after, 5);
        ASSERT_TRUE(next);
        ASSERT_EQ(next->size(), 1U);
        EXPECT_EQ(next->at(0).jid, "nurse@x");
        EXPECT_FALSE(Archive::owners(connection, after, 5));
    });
}

using RetentionStore = SearchStore;

TEST_F(RetentionStore, RemembersWhatOwnersHaveSaid) {
    const auto find_days = [this] {
        return read([](Connection& connection) { return Retention::find(connection, "romeo@x"); });
    };
    const auto put = [this](std::optional<std::chrono::days> keep) {
        Unit unit;
        Retention::put(unit, "romeo@x", keep);
        commit(std::move(unit));
    };
    EXPECT_FALSE(find_days());
    put(std::chrono::days{30});
    put(std::chrono::days{0});
    EXPECT_EQ(find_days(), std::chrono::days{0});
    put(std::nullopt);
    EXPECT_FALSE(find_days());
    put(std::chrono::days{7});
    write([this](Connection& connection) { stores.remove_account(connection, "romeo@x"); });
    EXPECT_FALSE(find_days());
}

}  // namespace
}  // namespace aldis::db::tests
