// XEP-0060 "Affiliations" and "Node Access Models" as tables.
#include <gtest/gtest.h>

#include "modules/pubsub/access.h"
#include "modules/pubsub/errors.h"

namespace aldis::modules::pubsub {
namespace {

/// What an error is called in the tables.
std::string_view name_of(const Result<void>& result) {
    if (result) return "yes";
    return result.error().specific.name.empty() ? stanza::name_of(result.error().condition)
                                                : result.error().specific.name;
}

struct Who {
    std::string_view name;
    Standing standing;
};

const Who stranger{"stranger", {}};
const Who subscriber{"subscriber", {.subscription = SubscriptionState::subscribed}};
const Who pending{"pending", {.subscription = SubscriptionState::pending}};
const Who contact{"contact", {.sees_presence = true}};
const Who friendly{"friend", {.sees_presence = true, .in_group = true}};
const Who grouped{"in the group, without presence", {.in_group = true}};
const Who member{"member", {.affiliation = Affiliation::member}};
const Who publisher{"publisher", {.affiliation = Affiliation::publisher}};
const Who publish_only{"publish-only", {.affiliation = Affiliation::publish_only}};
const Who owner{"owner", {.affiliation = Affiliation::owner}};
const Who outcast{"outcast", {.affiliation = Affiliation::outcast, .sees_presence = true, .in_group = true}};

TEST(PubsubAccess, DecidesWhoSubscribesAndRetrieves) {
    struct Row {
        AccessModel model;
        Who who;
        std::string_view subscribe;
        std::string_view retrieve;
    };
    using enum AccessModel;
    const Row rows[] = {
        {open, stranger, "yes", "yes"},
        {open, outcast, "forbidden", "forbidden"},
        {open, publish_only, "forbidden", "forbidden"},
        {presence, stranger, "presence-subscription-required", "presence-subscription-required"},
        {presence, contact, "yes", "yes"},
        {presence, member, "yes", "yes"},
        {presence, outcast, "forbidden", "forbidden"},
        {roster, stranger, "not-in-roster-group", "not-in-roster-group"},
        {roster, contact, "not-in-roster-group", "not-in-roster-group"},
        {roster, grouped, "not-in-roster-group", "not-in-roster-group"},
        {roster, friendly, "yes", "yes"},
        {whitelist, friendly, "closed-node", "closed-node"},
        {whitelist, member, "yes", "yes"},
        {whitelist, publisher, "yes", "yes"},
        {whitelist, owner, "yes", "yes"},
        {authorize, stranger, "yes", "not-subscribed"},
        {authorize, pending, "yes", "not-subscribed"},
        {authorize, subscriber, "yes", "yes"},
        {authorize, member, "yes", "yes"},
    };
    for (const Row& row : rows) {
        const NodeConfig config{.access_model = row.model};
        const auto what = xml::Codec<AccessModel>::format(row.model) + ", " + std::string{row.who.name};
        EXPECT_EQ(name_of(may_subscribe(config, row.who.standing)), row.subscribe) << what;
        EXPECT_EQ(name_of(may_retrieve(config, row.who.standing)), row.retrieve) << what;
    }
}

TEST(PubsubAccess, DecidesWhoPublishesAndRetracts) {
    struct Row {
        PublishModel model;
        Who who;
        std::string_view publish;
        std::string_view retract_own;
        std::string_view retract_others;
    };
    using enum PublishModel;
    const Row rows[] = {
        {publishers, owner, "yes", "yes", "yes"},
        {publishers, publisher, "yes", "yes", "yes"},
        {publishers, publish_only, "yes", "yes", "forbidden"},
        {publishers, member, "forbidden", "forbidden", "forbidden"},
        {publishers, subscriber, "forbidden", "forbidden", "forbidden"},
        {subscribers, subscriber, "yes", "yes", "forbidden"},
        {subscribers, pending, "forbidden", "forbidden", "forbidden"},
        {subscribers, stranger, "forbidden", "forbidden", "forbidden"},
        {open, stranger, "yes", "yes", "forbidden"},
        {open, outcast, "forbidden", "forbidden", "forbidden"},
    };
    for (const Row& row : rows) {
        const NodeConfig config{.publish_model = row.model};
        const auto what = xml::Codec<PublishModel>::format(row.model) + ", " + std::string{row.who.name};
        EXPECT_EQ(name_of(may_publish(config, row.who.standing)), row.publish) << what;
        EXPECT_EQ(name_of(may_retract(config, row.who.standing, true)), row.retract_own) << what;
        EXPECT_EQ(name_of(may_retract(config, row.who.standing, false)), row.retract_others) << what;
    }
}

TEST(PubsubAccess, LetsOnlyOwnersManage) {
    EXPECT_EQ(name_of(may_manage(owner.standing)), "yes");
    EXPECT_EQ(name_of(may_manage(publisher.standing)), "forbidden");
    EXPECT_EQ(name_of(may_manage(stranger.standing)), "forbidden");
}

TEST(PubsubAccess, ComparesRosterGroups) {
    const NodeConfig config{.access_model = AccessModel::roster, .roster_groups = {"Friends", "Family"}};
    EXPECT_TRUE(may_see(config, Affiliation::none, true, {"Work", "Family"}));
    EXPECT_FALSE(may_see(config, Affiliation::none, true, {"Work"}));
    EXPECT_FALSE(may_see(config, Affiliation::none, true, {}));
    EXPECT_FALSE(may_see(config, Affiliation::none, false, {"Friends"}));
}

}  // namespace
}  // namespace aldis::modules::pubsub
