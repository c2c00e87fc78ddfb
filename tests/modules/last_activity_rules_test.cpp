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

session::Contacts contacts() {
    session::Contacts made;
    for (const std::string contact : {"romeo@montague.net", "benvolio@montague.net", "nurse@capulet.com"})
        made.put({.contact = contact, .name = {}, .subscription = db::Subscription::both, .groups = {}});
    return made;
}

TEST(LastActivityRules, TheOwnerSaysWhoMayKnow) {
    const Jid account = jid("juliet@capulet.com");
    struct Case {
        LastSeenPrivacy privacy;
        std::string_view asker;
        bool knows;
    };
    const Case cases[] = {
        {{.visible = Visible::subscribers}, "romeo@montague.net/orchard", true},
        {{.visible = Visible::nobody}, "romeo@montague.net/orchard", false},
        {{.visible = Visible::nobody}, "juliet@capulet.com/balcony", true},
        {{.visible = Visible::listed}, "romeo@montague.net", false},
        {{.visible = Visible::listed, .list = {"romeo@montague.net"}}, "romeo@montague.net/orchard", true},
        {{.visible = Visible::listed, .list = {"romeo@montague.net"}}, "benvolio@montague.net/street", false},
        {{.visible = Visible::listed, .list = {"montague.net"}}, "benvolio@montague.net/street", true},
        {{.visible = Visible::listed, .list = {"montague.net"}}, "nurse@capulet.com", false},
        {{.visible = Visible::listed, .list = {"montague.net"}}, "tybalt@montague.net", false},
    };
    for (const Case& each : cases)
        EXPECT_EQ(may_know(jid(each.asker), account, contacts(), each.privacy), each.knows) << each.asker;
}

Presence presence_of(std::string_view text) {
    xml::Document document = xml::parse_document(text, xml::client_ns);
    return std::get<Presence>(std::move(*stanza::read(document)));
}

TEST(LastActivityRules, PresenceTellsNoMore) {
    const std::string idle = "<idle xmlns='urn:xmpp:idle:1' since='1969-07-21T02:56:15Z'/><show>away</show>";
    const Jid account = jid("juliet@capulet.com");
    const auto after = [&](std::string_view to, const LastSeenPrivacy& privacy) {
        Presence presence = presence_of("<presence from='juliet@capulet.com/balcony'" + std::string{to} + ">" + idle +
                                        "<query xmlns='jabber:iq:last' seconds='7'/></presence>");
        hide_idle(presence, account, contacts(), privacy);
        EXPECT_NE(presence.wire()->find("away"), std::string::npos);
        return presence.wire()->find("idle") != std::string::npos && presence.wire()->find("last") != std::string::npos;
    };
    const LastSeenPrivacy nobody{.visible = Visible::nobody};
    const LastSeenPrivacy listed{.visible = Visible::listed, .list = {"romeo@montague.net"}};
    EXPECT_TRUE(after("", {}));
    EXPECT_FALSE(after("", nobody));
    EXPECT_FALSE(after("", listed)) << "others see it, too";
    EXPECT_TRUE(after(" to='romeo@montague.net'", listed));
    EXPECT_FALSE(after(" to='benvolio@montague.net'", listed));
    EXPECT_FALSE(after(" to='romeo@montague.net'", nobody));
}

TEST(LastActivityRules, TheFormIsWhatIsStored) {
    const LastSeenPrivacy listed{.visible = Visible::listed, .list = {"romeo@montague.net", "capulet.com"}};
    EXPECT_EQ(privacy_of(form_of(listed)), listed);
    EXPECT_EQ(privacy_of(PrivacyForm{}), LastSeenPrivacy{});
}

}  // namespace
}  // namespace aldis::modules::last_activity
