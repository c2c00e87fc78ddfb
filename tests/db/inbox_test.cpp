// The inbox: what is counted, what is read, pages, and that it follows the archive.
#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

using testing::ElementsAre;

struct InboxStore : testing::Test, ByHand {
    struct Sent {
        std::string_view with = "juliet@x";
        std::string_view key = {};
        bool outgoing = false;
        std::uint8_t kind = Inbox::message;
    };
    /// Appends to Romeo's archive, and counts it if it is a message.
    ArchiveId append(const Sent& sent, std::string_view owner = "romeo@x") {
        Unit unit;
        const ArchiveId id = add(unit, sent, owner);
        commit(std::move(unit));
        return id;
    }
    ArchiveId add(Unit& unit, const Sent& sent, std::string_view owner = "romeo@x") {
        const ArchiveId id = stores.archive.append(unit, owner,
                                                   {.with = sent.with,
                                                    .at = second(++now),
                                                    .stanza = make_bytes("<m" + std::to_string(now) + "/>"),
                                                    .dedup_key = sent.key,
                                                    .outgoing = sent.outgoing,
                                                    .kind = sent.kind});
        if (sent.kind == Inbox::message) Inbox::count(unit, stores.archive, id);
        return id;
    }
    template <class What>
    void displayed(What what, std::string_view with = "juliet@x") {
        Unit unit;
        Inbox::displayed(unit, "romeo@x", with, what);
        commit(std::move(unit));
    }
    void retract(std::string_view key, bool outgoing = false) {
        Unit unit;
        Archive::retract(unit, "romeo@x", "juliet@x", key,
                         [outgoing](const ArchivedMessage& entry) -> std::optional<std::string> {
                             if (entry.outgoing != outgoing || entry.stanza == "<gone/>") return std::nullopt;
                             return "<gone/>";
                         });
        commit(std::move(unit));
    }
    InboxPage page(const InboxRange& range = {}, std::string_view owner = "romeo@x") {
        return read([&](Connection& connection) { return Inbox::page(connection, owner, range); });
    }
    std::uint64_t unread() { return page().unread; }
    static std::vector<std::string> peers_of(const InboxPage& page) {
        std::vector<std::string> peers;
        for (const Conversation& entry : page.entries) peers.push_back(entry.peer);
        return peers;
    }
    std::int64_t rows() {
        return read([](Connection& connection) {
            Rows counted = connection.query("SELECT count(*) FROM inbox");
            return counted.next() ? counted.integer(0) : -1;
        });
    }

    std::int64_t now = 1'000;
};

TEST_F(InboxStore, IsEmptyAtFirst) {
    const InboxPage empty = page({}, "nobody@x");
    EXPECT_TRUE(empty.entries.empty());
    EXPECT_EQ(empty.total, 0U);
    displayed("nothing");
    displayed(ArchiveId{5});
    EXPECT_EQ(rows(), 0);
}

TEST_F(InboxStore, HasTheLastMessageOfEachConversationTheNewestFirst) {
    append({.with = "juliet@x"});
    append({.with = "nurse@x"});
    const ArchiveId last = append({.with = "juliet@x"});
    append({.with = "juliet@x"}, "other@x");
    const InboxPage found = page();
    EXPECT_THAT(peers_of(found), ElementsAre("juliet@x", "nurse@x"));
    EXPECT_EQ(found.entries[0].last, last);
    EXPECT_EQ(found.entries[0].latest, last);
    EXPECT_EQ(found.entries[0].unread, 2U);
    EXPECT_EQ(found.entries[0].message->stanza, "<m1003/>");
    EXPECT_EQ(found.entries[1].unread, 1U);
    EXPECT_EQ(found.total, 2U);
    EXPECT_EQ(found.count, 2U);
    EXPECT_EQ(found.active, 2U);
    EXPECT_EQ(found.unread, 3U);
    EXPECT_EQ(page({}, "other@x").unread, 1U);
}

TEST_F(InboxStore, WhatTheOwnerSendsIsNeitherUnreadNorReadsAnything) {
    append({});
    const ArchiveId mine = append({.outgoing = true});
    const InboxPage found = page();
    EXPECT_EQ(found.entries.at(0).last, mine);
    EXPECT_TRUE(found.entries[0].message->outgoing);
    EXPECT_EQ(found.entries[0].unread, 1U);
}

