// Nodes and items: what is put in comes out, in the order that was asked for.
#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

constexpr std::string_view service = "romeo@x";
constexpr std::string_view node = "urn:example:plays";

struct PubsubStore : testing::Test, ByHand {
    PubsubStore() {
        Unit unit;
        Pubsub::add_node(unit, service,
                         {.name = std::string{node},
                          .creator = "romeo@x",
                          .created_at = second(1),
                          .config = "title\x1fPlays\x1f",
                          .affiliations = {{"juliet@x", Affiliation::member}}});
        commit(std::move(unit));
    }

    std::shared_ptr<const PubsubStored> put(std::string id, int at, PubsubRoom room = {.items = 10},
                                            std::optional<Timestamp> expires = {}) {
        Unit unit;
        auto stored = Pubsub::put_item(unit, service, node,
                                       {.id = std::move(id),
                                        .publisher = "romeo@x",
                                        .payload = "<a/>",
                                        .created_at = second(at),
                                        .at = second(at)},
                                       expires, room);
        commit(std::move(unit));
        return stored;
    }
    std::string ids(const PubsubQuery& query, int now = 0) {
        const auto page =
            read([&](Connection& connection) { return Pubsub::items(connection, service, node, query, second(now)); });
        if (!page) return "nothing";
        std::string found;
        for (const PubsubItem& item : page->items) found += item.id;
        return found + " " + std::to_string(page->index) + "/" + std::to_string(page->count);
    }
    std::vector<PubsubNode> nodes() {
        return read([](Connection& connection) { return Pubsub::load(connection, service); });
    }
};

TEST_F(PubsubStore, KeepsNodesWithWhoBelongsToThem) {
    Unit unit;
    Pubsub::set_config(unit, service, node, "new");
    Pubsub::set_affiliation(unit, service, node, {"nurse@x", Affiliation::outcast});
    Pubsub::put_subscription(unit, service, node, {.jid = "juliet@x/balcony", .pending = true, .options = "o"});
    commit(std::move(unit));
    ASSERT_EQ(nodes().size(), 1U);
    const PubsubNode found = nodes()[0];
    EXPECT_EQ(found.name, node);
    EXPECT_EQ(found.config, "new");
    EXPECT_EQ(found.created_at, second(1));
    EXPECT_EQ(found.affiliations,
              (std::vector<PubsubAffiliation>{{"juliet@x", Affiliation::member}, {"nurse@x", Affiliation::outcast}}));
    EXPECT_EQ(found.subscriptions,
              (std::vector<PubsubSubscription>{{.jid = "juliet@x/balcony", .pending = true, .options = "o"}}));

    Unit less;
    Pubsub::set_affiliation(less, service, node, {"juliet@x", Affiliation::none});
    Pubsub::remove_subscription(less, service, node, "juliet@x/balcony");
    commit(std::move(less));
    EXPECT_EQ(nodes()[0].affiliations.size(), 1U);
    EXPECT_TRUE(nodes()[0].subscriptions.empty());
}

TEST_F(PubsubStore, FailsTheUnitThatWritesToANodeThatIsNotThere) {
    Unit unit;
    Pubsub::put_item(unit, service, "none", {.id = "a"}, {}, {});
    commit(std::move(unit));
    EXPECT_EQ(notes.failures().size(), 1U);
}

// The example of XEP-0413 "Using Order-By with RSM": C is overwritten, then A.
TEST_F(PubsubStore, PagesInEachOrder) {
    for (const char* id : {"A", "B", "C", "D", "C", "A"}) put(id, 2);
    EXPECT_EQ(ids({.limit = 2}), "BD 0/4");
    EXPECT_EQ(ids({.limit = 2, .after = "D"}), "CA 2/4");
    EXPECT_EQ(ids({.by_creation = true, .limit = 9}), "ABCD 0/4");
    EXPECT_EQ(ids({.by_creation = true, .descending = true, .limit = 2}), "DC 0/4");
    EXPECT_EQ(ids({.by_creation = true, .descending = true, .limit = 2, .after = "C"}), "BA 2/4");
    EXPECT_EQ(ids({.descending = true, .limit = 3}), "ACD 0/4");
    EXPECT_EQ(ids({.limit = 2, .before = ""}), "CA 2/4");
    EXPECT_EQ(ids({.limit = 2, .before = "C"}), "BD 0/4");
    EXPECT_EQ(ids({.limit = 2, .before = "D"}), "B 0/4");
    EXPECT_EQ(ids({.limit = 2, .index = 3}), "A 3/4");
    EXPECT_EQ(ids({.limit = 9, .bytes = 9}), "BD 0/4");
    EXPECT_EQ(ids({.limit = 9, .bytes = 9, .before = ""}), "CA 2/4");
    EXPECT_EQ(ids({.limit = 9, .bytes = 1}), "B 0/4");
    EXPECT_EQ(ids({.by_creation = true, .descending = true, .limit = 2, .before = ""}), "BA 2/4");
    EXPECT_EQ(ids({.limit = 0}), " 0/4");
    EXPECT_EQ(ids({.limit = 2, .after = "Z"}), "nothing");
}

