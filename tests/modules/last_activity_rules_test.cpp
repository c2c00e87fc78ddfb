#include "modules/last_activity_rules.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::last_activity {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(LastActivityRules, OnlyThoseWithASubscriptionMayKnow) {
    const Jid account = jid("juliet@capulet.com");
    session::Contacts contacts;
    contacts.put({.contact = "romeo@montague.net", .name = {}, .subscription = db::Subscription::from, .groups = {}});
    contacts.put({.contact = "nurse@capulet.com", .name = {}, .subscription = db::Subscription::to, .groups = {}});
    EXPECT_TRUE(may_know(jid("romeo@montague.net/orchard"), account, contacts));
    EXPECT_FALSE(may_know(jid("nurse@capulet.com"), account, contacts));
    EXPECT_FALSE(may_know(jid("tybalt@capulet.com/street"), account, contacts));
    EXPECT_TRUE(may_know(jid("juliet@capulet.com/balcony"), account, contacts));
}

TEST(LastActivityRules, CountsWholeSeconds) {
    const Timestamp then{seconds{100}};
    EXPECT_EQ(seconds_between(then, then + milliseconds{1'999}), 1U);
    EXPECT_EQ(seconds_between(then, then), 0U);
}

TEST(LastActivityRules, ClocksThatWereSetBackCountAsNow) {
    EXPECT_EQ(seconds_between(Timestamp{seconds{100}}, Timestamp{seconds{50}}), 0U);
}

TEST(LastActivityRules, ALongStatusIsCutBetweenCharacters) {
    EXPECT_EQ(kept_status("Heading Home"), "Heading Home");
    const std::string ascii(2'000, 'x');
    EXPECT_EQ(kept_status(ascii).size(), 1'023U);
    std::string wide;
    for (int i = 0; i < 600; ++i) wide += "\u00e9";
    EXPECT_EQ(kept_status(wide), wide.substr(0, 1'022));
}

}  // namespace
}  // namespace aldis::modules::last_activity