TEST_F(InboxStore, WhatIsNoMessageOnlyMovesTheLatestId) {
    const ArchiveId last = append({});
    const ArchiveId receipt = append({.kind = 0});
    const InboxPage found = page();
    EXPECT_EQ(found.entries.at(0).last, last);
    EXPECT_EQ(found.entries[0].latest, receipt);
    EXPECT_EQ(found.unread, 1U);
    append({.with = "nurse@x", .kind = 0});
    EXPECT_EQ(page().total, 1U);
}

TEST_F(InboxStore, DisplayedReadsThatMessageAndThoseBeforeIt) {
    append({.key = "a"});
    append({.key = "b"});
    append({.key = "c"});
    append({.key = "receipt", .kind = 0});
    append({.key = "mine", .outgoing = true});
    append({.with = "nurse@x", .key = "a"});
    displayed("b");
    EXPECT_EQ(page().entries.at(1).unread, 1U);
    displayed("a");
    EXPECT_EQ(page().entries.at(1).unread, 1U) << "it never goes back";
    displayed("mine");
    displayed("none");
    displayed("");
    EXPECT_EQ(page().entries.at(1).unread, 1U) << "no message of hers";
    displayed("c");
    EXPECT_EQ(page().entries.at(1).unread, 0U);
    EXPECT_EQ(unread(), 1U) << "the nurse's";
    append({.key = "d"});
    EXPECT_EQ(unread(), 2U);
}

TEST_F(InboxStore, DisplayedById) {
    const ArchiveId first = append({});
    append({});
    const ArchiveId mine = append({.outgoing = true});
    append({});
    const ArchiveId nurses = append({.with = "nurse@x"});
    displayed(nurses);
    displayed(ArchiveId{first.number() + 1});
    EXPECT_EQ(unread(), 4U) << "another conversation's, and nobody's";
    displayed(first);
    EXPECT_EQ(unread(), 3U);
    displayed(mine);
    EXPECT_EQ(unread(), 2U) << "XEP-0490: ids of sent messages are a valid point in the history";
    displayed(nurses, "nurse@x");
    EXPECT_EQ(unread(), 1U);
}

TEST_F(InboxStore, ReadsFromBothEndsOfWhatIsUnread) {
    std::vector<ArchiveId> ids;
    Unit unit;
    for (std::size_t more = 0; more < 3 * Inbox::walk_limit; ++more) ids.push_back(add(unit, {}));
    commit(std::move(unit));
    displayed(ids[ids.size() / 2]);
    EXPECT_EQ(unread(), ids.size()) << "too far from both";
    displayed(ids[9]);
    EXPECT_EQ(unread(), ids.size() - 10);
    displayed(ids[ids.size() - 11]);
    EXPECT_EQ(unread(), 10U);
    displayed(ids.back());
    EXPECT_EQ(unread(), 0U);
}

TEST_F(InboxStore, ARetractedMessageIsShownAsItsTombstoneAndIsNotUnread) {
    append({.key = "a"});
    append({.key = "b"});
    const ArchiveId last = append({.key = "c"});
    displayed("a");
    retract("c");
    InboxPage found = page();
    EXPECT_EQ(found.entries.at(0).last, last);
    EXPECT_EQ(found.entries[0].message->stanza, "<gone/>");
    EXPECT_EQ(found.unread, 1U);
    retract("c");
    retract("a");
    EXPECT_EQ(unread(), 1U) << "it is gone already, and it was read";
    append({.key = "d"});
    displayed("b");
    EXPECT_EQ(unread(), 1U) << "the tombstone is nothing to be read";
    retract("d");
    EXPECT_EQ(unread(), 0U);
}

TEST_F(InboxStore, ARetractionOfWhatTheOwnerHasSentLeavesTheCount) {
    append({.key = "a"});
    append({.key = "mine", .outgoing = true});
    retract("mine", true);
    EXPECT_EQ(unread(), 1U);
    EXPECT_EQ(page().entries.at(0).message->stanza, "<gone/>");
}

TEST_F(InboxStore, CountsAndReadsInOneTransaction) {
    Unit unit;
    add(unit, {.key = "a"});
    Inbox::displayed(unit, "romeo@x", "juliet@x", "a");
    add(unit, {.key = "b"});
    Archive::retract(unit, "romeo@x", "juliet@x", "b", [](const ArchivedMessage&) { return "<gone/>"; });
    add(unit, {.key = "c"});
    commit(std::move(unit));
    EXPECT_EQ(unread(), 1U);
}

