#include "modules/pubsub/last_reading.h"

#include "../db/fixture.h"
#include "modules/pubsub/config.h"
#include "read.h"

namespace aldis::modules::pubsub {
namespace {

using db::Affiliation;
using db::tests::ByHand;
using db::tests::second;
using xep::pubsub::AccessModel;
using xep::pubsub::SendLast;

NodeConfig config_with(AccessModel access, SendLast send = SendLast::on_sub_and_presence) {
    NodeConfig config = default_config(Kind::personal);
    config.access_model = access;
    config.roster_groups = {"Friends"};
    config.send_last = send;
    return config;
}

struct LastReading : ::testing::Test, ByHand {
    static void add_node(db::Unit& unit, const std::string& owner, const std::string& name, const NodeConfig& config,
                         Affiliation romeos = Affiliation::none) {
        db::Pubsub::add_node(unit, owner,
                             {.name = name,
                              .creator = owner,
                              .config = encode(config),
                              .affiliations = {{"romeo@a", romeos}},
                              .subscriptions = {}});
        for (const char* id : {"old", "new"})
            (void)db::Pubsub::put_item(unit, owner, name, {.id = id, .publisher = owner, .payload = "<x/>"}, {},
                                       {.items = 5});
    }
    static void know(db::Unit& unit, const std::string& owner, db::Subscription subscription,
                     std::vector<std::string> groups = {}) {
        db::Roster::put(
            unit, owner,
            {.contact = "romeo@a", .subscription = subscription, .groups = std::move(groups), .version = 1});
    }
    template <class... Arguments>
    void add_node(const std::string& owner, Arguments... arguments) {
        db::Unit unit;
        add_node(unit, owner, std::move(arguments)...);
        commit(std::move(unit));
    }
    template <class... Arguments>
    void know(const std::string& owner, Arguments... arguments) {
        db::Unit unit;
        know(unit, owner, std::move(arguments)...);
        commit(std::move(unit));
    }
    void block(const std::string& owner, const std::string& address) {
        db::Unit unit;
        db::Blocks::add(unit, owner, {address});
        commit(std::move(unit));
    }
    LastAnswer ask(std::vector<std::string> owners, Began began = Began::presence) {
        const LastQuestion question{.owners = std::move(owners),
                                    .nodes = std::make_shared<const NodeSet>(NodeSet{"mood", "tune"}),
                                    .to = jid("romeo@a/home"),
                                    .began = began,
                                    .now = second(100)};
        return read([&](db::Connection& connection) { return read_last(connection, question); });
    }
    std::string found(const std::string& owner, Began began = Began::presence) {
        std::string all;
        for (const LastFound& each : ask({owner}, began).found) all += each.node + ":" + each.item.id + " ";
        return all;
    }
};

TEST_F(LastReading, FindsTheLastItemsOfTheNodesThatAreWanted) {
    know("juliet@a", db::Subscription::both);
    add_node("juliet@a", "tune", config_with(AccessModel::presence));
    add_node("juliet@a", "mood", config_with(AccessModel::open));
    add_node("juliet@a", "geoloc", config_with(AccessModel::open));
    EXPECT_EQ(found("juliet@a"), "mood:new tune:new ");
    EXPECT_EQ(found("nurse@a"), "");
}

// XEP-0060 "Node Access Models", as they are for who is subscribed to the owner's presence, or says so
TEST_F(LastReading, LooksAtWhoMaySeeThem) {
    struct Case {
        AccessModel access;
        Affiliation affiliation;
        db::Subscription subscription;
        std::vector<std::string> groups;
        bool seen;
    };
    using enum AccessModel;
    constexpr auto both = db::Subscription::both;
    constexpr auto none = Affiliation::none;
    int number = 0;
    for (const Case& c : {Case{open, none, both, {}, true},
                          {presence, none, both, {}, true},
                          {presence, none, db::Subscription::from, {}, true},
                          {presence, none, db::Subscription::to, {}, false},
                          {presence, none, db::Subscription::none, {}, false},
                          {roster, none, both, {}, false},
                          {roster, none, both, {"Work"}, false},
                          {roster, none, both, {"Work", "Friends"}, true},
                          {whitelist, none, both, {"Friends"}, false},
                          {whitelist, Affiliation::member, both, {}, true},
                          {open, Affiliation::outcast, both, {}, false},
                          {authorize, none, both, {}, false}}) {
        const std::string owner = "owner" + std::to_string(++number) + "@a";
        know(owner, c.subscription, c.groups);
        add_node(owner, "tune", config_with(c.access), c.affiliation);
        EXPECT_EQ(found(owner) == "tune:new ", c.seen) << number;
    }
}

TEST_F(LastReading, FindsTheOwnersOwnWhateverTheAccess) {
    add_node("romeo@a", "tune", config_with(AccessModel::whitelist));
    block("romeo@a", "a");
    EXPECT_EQ(found("romeo@a"), "tune:new ");
}

TEST_F(LastReading, LeavesOutWhomTheOwnerBlocks) {
    int number = 0;
    for (const char* blocked : {"romeo@a", "romeo@a/home", "a", "romeo@a/phone"}) {
        const std::string owner = "owner" + std::to_string(++number) + "@a";
        know(owner, db::Subscription::both);
        add_node(owner, "tune", config_with(AccessModel::open));
        block(owner, blocked);
        EXPECT_EQ(found(owner), blocked == std::string_view{"romeo@a/phone"} ? "tune:new " : "") << blocked;
    }
}

// XEP-0060 "Sending the Last Published Item"
TEST_F(LastReading, SendsThemWhenTheNodeSaysSo) {
    know("juliet@a", db::Subscription::both);
    add_node("juliet@a", "tune", config_with(AccessModel::open, SendLast::on_sub));
    add_node("juliet@a", "mood", config_with(AccessModel::open, SendLast::never));
    EXPECT_EQ(found("juliet@a", Began::presence), "");
    EXPECT_EQ(found("juliet@a", Began::subscription), "tune:new ");

    know("nurse@a", db::Subscription::both);
    NodeConfig quiet = config_with(AccessModel::open);
    quiet.deliver_notifications = false;
    add_node("nurse@a", "tune", quiet);
    EXPECT_EQ(found("nurse@a"), "");
}

TEST_F(LastReading, StopsWhenThereIsEnoughForOnce) {
    std::vector<std::string> owners;
    db::Unit unit;
    for (int i = 0; i < 300; ++i) {
        owners.push_back("owner" + std::to_string(i) + "@a");
        know(unit, owners.back(), db::Subscription::both);
        add_node(unit, owners.back(), "tune", config_with(AccessModel::open));
    }
    commit(std::move(unit));
    std::size_t asked = 0;
    std::size_t all = 0;
    for (; !owners.empty(); ++asked) {
        const LastAnswer answer = ask(owners);
        ASSERT_GT(answer.done, 0);
        all += answer.found.size();
        owners.erase(owners.begin(), owners.begin() + static_cast<std::ptrdiff_t>(answer.done));
    }
    EXPECT_EQ(all, 300);
    EXPECT_GT(asked, 1);
}

}  // namespace
}  // namespace aldis::modules::pubsub
