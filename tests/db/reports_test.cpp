// Blocks and reports: what is kept of each, and what makes room.
#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

using testing::ElementsAre;

struct BlocksStore : testing::Test, ByHand {
    std::vector<std::string> load(std::string_view owner) {
        return read([&](Connection& connection) { return Blocks::load(connection, owner); });
    }
};

TEST_F(BlocksStore, KeepsASetOfAddressesPerOwner) {
    Unit unit;
    Blocks::add(unit, "juliet@x", {"tybalt@y", "paris@y"});
    Blocks::add(unit, "juliet@x", {"paris@y", "y.example"});
    Blocks::add(unit, "romeo@x", {"tybalt@y"});
    commit(std::move(unit));
    EXPECT_THAT(load("juliet@x"), ElementsAre("paris@y", "tybalt@y", "y.example"));
    Unit next;
    Blocks::remove(next, "juliet@x", {"tybalt@y", "nobody@y"});
    Blocks::remove_all(next, "romeo@x");
    commit(std::move(next));
    EXPECT_THAT(load("juliet@x"), ElementsAre("paris@y", "y.example"));
    EXPECT_THAT(load("romeo@x"), ElementsAre());
}

TEST_F(BlocksStore, GoesWithItsOwner) {
    Unit unit;
    Blocks::add(unit, "juliet@x", {"tybalt@y"});
    commit(std::move(unit));
    write([&](Connection& connection) { return stores.remove_account(connection, "juliet@x").existed; });
    EXPECT_THAT(load("juliet@x"), ElementsAre());
}

struct ReportsStore : testing::Test, ByHand {
    ArchiveId archive(std::string stanza, std::int64_t at, bool outgoing = false, std::string_view with = "spam@y") {
        Unit unit;
        const ArchiveId id = stores.archive.append(
            unit, "juliet@x",
            {.with = with, .at = second(at), .stanza = make_bytes(std::move(stanza)), .outgoing = outgoing});
        commit(std::move(unit));
        return id;
    }
    void report(std::vector<ArchiveId> named = {}, const ReportRules& rules = {}, std::string reporter = "juliet@x",
                std::string about = "spam@y") {
        Unit unit;
        Reports::add(
            unit,
            {.reporter = std::move(reporter), .about = about, .reason = "urn:xmpp:reporting:spam", .at = second(100)},
            std::move(named), about,
            [](const ArchivedMessage& message) { return message.stanza.find("other") == std::string::npos; }, rules);
        commit(std::move(unit));
    }
    std::vector<Report> list(bool resolved_too = true) {
        return read([&](Connection& connection) { return Reports::list(connection, resolved_too, 0, 100); });
    }
    std::vector<std::int64_t> ids() {
        std::vector<std::int64_t> found;
        for (const Report& each : list()) found.push_back(each.id);
        return found;
    }
    std::vector<std::string> evidence(std::int64_t id = 1) {
        const std::optional<Report> found = read([&](Connection& connection) { return Reports::find(connection, id); });
        std::vector<std::string> stanzas;
        if (found)
            for (const Evidence& message : found->evidence) stanzas.push_back(message.stanza);
        return stanzas;
    }
    bool resolve(std::int64_t id) {
        return write([&](Connection& connection) { return Reports::resolve(connection, id, second(200)); });
    }
};

TEST_F(ReportsStore, KeepsTheMessagesThatAreNamed) {
    const ArchiveId one = archive("one", 1);
    archive("two", 2);
    const ArchiveId mine = archive("mine", 3, true);
    const ArchiveId other = archive("other", 4);
    report({one, mine, other, ArchiveId{77}});
    EXPECT_THAT(evidence(), ElementsAre("one"));
    EXPECT_EQ(list().front().messages, 1U);
}

TEST_F(ReportsStore, KeepsTheNewestWhereNoneIsNamed) {
    archive("one", 1);
    archive("two", 2);
    archive("mine", 3, true);
    archive("three", 4);
    archive("of somebody", 5, false, "nurse@x");
    report({}, {.messages = 2});
    EXPECT_THAT(evidence(), ElementsAre("two", "three"));
}

TEST_F(ReportsStore, KeepsTheNewestWhereWhatIsNamedIsNotThere) {
    archive("one", 1);
    report({ArchiveId{77}});
    EXPECT_THAT(evidence(), ElementsAre("one"));
}

TEST_F(ReportsStore, KeepsNoMoreBytesThanItMay) {
    archive("large enough to be alone", 1);
    archive("small", 2);
    archive("large enough to be alone", 3);
    report({}, {.bytes = 10});
    EXPECT_THAT(evidence(), ElementsAre("small"));
}

TEST_F(ReportsStore, EvidenceOutlivesTheArchive) {
    archive("one", 1);
    report();
    write([](Connection& connection) { return Archive::forget_before(connection, second(1'000), 100); });
    EXPECT_THAT(evidence(), ElementsAre("one"));
}

TEST_F(ReportsStore, ListsTheNewestFirstAndWhatIsOpen) {
    report();
    report();
    report();
    EXPECT_TRUE(resolve(2));
    EXPECT_FALSE(resolve(9));
    EXPECT_THAT(ids(), ElementsAre(3, 2, 1));
    const std::vector<Report> open = list(false);
    ASSERT_EQ(open.size(), 2U);
    EXPECT_EQ(open.back().id, 1);
    EXPECT_EQ(list()[1].resolved, second(200));
    const std::vector<Report> older =
        read([](Connection& connection) { return Reports::list(connection, true, 2, 100); });
    ASSERT_EQ(older.size(), 1U);
}

TEST_F(ReportsStore, TheOldestOfAnAccountMakesRoom) {
    const ReportRules rules{.per_account = 2};
    report({}, rules);
    report({}, rules, "romeo@x");
    report({}, rules);
    report({}, rules);
    EXPECT_THAT(ids(), ElementsAre(4, 3, 2));
}

TEST_F(ReportsStore, WhatIsResolvedMakesRoomFirst) {
    const ReportRules rules{.total = 3};
    report({}, rules, "romeo@x");
    report({}, rules, "nurse@x");
    report({}, rules);
    resolve(2);
    report({}, rules);
    EXPECT_THAT(ids(), ElementsAre(4, 3, 1));
    report({}, rules, "paris@x");
    EXPECT_THAT(ids(), ElementsAre(5, 4, 1)) << "of who has reported most";
}

TEST_F(ReportsStore, AgesAndGoesWithItsReporter) {
    archive("one", 1);
    report();
    report({}, {}, "romeo@x", "juliet@x");
    write([&](Connection& connection) { return stores.remove_account(connection, "juliet@x").existed; });
    EXPECT_THAT(ids(), ElementsAre(2)) << "what others say of her stays";
    EXPECT_EQ(write([](Connection& connection) { return Reports::forget_before(connection, second(100), 9); }), 0U);
    EXPECT_EQ(write([](Connection& connection) { return Reports::forget_before(connection, second(101), 9); }), 1U);
    EXPECT_THAT(ids(), ElementsAre());
    const auto left = read([](Connection& connection) {
        Rows rows = connection.query("SELECT count(*) FROM report_evidence");
        return rows.next() ? rows.integer(0) : -1;
    });
    EXPECT_EQ(left, 0);
}

}  // namespace
}  // namespace aldis::db::tests