TEST_F(InboxStore, WhatIsCommittedLateDoesNotMoveAConversationBack) {
    Unit early;
    add(early, {.outgoing = true});
    const ArchiveId last = append({});
    commit(std::move(early));
    EXPECT_EQ(page().entries.at(0).last, last);
    EXPECT_EQ(unread(), 1U);
}

TEST_F(InboxStore, NothingIsCountedTwiceWhenANeighbourFails) {
    Unit good;
    add(good, {});
    Unit poisoned;
    add(poisoned, {});
    poisoned.add([](Connection&) { throw std::runtime_error{"poison"}; });
    stores.database.submit(std::move(good), notes);
    commit(std::move(poisoned));
    EXPECT_EQ(unread(), 1U);
    EXPECT_EQ(page().entries.at(0).message->stanza, "<m1001/>");
}

TEST_F(InboxStore, FollowsRetention) {
    append({.with = "nurse@x", .key = "n"});
    append({.key = "a"});
    append({.key = "b"});
    append({.key = "c"});
    displayed("a");
    const auto forget_first = [this](std::size_t count) {
        write([=](Connection& connection) { Archive::forget_before(connection, second(9'000), count); });
    };
    forget_first(1);
    EXPECT_THAT(peers_of(page()), ElementsAre("juliet@x")) << "nothing is left of the nurse's";
    EXPECT_EQ(unread(), 2U);
    forget_first(1);
    EXPECT_EQ(unread(), 2U) << "it was read";
    forget_first(1);
    EXPECT_EQ(unread(), 1U);
    forget_first(1);
    EXPECT_EQ(rows(), 0);
}

TEST_F(InboxStore, GoesWithItsOwner) {
    append({});
    append({.with = "nurse@x"});
    append({}, "other@x");
    write([this](Connection& connection) { stores.add_account(connection, "romeo@x", "", second(1)); });
    EXPECT_EQ(page().total, 0U);
    append({});
    EXPECT_EQ(page().total, 1U);
    write([](Connection& connection) { Archive::purge(connection, 100); });
    EXPECT_EQ(rows(), 2);
    EXPECT_EQ(page({}, "other@x").total, 1U);
}

struct InboxPages : InboxStore {
    InboxPages() {
        for (int peer = 0; peer < 10; ++peer) {
            const std::string with = "p" + std::to_string(peer) + "@x";
            lasts.push_back(append({.with = with, .outgoing = peer % 2 == 0}));
        }
        std::ranges::reverse(lasts);
    }
    std::vector<ArchiveId> lasts;  ///< p9 to p0
};

TEST_F(InboxPages, GoForwardFromTheNewest) {
    InboxPage found = page({.max = 4});
    EXPECT_THAT(peers_of(found), ElementsAre("p9@x", "p8@x", "p7@x", "p6@x"));
    EXPECT_EQ(found.index, 0U);
    EXPECT_EQ(found.count, 10U);
    found = page({.after = found.entries.back().last, .max = 4});
    EXPECT_THAT(peers_of(found), ElementsAre("p5@x", "p4@x", "p3@x", "p2@x"));
    EXPECT_EQ(found.index, 4U);
    found = page({.after = found.entries.back().last, .max = 4});
    EXPECT_THAT(peers_of(found), ElementsAre("p1@x", "p0@x"));
    found = page({.after = found.entries.back().last, .max = 4});
    EXPECT_TRUE(found.entries.empty());
    EXPECT_EQ(found.count, 10U);
}

TEST_F(InboxPages, GoBackwardFromTheOldest) {
    InboxPage found = page({.last_page = true, .max = 3});
    EXPECT_THAT(peers_of(found), ElementsAre("p2@x", "p1@x", "p0@x"));
    EXPECT_EQ(found.index, 7U);
    found = page({.before = found.entries.front().last, .max = 3});
    EXPECT_THAT(peers_of(found), ElementsAre("p5@x", "p4@x", "p3@x"));
    EXPECT_EQ(found.index, 4U);
    EXPECT_TRUE(page({.before = lasts.front(), .max = 3}).entries.empty());
}

TEST_F(InboxPages, GoOnThoughAConversationHasMoved) {
    const InboxPage first = page({.max = 2});
    append({.with = first.entries.back().peer});
    EXPECT_THAT(peers_of(page({.after = first.entries.back().last, .max = 2})), ElementsAre("p7@x", "p6@x"));
}

TEST_F(InboxPages, BeginAtAnIndex) {
    EXPECT_THAT(peers_of(page({.index = 8, .max = 5})), ElementsAre("p1@x", "p0@x"));
    EXPECT_TRUE(page({.index = 10}).entries.empty());
    EXPECT_TRUE(page({.index = ~std::uint64_t{0}}).entries.empty());
}

TEST_F(InboxPages, OfUnreadConversations) {
    InboxPage found = page({.unread_only = true, .max = 2});
    EXPECT_THAT(peers_of(found), ElementsAre("p9@x", "p7@x"));
    EXPECT_EQ(found.count, 5U);
    EXPECT_EQ(found.total, 10U);
    EXPECT_EQ(found.active, 5U);
    found = page({.unread_only = true, .after = lasts[1], .max = 1});
    EXPECT_THAT(peers_of(found), ElementsAre("p7@x"));
    EXPECT_EQ(found.index, 1U);
}

TEST_F(InboxPages, CanBeOfNumbersAlone) {
    const InboxPage found = page({.max = 0});
    EXPECT_TRUE(found.entries.empty());
    EXPECT_EQ(found.count, 10U);
    EXPECT_EQ(found.unread, 5U);
    EXPECT_FALSE(page({.messages = false}).entries.at(0).message);
}

TEST_F(InboxPages, EndWhereTheirMessagesBecomeTooLarge) {
    const std::size_t two = 2 * std::string_view{"<m1010/>"}.size();
    EXPECT_THAT(peers_of(page({.bytes = two})), ElementsAre("p9@x", "p8@x"));
    EXPECT_THAT(peers_of(page({.bytes = 1})), ElementsAre("p9@x"));
    const InboxPage last = page({.last_page = true, .bytes = two});
    EXPECT_THAT(peers_of(last), ElementsAre("p1@x", "p0@x"));
    EXPECT_EQ(last.index, 8U);
}

/// An inbox is one stretch of the table, and each message updates one row in place.
TEST_F(InboxStore, IsReadAndWrittenByTheNumberOfTheConversation) {
    read([](Connection& connection) {
        const auto plan = [](Rows rows) {
            std::vector<std::string> steps;
            while (rows.next()) steps.emplace_back(rows.text(3));
            return steps;
        };
        EXPECT_THAT(plan(connection.query("EXPLAIN QUERY PLAN SELECT conversation, last, unread FROM inbox"
                                          " WHERE conversation >= 1 AND conversation < 2")),
                    ElementsAre("SEARCH inbox USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"));
        EXPECT_THAT(plan(connection.query("EXPLAIN QUERY PLAN UPDATE inbox SET last = CASE WHEN last < 1 THEN 1"
                                          " ELSE last END, unread = unread + 1"
                                          " WHERE conversation = 3")),
                    ElementsAre("SEARCH inbox USING INTEGER PRIMARY KEY (rowid=?)"));
        EXPECT_THAT(plan(connection.query("EXPLAIN QUERY PLAN SELECT jid, (SELECT max(id) FROM archive WHERE"
                                          " owner = 1 AND peer = 2) FROM archive_peers WHERE id = 2")),
                    ElementsAre("SEARCH archive_peers USING INTEGER PRIMARY KEY (rowid=?)", "SCALAR SUBQUERY 1",
                                "SEARCH archive USING COVERING INDEX archive_by_peer (owner=? AND peer=?)"));
    });
}

TEST(InboxUpgrade, WhatWasThereBeforeIsReadAndListed) {
    const Folder folder;
    {
        const std::vector<Schema> schemas{{"archive", Archive::migrations}};
        Database database{by_hand(folder), schemas};
        database.write_now([](Connection& connection) {
            connection.script(
                "INSERT INTO archive_owners (id, jid) VALUES (1, 'romeo@x');"
                "INSERT INTO archive_peers (id, jid) VALUES (7, 'juliet@x'), (8, 'nurse@x');"
                "INSERT INTO archive (id, owner, peer, flags, stanza) VALUES (1000, 1, 7, 0, '<a/>'),"
                " (1001, 1, 8, 0, '<b/>'), (1002, 1, 7, 0, '<c/>')");
        });
    }
    Stores stores{by_hand(folder)};
    const InboxPage page =
        stores.database.read_now([](Connection& connection) { return Inbox::page(connection, "romeo@x", {}); });
    ASSERT_EQ(page.entries.size(), 2U);
    EXPECT_EQ(page.entries[0].peer, "juliet@x");
    EXPECT_EQ(page.entries[0].message->stanza, "<c/>");
    EXPECT_EQ(page.unread, 0U);
}

}  // namespace
}  // namespace aldis::db::tests
