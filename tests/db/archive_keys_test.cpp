// The archive by keys: tombstones, and what its owner has sent of late.
#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

struct ArchiveKeys : testing::Test, ByHand {
    ArchiveId append(Unit& unit, const ArchiveEntry& entry, std::string_view owner = "romeo@x") {
        return stores.archive.append(unit, owner, entry);
    }
    ArchiveId append(std::string_view key, std::string stanza, std::int64_t at, bool outgoing = true,
                     std::string_view with = "juliet@x") {
        Unit unit;
        const ArchiveId id = append(unit, {.with = with,
                                           .with_resource = outgoing ? "" : "balcony",
                                           .at = second(at),
                                           .stanza = make_bytes(std::move(stanza)),
                                           .dedup_key = key,
                                           .outgoing = outgoing,
                                           .kind = 6,
                                           .mark = key.empty() ? 0 : mark});
        commit(std::move(unit));
        return id;
    }
    void retract(std::string_view key, Archive::Replace replace, std::string_view with = "juliet@x") {
        Unit unit;
        Archive::retract(unit, "romeo@x", with, key, std::move(replace));
        commit(std::move(unit));
    }
    std::vector<std::string> stanzas(std::string_view owner = "romeo@x") {
        const Result<ArchivePage> page =
            read([&](Connection& connection) { return Archive::page(connection, owner, {.max = 5'000}); });
        std::vector<std::string> stanzas;
        for (const ArchivedMessage& entry : page->entries) stanzas.push_back(entry.stanza);
        return stanzas;
    }
    std::vector<SentMessage> sent(std::int64_t since, std::size_t at_most) {
        return read([=](Connection& connection) {
            return Archive::recent_sent(connection, "romeo@x", second(since), at_most);
        });
    }
    static constexpr std::uint64_t mark = ArchiveEntry::largest_mark;
    static std::optional<std::string> tombstone(const ArchivedMessage&) { return "<tombstone/>"; }
};

TEST_F(ArchiveKeys, ATombstoneTakesTheIdAndPlaceOfTheMessage) {
    append("a", "<first/>", 1);
    const ArchiveId id = append("b", "<secret/>", 2);
    append("c", "<last/>", 3);
    retract("b", tombstone);
    EXPECT_EQ(stanzas(), (std::vector<std::string>{"<first/>", "<tombstone/>", "<last/>"}));
    const Result<ArchivePage> page =
        read([&](Connection& connection) { return Archive::page(connection, "romeo@x", {.ids = {id}}); });
    ASSERT_TRUE(page);
    EXPECT_EQ(page->entries.at(0).stanza, "<tombstone/>");
    EXPECT_TRUE(page->entries[0].outgoing);
    EXPECT_EQ(page->entries[0].kind, 6U);
}

TEST_F(ArchiveKeys, TheCallerDecidesWhichOfThoseWithTheKeyItIs) {
    append("a", "<romeo/>", 1);
    append("a", "<juliet/>", 2, false);
    append("a", "<nurse/>", 3, true, "nurse@x");
    std::vector<std::string> offered;
    retract("a", [&](const ArchivedMessage& message) -> std::optional<std::string> {
        offered.push_back(message.stanza);
        if (!message.outgoing) return std::nullopt;
        return "<tombstone of='" + message.id.text() + "'/>";
    });
    EXPECT_EQ(offered, (std::vector<std::string>{"<juliet/>", "<romeo/>"}));
    EXPECT_EQ(stanzas()[1], "<juliet/>");
    EXPECT_THAT(stanzas()[0], testing::StartsWith("<tombstone of="));
    retract("a", [](const ArchivedMessage&) { return std::nullopt; });
    EXPECT_EQ(stanzas()[2], "<nurse/>");
}

TEST_F(ArchiveKeys, NothingHappensWhereThereIsNoSuchMessage) {
    append("", "<keyless/>", 1);
    append("a", "<kept/>", 2);
    for (const auto& [key, with] : {std::pair{"", "juliet@x"}, {"b", "juliet@x"}, {"a", "nurse@x"}})
        retract(key, tombstone, with);
    EXPECT_EQ(stanzas(), (std::vector<std::string>{"<keyless/>", "<kept/>"}));
}

TEST_F(ArchiveKeys, AMessageOfTheSameTransactionIsFound) {
    Unit message;
    append(message, {.with = "juliet@x", .at = second(1), .stanza = make_bytes("<secret/>"), .dedup_key = "a"});
    stores.database.submit(std::move(message), notes);
    Unit retraction;
    append(retraction, {.with = "juliet@x", .at = second(2), .stanza = make_bytes("<retract/>"), .dedup_key = "r"});
    Archive::retract(retraction, "romeo@x", "juliet@x", "a", tombstone);
    commit(std::move(retraction));
    EXPECT_EQ(stanzas(), (std::vector<std::string>{"<tombstone/>", "<retract/>"}));
}

TEST_F(ArchiveKeys, LooksBackSoFarAndNoFurther) {
    append("old", "<old/>", 1);
    append("young", "<young/>", 2);
    Unit unit;
    for (std::size_t number = 0; number < Archive::retract_limit - 1; ++number)
        append(unit, {.with = "juliet@x", .at = second(3), .stanza = make_bytes("<m/>"), .dedup_key = "m"});
    commit(std::move(unit));
    retract("old", tombstone);
    retract("young", tombstone);
    EXPECT_EQ(stanzas()[0], "<old/>");
    EXPECT_EQ(stanzas()[1], "<tombstone/>");
}

struct ArchiveSearches : ArchiveKeys {
    void fill(std::size_t messages, std::string_view key, const std::string& stanza = "<m/>") {
        Unit unit;
        for (std::size_t number = 0; number < messages; ++number)
            append(unit, {.with = "juliet@x", .at = second(3), .stanza = make_bytes(stanza), .dedup_key = key});
        commit(std::move(unit));
    }
    ArchiveSearch search(std::size_t rows, const Archive::Replace& replace, std::int64_t oldest = 0) {
        ArchiveSearch search{.owner = "romeo@x",
                             .with = "juliet@x",
                             .dedup_key = "old",
                             .before = ArchiveId{stores.archive.latest().number() + 1},
                             .oldest = ArchiveId{oldest * 1'000'000},
                             .rows = rows};
        for (steps = 0; search.rows > 0; ++steps)
            search = read([&](Connection& connection) { return Archive::search(connection, search, replace); });
        return search;
    }
    bool replace_found(const ArchiveSearch& search, const Archive::Replace& replace) {
        return write([&](Connection& connection) { return Archive::replace_found(connection, search, replace); });
    }
    int steps = 0;
};

TEST_F(ArchiveSearches, FindWhatIsFurtherBackThanTheWriterLooks) {
    const ArchiveId id = append("old", "<old/>", 1);
    fill(1'300, "m");
    const auto found = std::make_shared<std::atomic<bool>>(true);
    Unit unit;
    Archive::retract(unit, "romeo@x", "juliet@x", "old", tombstone, found);
    commit(std::move(unit));
    EXPECT_FALSE(*found);
    const ArchiveSearch result = search(10'000, tombstone);
    EXPECT_EQ(result.found, id);
    EXPECT_EQ(steps, 3);
    EXPECT_EQ(stanzas()[0], "<old/>");
    EXPECT_TRUE(replace_found(result, tombstone));
    EXPECT_EQ(stanzas()[0], "<tombstone/>");
    EXPECT_FALSE(replace_found(result, [](const ArchivedMessage&) { return std::nullopt; }));
    EXPECT_EQ(stanzas()[0], "<tombstone/>");
}

TEST_F(ArchiveSearches, EndWhereTheyAreToldTo) {
    append("old", "<old/>", 1);
    fill(600, "m");
    EXPECT_FALSE(search(600, tombstone).found);
    EXPECT_TRUE(search(601, tombstone).found);
    EXPECT_FALSE(search(10'000, tombstone, 2).found);
    EXPECT_TRUE(search(10'000, tombstone, 1).found);
    EXPECT_FALSE(search(10'000, [](const ArchivedMessage&) { return std::nullopt; }).found);
    EXPECT_FALSE(replace_found(search(600, tombstone), tombstone));
}

TEST_F(ArchiveSearches, ReadNoMoreAtOnceThanTheyMay) {
    append("old", "<old/>", 1);
    fill(20, "old", "<m>" + std::string(40'000, 'x') + "</m>");
    int offered = 0;
    const auto only_the_small = [&](const ArchivedMessage& message) -> std::optional<std::string> {
        ++offered;
        if (message.stanza.size() > 100) return std::nullopt;
        return "<tombstone/>";
    };
    retract("old", only_the_small);
    EXPECT_EQ(offered, 2);
    EXPECT_TRUE(search(10'000, only_the_small).found);
    EXPECT_EQ(steps, 11);
}

TEST_F(ArchiveKeys, NothingIsFoundByAKeyThatIsTooLong) {
    append(std::string(Archive::longest_key, 'x'), "<a/>", 1);
    append(std::string(Archive::longest_key + 1, 'x'), "<b/>", 2);
    EXPECT_EQ(sent(0, 9).at(0).dedup_key, "");
    EXPECT_EQ(sent(0, 9).at(0).mark, mark);
    EXPECT_EQ(sent(0, 9).at(1).dedup_key.size(), Archive::longest_key);
}

TEST_F(ArchiveKeys, TellsWhatWasSentOfLate) {
    append("a", "<a/>", 100);
    append("b", "<b/>", 200);
    append("in", "<in/>", 201, false);
    append("", "<unmarked/>", 202);
    append("c", "<c/>", 203, true, "nurse@x");
    Unit other;
    append(
        other,
        {.with = "x@x", .at = second(204), .stanza = make_bytes("<o/>"), .dedup_key = "o", .outgoing = true, .mark = 1},
        "other@x");
    commit(std::move(other));
    const std::vector<SentMessage> all = sent(200, 10);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].dedup_key, "c");
    EXPECT_EQ(all[0].with, "nurse@x");
    EXPECT_EQ(all[0].mark, mark);
    EXPECT_EQ(all[1].dedup_key, "b");
    EXPECT_EQ(all[1].id.time(), second(200));
    EXPECT_EQ(sent(0, 10).size(), 3U);
    EXPECT_EQ(sent(0, 1).size(), 1U);
    EXPECT_TRUE(sent(300, 10).empty());
    const auto of_nobody = [](Connection& connection) {
        return Archive::recent_sent(connection, "nobody@x", second(0), 9);
    };
    EXPECT_TRUE(read(of_nobody).empty());
}

}  // namespace
}  // namespace aldis::db::tests
