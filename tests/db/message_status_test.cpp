// What became of messages: own states, marks that hold for all before them, forgetting.
#include <map>
#include <random>

#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

using Kind = StatusEvent::Kind;

struct StatusStore : testing::Test, ByHand {
    static StatusEvent event(Kind kind, std::string id, std::int64_t at, std::string peer = "juliet@x") {
        return {.kind = kind, .owner = "romeo@x", .peer = std::move(peer), .id = std::move(id), .at = second(at)};
    }
    void apply(const std::vector<StatusEvent>& events) {
        write([&](Connection& connection) { MessageStatus::apply(connection, events); });
    }
    std::optional<MessageState> find(std::string_view id, std::string_view peer = "juliet@x") {
        return read([&](Connection& connection) { return MessageStatus::find(connection, "romeo@x", peer, id); });
    }
    std::vector<MessageState> page(std::size_t limit, std::string_view peer = "juliet@x") {
        return read([&](Connection& connection) { return MessageStatus::page(connection, "romeo@x", peer, limit); });
    }
    std::size_t forget(std::int64_t cutoff, std::size_t at_most) {
        return write(
            [&](Connection& connection) { return MessageStatus::forget_before(connection, second(cutoff), at_most); });
    }
    std::int64_t conversations() {
        return read([](Connection& connection) {
            Rows rows = connection.query("SELECT count(*) FROM message_conversations");
            return rows.next() ? rows.integer(0) : -1;
        });
    }
    std::string plan(Sql query) {
        return read([&](Connection& connection) {
            std::string plan;
            Rows rows = connection.query(query);
            while (rows.next()) plan.append(rows.text(3)).append("\n");
            return plan;
        });
    }
};

TEST_F(StatusStore, FollowsAMessage) {
    apply({event(Kind::sent, "a", 1)});
    EXPECT_EQ(find("a"), (MessageState{.id = "a", .sent = second(1)}));
    apply({event(Kind::delivered, "a", 2)});
    EXPECT_EQ(find("a"), (MessageState{.id = "a", .sent = second(1), .delivered = second(2)}));
    apply({event(Kind::displayed, "a", 3)});
    const MessageState seen{.id = "a", .sent = second(1), .delivered = second(2), .displayed = second(3)};
    EXPECT_EQ(find("a"), seen);
    apply({event(Kind::delivered, "a", 7), event(Kind::displayed, "a", 8)});
    EXPECT_EQ(find("a"), seen) << "a second device has seen it later";
    EXPECT_EQ(page(9), std::vector<MessageState>{seen});
    EXPECT_FALSE(find("b"));
    EXPECT_FALSE(find("a", "nurse@x"));
}

TEST_F(StatusStore, DisplayedHoldsForAllBefore) {
    apply({event(Kind::sent, "a", 1), event(Kind::sent, "b", 2), event(Kind::sent, "c", 3), event(Kind::sent, "d", 4),
           event(Kind::sent, "n", 5, "nurse@x"), event(Kind::delivered, "a", 6), event(Kind::displayed, "b", 10),
           event(Kind::displayed, "c", 20)});
    EXPECT_EQ(find("a")->delivered, second(6));
    EXPECT_EQ(find("a")->displayed, second(10));
    EXPECT_EQ(find("b")->displayed, second(10));
    EXPECT_EQ(find("b")->delivered, second(10)) << "what was displayed was delivered";
    EXPECT_EQ(find("c")->displayed, second(20));
    EXPECT_FALSE(find("d")->displayed);
    EXPECT_FALSE(find("d")->delivered);
    EXPECT_FALSE(find("n", "nurse@x")->displayed);
    apply({event(Kind::displayed, "a", 30)});
    EXPECT_EQ(find("a")->displayed, second(10)) << "known already";
}

