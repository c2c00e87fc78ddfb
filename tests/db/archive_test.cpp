// The archive: ids, paging, filters, forgetting.
#include "tests/db/fixture.h"

#include <random>

namespace aldis::db::tests {
namespace {

struct ArchiveStore : testing::Test, ByHand {
    ArchiveId append(std::string_view owner, std::string_view with, Timestamp at, std::string stanza = "<message/>",
                     std::string_view resource = {}) {
        Unit unit;
        const ArchiveId id = stores.archive.append(
            unit, owner, {.with = with, .with_resource = resource, .at = at, .stanza = make_bytes(std::move(stanza))});
        commit(std::move(unit));
        return id;
    }

    Result<ArchivePage> page(const ArchiveRange& range, std::string_view owner = "romeo@x") {
        return read([&](Connection& connection) { return Archive::page(connection, owner, range); });
    }

    static std::vector<ArchiveId> ids_of(const ArchivePage& page) {
        std::vector<ArchiveId> ids;
        for (const ArchivedMessage& message : page.entries) ids.push_back(message.id);
        return ids;
    }

    /// Forty messages of Romeo, every second, by turns with Juliet and the Nurse; and others' in between.
    void fill() {
        Unit unit;
        for (int number = 0; number < 40; ++number) {
            const std::string_view with = number % 2 == 0 ? "juliet@x" : "nurse@x";
            const std::string_view resource = number % 4 == 0 ? "balcony" : "chamber";
            all.push_back(stores.archive.append(unit, "romeo@x",
                                                {.with = with,
                                                 .with_resource = resource,
                                                 .at = second(100 + number),
                                                 .stanza = make_bytes("<m" + std::to_string(number) + "/>"),
                                                 .outgoing = number % 3 == 0,
                                                 .kind = 5}));
            stores.archive.append(unit, "other@x",
                                  {.with = with, .at = second(100 + number), .stanza = make_bytes("<o/>")});
        }
        commit(std::move(unit));
    }