TEST_F(PubsubStore, KeepsTheDateOfCreation) {
    put("A", 2);
    put("A", 7);
    const auto item =
        read([](Connection& connection) { return Pubsub::item(connection, service, node, "A", second(0)); });
    ASSERT_TRUE(item);
    EXPECT_EQ(item->created_at, second(2));
    EXPECT_EQ(item->at, second(7));
    EXPECT_EQ(item->payload, "<a/>");
}

TEST_F(PubsubStore, MakesRoomOrRefuses) {
    put("A", 2);
    put("B", 3);
    EXPECT_EQ(put("C", 4, {.items = 2})->removed, std::vector<std::string>{"A"});
    EXPECT_TRUE(put("D", 5, {.items = 2, .refuse = true})->full);
    EXPECT_FALSE(put("B", 6, {.items = 2, .refuse = true})->full);
    EXPECT_EQ(ids({.limit = 9}), "CB 0/2");
    const auto last = read([](Connection& connection) { return Pubsub::last(connection, service, node, second(0)); });
    ASSERT_TRUE(last);
    EXPECT_EQ(last->id, "B");
}

TEST_F(PubsubStore, LetsItemsExpire) {
    put("A", 2, {.items = 10}, second(5));
    put("B", 3);
    EXPECT_EQ(ids({.limit = 9}, 4), "AB 0/2");
    EXPECT_EQ(ids({.limit = 9}, 5), "B 0/1");
    EXPECT_EQ(write([](Connection& connection) { return Pubsub::expire(connection, second(5), 100); }), 1U);
    EXPECT_EQ(ids({.limit = 9}), "B 0/1");

    Unit unit;
    Pubsub::trim(unit, service, node, 10, std::chrono::seconds{10});
    commit(std::move(unit));
    EXPECT_EQ(ids({.limit = 9}, 12), "B 0/1");
    EXPECT_EQ(ids({.limit = 9}, 13), " 0/0");
}

TEST_F(PubsubStore, RemovesItemsAndNodes) {
    put("A", 2);
    put("B", 3);
    Unit one;
    Pubsub::remove_item(one, service, node, "A");
    commit(std::move(one));
    EXPECT_EQ(ids({.limit = 9}), "B 0/1");
    Unit all;
    Pubsub::remove_items(all, service, node);
    commit(std::move(all));
    EXPECT_EQ(ids({.limit = 9}), " 0/0");
    Unit gone;
    Pubsub::remove_node(gone, service, node);
    commit(std::move(gone));
    EXPECT_TRUE(nodes().empty());
}

TEST_F(PubsubStore, ForgetsAnAccountAlsoAtOthers) {
    put("A", 2);
    Unit unit;
    Pubsub::put_subscription(unit, service, node, {.jid = "juliet@x/balcony"});
    commit(std::move(unit));
    write([this](Connection& connection) { stores.pubsub.remove_owner(connection, "juliet@x"); });
    EXPECT_EQ(stores.pubsub.removals(), 1U);
    EXPECT_TRUE(nodes()[0].affiliations.empty());
    EXPECT_TRUE(nodes()[0].subscriptions.empty());
    write([this](Connection& connection) { stores.pubsub.remove_owner(connection, service); });
    EXPECT_TRUE(nodes().empty());
    EXPECT_EQ(ids({.limit = 9}), " 0/0");
}

TEST_F(PubsubStore, RemovesNodesOfAServiceWithTheLastWhoOwnsThem) {
    constexpr std::string_view domain = "pubsub.x";
    Unit unit;
    const PubsubAffiliation juliet{"juliet@x", Affiliation::owner};
    const PubsubAffiliation nurse{"nurse@x", Affiliation::owner};
    Pubsub::add_node(unit, domain, {.name = "a", .creator = "juliet@x", .affiliations = {juliet}});
    Pubsub::add_node(unit, domain, {.name = "b", .creator = "juliet@x", .affiliations = {juliet, nurse}});
    Pubsub::set_affiliation(unit, service, node, juliet);
    commit(std::move(unit));
    const auto left = [&] { return read([&](Connection& connection) { return Pubsub::load(connection, domain); }); };
    write([this](Connection& connection) { stores.pubsub.remove_owner(connection, "juliet@x"); });
    ASSERT_EQ(left().size(), 1U);
    EXPECT_EQ(left()[0].affiliations, std::vector{nurse});
    EXPECT_EQ(nodes().size(), 1U) << "that of an account stays";
    write([this](Connection& connection) { stores.pubsub.remove_owner(connection, "nurse@x"); });
    EXPECT_TRUE(left().empty());
}

}  // namespace
}  // namespace aldis::db::tests