TEST_F(StatusStore, DeliveredUpToHoldsForAllBefore) {
    apply({event(Kind::sent, "a", 1), event(Kind::sent, "b", 2), event(Kind::sent, "c", 3),
           event(Kind::delivered_to, "b", 10)});
    EXPECT_EQ(find("a")->delivered, second(10));
    EXPECT_EQ(find("b")->delivered, second(10));
    EXPECT_FALSE(find("c")->delivered);
    EXPECT_FALSE(find("a")->displayed);
    apply({event(Kind::delivered_to, "a", 20)});
    EXPECT_EQ(find("a")->delivered, second(10));
}

TEST_F(StatusStore, IgnoresWhatIsSaidAboutMessagesItDoesNotKnow) {
    const std::string long_id(MessageStatus::longest_id + 1, 'x');
    apply({event(Kind::delivered, "a", 1), event(Kind::displayed, "a", 1), event(Kind::sent, "", 2),
           event(Kind::sent, long_id, 3)});
    EXPECT_EQ(conversations(), 0);
    apply({event(Kind::sent, "b", 4), event(Kind::displayed, "a", 5)});
    EXPECT_FALSE(find("a"));
    EXPECT_FALSE(find("b")->displayed);
}

TEST_F(StatusStore, TheLastOfSeveralMessagesWithOneIdCounts) {
    apply({event(Kind::sent, "1", 1), event(Kind::delivered, "1", 2), event(Kind::sent, "1", 3)});
    EXPECT_EQ(find("1"), (MessageState{.id = "1", .sent = second(3)}));
    apply({event(Kind::delivered, "1", 4)});
    EXPECT_EQ(find("1")->delivered, second(4));
    EXPECT_EQ(page(9)[1].delivered, second(2));
}

TEST_F(StatusStore, ItsOrderIsThatOfTheEventsThoughTheClockGoesBack) {
    apply({event(Kind::sent, "a", 100), event(Kind::sent, "b", 100)});
    apply({event(Kind::sent, "c", 50), event(Kind::displayed, "b", 101)});
    std::vector<std::string> ids;
    for (const MessageState& message : page(9)) ids.push_back(message.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"c", "b", "a"}));
    EXPECT_TRUE(find("a")->displayed);
    EXPECT_FALSE(find("c")->displayed);
    EXPECT_EQ(page(1).size(), 1U);
}

TEST_F(StatusStore, TellsIdsWithOneHashApart) {
    apply(
        {event(Kind::sent, "costarring", 1), event(Kind::sent, "liquid", 2), event(Kind::delivered, "costarring", 3)});
    EXPECT_EQ(find("costarring")->delivered, second(3)) << "their FNV-1a is the same";
    EXPECT_FALSE(find("liquid")->delivered);
}

/// Against the plain rule, told by hand: an event changes every message that it is about.
TEST_F(StatusStore, SaysWhatUpdatingEveryRowWouldSay) {
    constexpr int messages = 60;
    std::mt19937 random{7};
    std::vector<MessageState> plain;
    std::vector<StatusEvent> events;
    std::int64_t now = 1'000;
    for (int number = 0; number < messages; ++number) {
        const std::string id = "m" + std::to_string(number);
        events.push_back(event(Kind::sent, id, ++now));
        plain.push_back({.id = id, .sent = second(now)});
        for (unsigned extra = random() % 4; extra > 0; --extra) {
            const std::size_t about = random() % plain.size();
            const Kind kind = std::array{Kind::delivered, Kind::delivered_to, Kind::displayed}[random() % 3];
            events.push_back(event(kind, plain[about].id, ++now));
            for (std::size_t index = kind == Kind::delivered ? about : 0; index <= about; ++index) {
                if (!plain[index].delivered) plain[index].delivered = second(now);
                if (kind == Kind::displayed && !plain[index].displayed) plain[index].displayed = second(now);
            }
        }
    }
    apply(events);
    const std::vector<MessageState> newest_first(plain.rbegin(), plain.rend());
    EXPECT_EQ(page(messages), newest_first);
    for (const MessageState& message : plain) EXPECT_EQ(find(message.id), message) << message.id;
}