    std::vector<ArchiveId> all;
};

TEST(ArchiveIdText, IsFixedSortableAndStrictlyRead) {
    const ArchiveId id{1'790'000'000'123'456};
    EXPECT_EQ(id.text().size(), 16U);
    EXPECT_EQ(ArchiveId::parse(id.text()), id);
    EXPECT_EQ(ArchiveId{0}.text(), "0000000000000000");
    EXPECT_LT(ArchiveId{255}.text(), ArchiveId{256}.text());
    for (const char* wrong : {"", "0", "00065d0a0a0a0a0", "00065D0a0a0a0a0a", "00065d0a0a0a0a0a0", "-0065d0a0a0a0a0a",
                              "0x065d0a0a0a0a0a", "ffffffffffffffff", " 0065d0a0a0a0a0a", "1 OR 1=1--------"}) {
        EXPECT_FALSE(ArchiveId::parse(wrong)) << wrong;
    }
}

TEST_F(ArchiveStore, KeepsWhatItIsGiven) {
    fill();
    const Result<ArchivePage> found = page({});
    ASSERT_TRUE(found);
    EXPECT_EQ(ids_of(*found), all);
    EXPECT_TRUE(found->complete);
    EXPECT_EQ(found->entries[3].stanza, "<m3/>");
    EXPECT_TRUE(found->entries[3].outgoing);
    EXPECT_FALSE(found->entries[4].outgoing);
    EXPECT_EQ(found->entries[4].kind, 5U);
    EXPECT_EQ(found->entries[4].id.time(), second(104));
}

TEST_F(ArchiveStore, IdsGrowThoughTheClockGoesBack) {
    const ArchiveId first = append("romeo@x", "juliet@x", second(1000));
    const ArchiveId second_id = append("juliet@x", "romeo@x", second(500));
    const ArchiveId third = append("romeo@x", "juliet@x", second(1000));
    EXPECT_LT(first, second_id);
    EXPECT_LT(second_id, third);
    EXPECT_GT(append("romeo@x", "juliet@x", second(2000)).time(), second(1999));
}

TEST(ArchiveRestart, IdsGrowThoughTheClockGoesBackAndTheRowsAreGone) {
    const Folder folder;
    ArchiveId before;
    {
        Notes notes;
        Stores stores{by_hand(folder)};
        Unit unit;
        before = stores.archive.append(unit, "romeo@x",
                                       {.with = "juliet@x", .at = second(5000), .stanza = make_bytes("<m/>")});
        stores.database.submit(std::move(unit), notes);
        stores.database.work();
        stores.database.write_now(
            [](Connection& connection) { return Archive::forget_before(connection, second(9000), 10); });
    }
    Stores stores{by_hand(folder)};
    Unit unit;
    EXPECT_GT(
        stores.archive.append(unit, "romeo@x", {.with = "juliet@x", .at = second(1), .stanza = make_bytes("<m/>")}),
        before);
}

TEST_F(ArchiveStore, IdsOfManyThreadsAreUnique) {
    std::vector<std::vector<ArchiveId>> made(4);
    std::vector<std::thread> threads;
    for (std::vector<ArchiveId>& ids : made) {
        threads.emplace_back([&] {
            for (int more = 0; more < 1000; ++more) {
                Unit unit;
                ids.push_back(
                    stores.archive.append(unit, "a@x", {.with = "b@x", .at = second(7), .stanza = make_bytes("")}));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::vector<ArchiveId> together;
    for (const std::vector<ArchiveId>& ids : made) {
        EXPECT_TRUE(std::ranges::is_sorted(ids));
        together.insert(together.end(), ids.begin(), ids.end());
    }
    std::ranges::sort(together);
    EXPECT_EQ(std::ranges::adjacent_find(together), together.end());
}

/// Every page size, with and without a peer: all pages forward are all pages backward are everything.
TEST_F(ArchiveStore, PagesForwardAndBackwardAreTheWhole) {
    fill();
    for (const std::optional<std::string>& with :
         {std::optional<std::string>{}, std::optional<std::string>{"nurse@x"}}) {
        std::vector<ArchiveId> expected;
        for (std::size_t at = 0; at < all.size(); ++at) {
            if (!with || at % 2 == 1) expected.push_back(all[at]);
        }
        for (std::size_t max = 1; max <= expected.size() + 1; ++max) {
            std::vector<ArchiveId> forward;
            ArchiveRange range{.with = with, .max = max};
            for (bool complete = false; !complete;) {
                const Result<ArchivePage> found = page(range);
                ASSERT_TRUE(found && found->entries.size() <= max && !found->entries.empty());
                for (const ArchiveId id : ids_of(*found)) forward.push_back(id);
                range.after = forward.back();
                complete = found->complete;
            }
            EXPECT_EQ(forward, expected);

            std::vector<ArchiveId> backward;
            range = {.with = with, .last_page = true, .max = max};
            for (bool complete = false; !complete;) {
                const Result<ArchivePage> found = page(range);
                ASSERT_TRUE(found && found->entries.size() <= max && !found->entries.empty());
                const std::vector<ArchiveId> ids = ids_of(*found);
                backward.insert(backward.begin(), ids.begin(), ids.end());
                range.before = backward.front();
                complete = found->complete;
            }
            EXPECT_EQ(backward, expected);
        }
    }
}

TEST_F(ArchiveStore, StartAndEndAreInclusive) {
    fill();
    ArchiveRange range;
    range.start = second(110);
    range.end = second(112);
    EXPECT_EQ(ids_of(*page(range)), (std::vector<ArchiveId>{all[10], all[11], all[12]}));
    range.end = second(90);
    EXPECT_TRUE(page(range)->entries.empty());
    range = {.start = Timestamp::min(), .end = Timestamp::max()};
    EXPECT_EQ(page(range)->entries.size(), 40U);
    range = {.start = Timestamp::max()};
    EXPECT_TRUE(page(range)->entries.empty());
    range = {.end = Timestamp::min()};
    EXPECT_TRUE(page(range)->entries.empty());
}

TEST_F(ArchiveStore, AFullJidMatchesExactly) {
    fill();
    ArchiveRange range{.with = "juliet@x", .with_resource = "balcony"};
    EXPECT_EQ(page(range)->entries.size(), 10U);
    range.max = 3;
    range.last_page = true;
    const Result<ArchivePage> found = page(range);
    EXPECT_EQ(ids_of(*found), (std::vector<ArchiveId>{all[28], all[32], all[36]}));
    EXPECT_FALSE(found->complete);
    range.with_resource = "garden";
    EXPECT_TRUE(page(range)->entries.empty());
}

TEST_F(ArchiveStore, BoundsByIdAreExclusive) {
    fill();
    ArchiveRange range{.after_id = all[10], .before_id = all[14]};
    EXPECT_EQ(ids_of(*page(range)), (std::vector<ArchiveId>{all[11], all[12], all[13]}));
    range.after = all[11];
    EXPECT_EQ(ids_of(*page(range)), (std::vector<ArchiveId>{all[12], all[13]}));
}

TEST_F(ArchiveStore, AnIdThatIsNotInTheArchiveIsAnError) {
    fill();
    const ArchiveId foreign = append("other@x", "juliet@x", second(900));
    for (const ArchiveId id : {foreign, ArchiveId{7}}) {
        for (const ArchiveRange& range :
             {ArchiveRange{.after = id}, ArchiveRange{.before = id}, ArchiveRange{.after_id = id},
              ArchiveRange{.before_id = id}, ArchiveRange{.ids = {all[0], id}}}) {
            const Result<ArchivePage> found = page(range);
            ASSERT_FALSE(found);
            EXPECT_EQ(found.error().condition, Condition::item_not_found);
        }
    }
    EXPECT_FALSE(page({.after = all[0]}, "nobody@x"));
    EXPECT_TRUE(page({}, "nobody@x")->entries.empty());
    EXPECT_TRUE(page({.with = "nobody@x"})->entries.empty());
}

TEST_F(ArchiveStore, FindsIdsInOrderOnce) {
    fill();
    ArchiveRange range{.ids = {all[9], all[3], all[9], all[20]}};
    EXPECT_EQ(ids_of(*page(range)), (std::vector<ArchiveId>{all[3], all[9], all[20]}));
    range.with = "nurse@x";
    EXPECT_EQ(ids_of(*page(range)), (std::vector<ArchiveId>{all[3], all[9]}));
    range.max = 1;
    range.last_page = true;
    const Result<ArchivePage> found = page(range);
    EXPECT_EQ(ids_of(*found), std::vector<ArchiveId>{all[9]});
    EXPECT_FALSE(found->complete);
}

TEST_F(ArchiveStore, CountsTheWholeResultWhereThatIsCheap) {
    fill();
    ArchiveRange range{.with = "nurse@x", .after = all[30], .max = 2, .count = true};
    EXPECT_EQ(page(range)->count, 20U);
    range = {.max = 0, .count = true};
    EXPECT_EQ(page(range)->count, 40U);
    EXPECT_TRUE(page(range)->entries.empty());
    EXPECT_FALSE(page(range)->complete);
    Unit unit;
    for (std::size_t more = 0; more <= Archive::count_limit; ++more) {
        stores.archive.append(unit, "romeo@x", {.with = "juliet@x", .at = second(5000), .stanza = make_bytes("")});
    }
    commit(std::move(unit));
    EXPECT_FALSE(page({.count = true})->count);
}

TEST_F(ArchiveStore, DoesNotLookForAResourceForEver) {
    Unit unit;
    for (std::size_t more = 0; more <= Archive::scan_limit + 1; ++more) {
        stores.archive.append(unit, "romeo@x", {.with = "juliet@x", .at = second(5000), .stanza = make_bytes("")});
    }
    commit(std::move(unit));
    const Result<ArchivePage> found = page({.with = "juliet@x", .with_resource = "balcony"});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().condition, Condition::resource_constraint);
}

TEST_F(ArchiveStore, KnowsFirstAndLast) {
    fill();
    read([&](Connection& connection) {
        const std::optional<ArchiveMetadata> known = Archive::metadata(connection, "romeo@x");
        ASSERT_TRUE(known);
        EXPECT_EQ(known->first, all.front());
        EXPECT_EQ(known->last, all.back());
        EXPECT_FALSE(Archive::metadata(connection, "nobody@x"));
    });
}

TEST_F(ArchiveStore, FindsAMessageThatWasSentTwice) {
    Unit unit;
    const ArchiveId id = stores.archive.append(
        unit, "romeo@x", {.with = "juliet@x", .at = second(1), .stanza = make_bytes("<m/>"), .dedup_key = "abc"});
    commit(std::move(unit));
    const auto find = [this](std::string_view with, std::string_view key, std::size_t among) {
        return read([=](Connection& connection) { return Archive::find_key(connection, "romeo@x", with, key, among); });
    };
    EXPECT_EQ(find("juliet@x", "abc", 100), id);
    EXPECT_FALSE(find("juliet@x", "abd", 100));
    EXPECT_FALSE(find("nurse@x", "abc", 100));
    append("romeo@x", "juliet@x", second(2));
    EXPECT_FALSE(find("juliet@x", "abc", 1));
    EXPECT_FALSE(find("juliet@x", "", 100));
}

TEST_F(ArchiveStore, ForgetsTheOldInSmallPieces) {
    fill();
    const auto forget = [this] {
        return write([](Connection& connection) { return Archive::forget_before(connection, second(110), 8); });
    };
    EXPECT_EQ(forget(), 8U);
    EXPECT_EQ(forget(), 8U);
    EXPECT_EQ(forget(), 4U);
    EXPECT_EQ(page({})->entries.size(), 30U);
    EXPECT_EQ(page({})->entries[0].id, all[10]);
}

TEST_F(ArchiveStore, ARemovedOwnersMessagesAreNobodys) {
    fill();
    EXPECT_TRUE(write([this](Connection& connection) { return stores.archive.remove_owner(connection, "romeo@x"); }));
    EXPECT_FALSE(write([this](Connection& connection) { return stores.archive.remove_owner(connection, "romeo@x"); }));
    EXPECT_TRUE(page({})->entries.empty());
    const ArchiveId mine = append("romeo@x", "juliet@x", second(10'000));
    EXPECT_EQ(ids_of(*page({})), std::vector<ArchiveId>{mine});
    const auto purge = [this] { return write([](Connection& connection) { return Archive::purge(connection, 30); }); };
    EXPECT_EQ(purge(), 30U);
    EXPECT_EQ(purge(), 10U);
    EXPECT_EQ(purge(), 0U);
    EXPECT_EQ(ids_of(*page({})), std::vector<ArchiveId>{mine});
    EXPECT_EQ(page({}, "other@x")->entries.size(), 40U);
}

/// The numbers of addresses that a failed transaction has made must not be remembered.
TEST_F(ArchiveStore, AFailedTransactionLeavesNoNumbersBehind) {
    Unit poisoned;
    stores.archive.append(poisoned, "romeo@x", {.with = "juliet@x", .at = second(1), .stanza = make_bytes("<lost/>")});
    poisoned.add([](Connection&) { throw std::runtime_error{"poison"}; });
    Unit good;
    const ArchiveId id =
        stores.archive.append(good, "romeo@x", {.with = "juliet@x", .at = second(2), .stanza = make_bytes("<kept/>")});
    stores.database.submit(std::move(poisoned), notes);
    commit(std::move(good));
    EXPECT_EQ(ids_of(*page({.with = "juliet@x"})), std::vector<ArchiveId>{id});
}

/// Nothing but an index with all conditions will do for ten million rows.
TEST_F(ArchiveStore, PagesAreFoundByTheIndex) {
    read([](Connection& connection) {
        Rows plain = connection.query(
            "EXPLAIN QUERY PLAN SELECT id, stanza FROM archive WHERE owner = 1 AND id > 2 AND id < 3"
            " ORDER BY id DESC LIMIT 50");
        ASSERT_TRUE(plain.next());
        EXPECT_THAT(std::string{plain.text(3)},
                    testing::HasSubstr("archive_by_owner (owner=? AND rowid>? AND rowid<?)"));
        EXPECT_FALSE(plain.next()) << "sorts";
        Rows peer = connection.query(
            "EXPLAIN QUERY PLAN SELECT id, stanza FROM archive WHERE owner = 1 AND peer = 4 AND id > 2"
            " AND id < 3 ORDER BY id LIMIT 50");
        ASSERT_TRUE(peer.next());
        EXPECT_THAT(std::string{peer.text(3)},
                    testing::HasSubstr("archive_by_peer (owner=? AND peer=? AND rowid>? AND rowid<?)"));
        EXPECT_FALSE(peer.next()) << "sorts";
    });
}

}  // namespace
}  // namespace aldis::db::tests
