// Blocks, reports, and who may know what: what is kept of each, and what makes room.
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

struct LastActivityStore : testing::Test, ByHand {};

TEST_F(LastActivityStore, KeepsWhoMayKnow) {
    const auto find = [&](std::string_view owner) {
        return read([&](Connection& connection) { return LastActivity::find_privacy(connection, owner); });
    };
    EXPECT_FALSE(find("juliet@x"));
    const LastSeenPrivacy listed{.visible = LastSeenPrivacy::Visible::listed, .list = {"romeo@x", "y.example"}};
    Unit unit;
    LastActivity::put_privacy(unit, "juliet@x", {.visible = LastSeenPrivacy::Visible::nobody});
    LastActivity::put_privacy(unit, "juliet@x", listed);
    commit(std::move(unit));
    EXPECT_EQ(find("juliet@x"), listed);
    write([&](Connection& connection) { return stores.remove_account(connection, "juliet@x").existed; });
    EXPECT_FALSE(find("juliet@x"));
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

struct QuarantineStore : testing::Test, ByHand {
    void hold(std::string_view sender, std::string stanza, std::int64_t at, bool request = false,
              std::string_view owner = "juliet@x") {
        Unit unit;
        Quarantine::hold(unit, owner, sender, request, second(at), make_bytes(std::move(stanza)));
        commit(std::move(unit));
    }
    std::vector<std::string> load(std::string_view sender, std::int64_t after = 0) {
        std::vector<std::string> stanzas;
        for (const HeldStanza& each :
             read([&](Connection& connection) { return Quarantine::load(connection, "juliet@x", sender, after, 100); }))
            stanzas.push_back(each.stanza);
        return stanzas;
    }
    std::vector<std::string> known() {
        return read([](Connection& connection) { return Quarantine::acquaintances(connection, "juliet@x"); });
    }
    void add(std::vector<std::string> addresses, std::int64_t at) {
        Unit unit;
        Quarantine::add_acquaintances(unit, "juliet@x", std::move(addresses), second(at), 3);
        commit(std::move(unit));
    }
};

TEST_F(QuarantineStore, KeepsStanzasInOrder) {
    hold("a@y", "one", 1);
    hold("b@y", "ask", 2, true);
    hold("a@y", "two", 3);
    hold("a@y", "not hers", 3, false, "romeo@x");
    EXPECT_THAT(load("a@y"), ElementsAre("one", "two"));
    EXPECT_THAT(load("a@y", 1), ElementsAre("two"));
    EXPECT_THAT(load(""), ElementsAre("one", "ask", "two"));
    const auto senders = read([](Connection& connection) { return Quarantine::senders(connection, "juliet@x"); });
    ASSERT_EQ(senders.size(), 2U);
    EXPECT_EQ(senders[0].sender, "a@y");
    EXPECT_EQ(senders[0].messages, 2U);
    EXPECT_EQ(senders[0].bytes, 6U);
    EXPECT_FALSE(senders[0].request);
    EXPECT_EQ(senders[0].since, second(1));
    EXPECT_EQ(senders[1].messages, 0U);
    EXPECT_TRUE(senders[1].request);
    EXPECT_THAT(read([](Connection& connection) { return Quarantine::owners(connection, "", 9); }),
                ElementsAre("juliet@x", "romeo@x"));
}

TEST_F(QuarantineStore, RemovesOneOrAllOfASender) {
    hold("a@y", "one", 1);
    hold("a@y", "two", 2);
    hold("a@y", "three", 3);
    hold("b@y", "four", 4);
    Unit unit;
    Quarantine::remove(unit, 2);
    commit(std::move(unit));
    EXPECT_THAT(load(""), ElementsAre("one", "three", "four"));
    Unit up_to;
    Quarantine::remove_up_to(up_to, "juliet@x", "a@y", 1);
    commit(std::move(up_to));
    EXPECT_THAT(load(""), ElementsAre("three", "four"));
    Unit all;
    Quarantine::remove_sender(all, "juliet@x", "b@y");
    commit(std::move(all));
    EXPECT_THAT(load(""), ElementsAre("three"));
}

TEST_F(QuarantineStore, ForgetsWhatIsOld) {
    hold("a@y", "one", 1);
    hold("a@y", "two", 2);
    hold("a@y", "three", 3);
    const auto forget = [&](std::size_t limit) {
        return write([&](Connection& connection) { return Quarantine::forget_before(connection, second(3), limit); });
    };
    EXPECT_EQ(forget(1), 1U);
    EXPECT_EQ(forget(9), 1U);
    EXPECT_THAT(load(""), ElementsAre("three"));
}

TEST_F(QuarantineStore, TheOldestAcquaintanceMakesRoom) {
    add({"a@y", "b@y"}, 1);
    add({"c@y"}, 2);
    add({"a@y"}, 3);
    add({"d@y"}, 4);
    EXPECT_THAT(known(), ElementsAre("c@y", "a@y", "d@y"));
}

TEST_F(QuarantineStore, GoesWithItsOwner) {
    hold("a@y", "one", 1);
    add({"a@y"}, 1);
    write([&](Connection& connection) { return stores.remove_account(connection, "juliet@x").existed; });
    EXPECT_THAT(load(""), ElementsAre());
    EXPECT_THAT(known(), ElementsAre());
}

}  // namespace
}  // namespace aldis::db::tests