TEST_F(StatusStore, ForgetsTheOldBitByBit) {
    std::vector<StatusEvent> events{event(Kind::sent, "n", 100, "nurse@x")};
    for (int number = 0; number < 5; ++number)
        events.push_back(event(Kind::sent, std::to_string(number), 100 + number));
    events.push_back(event(Kind::displayed, "4", 200));
    apply(events);
    EXPECT_EQ(conversations(), 2);
    EXPECT_EQ(forget(104, 3), 3U);
    EXPECT_EQ(forget(104, 3), 2U);
    EXPECT_EQ(forget(104, 3), 0U);
    EXPECT_EQ(page(9).size(), 1U);
    EXPECT_TRUE(find("4")->displayed);
    EXPECT_EQ(conversations(), 1) << "a conversation goes with its last message";
}

TEST_F(StatusStore, RemovedOwnersGoBitByBit) {
    apply({event(Kind::sent, "a", 1), event(Kind::sent, "b", 2), event(Kind::sent, "n", 3, "nurse@x")});
    write([](Connection& connection) {
        MessageStatus::apply(
            connection, std::vector<StatusEvent>{{.owner = "juliet@x", .peer = "romeo@x", .id = "j", .at = second(4)}});
        MessageStatus::remove_owner(connection, "romeo@x");
    });
    EXPECT_FALSE(find("a"));
    EXPECT_TRUE(page(9).empty());
    apply({event(Kind::sent, "new", 9)});
    EXPECT_EQ(page(9).size(), 1U) << "the same address, added again";
    const auto purge = [this] {
        return write([](Connection& connection) { return MessageStatus::purge(connection, 2); });
    };
    EXPECT_EQ(purge(), 2U);
    EXPECT_EQ(purge(), 1U);
    EXPECT_EQ(purge(), 0U);
    EXPECT_EQ(conversations(), 2);
    EXPECT_TRUE(find("new"));
}

TEST_F(StatusStore, LooksAtNoMoreThanOneRow) {
    EXPECT_THAT(plan("EXPLAIN QUERY PLAN SELECT displayed_to FROM message_status WHERE conversation = 1"
                     " AND displayed_to IS NOT NULL AND at >= 2 ORDER BY at LIMIT 1"),
                testing::AllOf(testing::HasSubstr("message_status_displayed (conversation=? AND rowid>?)"),
                               testing::Not(testing::HasSubstr("TEMP B-TREE"))));
    EXPECT_THAT(plan("EXPLAIN QUERY PLAN SELECT delivered_to FROM message_status WHERE conversation = 1"
                     " AND delivered_to IS NOT NULL AND at >= 2 ORDER BY at LIMIT 1"),
                testing::HasSubstr("message_status_delivered (conversation=? AND rowid>?)"));
    EXPECT_THAT(plan("EXPLAIN QUERY PLAN SELECT coalesce(max(at), -1) FROM message_status WHERE conversation = 1"
                     " AND displayed_to IS NOT NULL"),
                testing::HasSubstr("message_status_displayed (conversation=?)"));
    EXPECT_THAT(plan("EXPLAIN QUERY PLAN SELECT at, id FROM message_status WHERE conversation = 1 AND hash = 2"
                     " ORDER BY at DESC LIMIT 8"),
                testing::AllOf(testing::HasSubstr("message_status_by_hash (conversation=? AND hash=?)"),
                               testing::Not(testing::HasSubstr("TEMP B-TREE"))));
    EXPECT_THAT(plan("EXPLAIN QUERY PLAN SELECT at, id, delivered, delivered_to, displayed_to FROM message_status"
                     " WHERE conversation = 1 ORDER BY at DESC LIMIT 5"),
                testing::AllOf(testing::HasSubstr("message_status_by_conversation (conversation=?)"),
                               testing::Not(testing::HasSubstr("TEMP B-TREE"))));
}

}  // namespace
}  // namespace aldis::db::tests
