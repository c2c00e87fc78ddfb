#include "modules/blocking_rules.h"

#include <gmock/gmock.h>

#include "modules/reports_rules.h"
#include "read.h"

namespace aldis::modules {
namespace {

using db::Subscription;
using session::Blocklist;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Blocklist list(std::initializer_list<std::string_view> items) {
    Blocklist made;
    for (const std::string_view item : items) made.add(jid(item));
    return made;
}

session::Contacts contacts() {
    session::Contacts made;
    const auto put = [&](std::string_view contact, Subscription subscription) {
        made.put({.contact = std::string{contact}, .name = {}, .subscription = subscription, .groups = {}});
    };
    put("romeo@montague.net", Subscription::both);
    put("benvolio@montague.net", Subscription::from);
    put("abram@montague.net", Subscription::to);
    put("mercutio@verona.it", Subscription::both);
    put("paris@montague.net", Subscription::none);
    return made;
}

TEST(BlockingRules, AddressesAreReadOnceEach) {
    const auto addresses = blocking::addresses_of({{"Romeo@montague.net"}, {"romeo@MONTAGUE.net"}, {"x.example"}});
    ASSERT_TRUE(addresses);
    EXPECT_THAT(*addresses, ElementsAre(jid("romeo@montague.net"), jid("x.example")));
    const auto wrong = blocking::addresses_of({{"romeo@montague.net"}, {"@"}});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().condition, Condition::jid_malformed);
}

TEST(BlockingRules, WhatIsThereAlreadyNeedsNoRoom) {
    const Blocklist two = list({"a@x", "b@x"});
    EXPECT_FALSE(blocking::is_full_for(two, {jid("a@x"), jid("c@x")}, 3));
    EXPECT_TRUE(blocking::is_full_for(two, {jid("d@x"), jid("c@x")}, 3));
    EXPECT_FALSE(blocking::is_full_for(two, {jid("a@x")}, 1));
}

TEST(BlockingRules, OnlySubscribersLoseWhatTheySaw) {
    for (const std::string_view item : {"romeo@montague.net", "benvolio@montague.net"}) {
        const auto audience = blocking::audience_of(contacts(), {}, list({item}), {jid(item)});
        EXPECT_THAT(audience.lost, ElementsAre(jid(item)));
        EXPECT_THAT(audience.gained, IsEmpty());
        EXPECT_THAT(audience.back, IsEmpty());
    }
    for (const std::string_view item : {"abram@montague.net", "paris@montague.net", "tybalt@capulet.com"})
        EXPECT_THAT(blocking::audience_of(contacts(), {}, list({item}), {jid(item)}).lost, IsEmpty()) << item;
}

TEST(BlockingRules, ADomainIsAllItsContacts) {
    const Blocklist domain = list({"montague.net"});
    const auto blocked = blocking::audience_of(contacts(), {}, domain, {jid("montague.net")});
    EXPECT_THAT(blocked.lost, UnorderedElementsAre(jid("romeo@montague.net"), jid("benvolio@montague.net")));
    const auto unblocked = blocking::audience_of(contacts(), domain, {}, {jid("montague.net")});
    EXPECT_THAT(unblocked.gained, UnorderedElementsAre(jid("romeo@montague.net"), jid("benvolio@montague.net")));
    EXPECT_THAT(unblocked.back, UnorderedElementsAre(jid("romeo@montague.net"), jid("abram@montague.net")));
}

TEST(BlockingRules, WhoIsBlockedByAnotherItemStaysSo) {
    const Blocklist before = list({"montague.net", "romeo@montague.net"});
    const auto audience =
        blocking::audience_of(contacts(), before, list({"montague.net"}), {jid("romeo@montague.net")});
    EXPECT_THAT(audience.gained, IsEmpty());
    EXPECT_THAT(audience.back, IsEmpty());
}

TEST(BlockingRules, AResourceIsToldAlone) {
    const Jid phone = jid("romeo@montague.net/phone");
    const auto audience = blocking::audience_of(contacts(), {}, list({phone.text()}), {phone});
    EXPECT_THAT(audience.lost, ElementsAre(phone));
    const Blocklist all = list({"romeo@montague.net"});
    const Blocklist more = list({"romeo@montague.net", phone.text()});
    EXPECT_THAT(blocking::audience_of(contacts(), all, more, {phone}).lost, IsEmpty());
}

TEST(ReportsRules, NothingIsKeptWithoutAReason) {
    EXPECT_FALSE(reports::kept({}, jid("juliet@x"), jid("spam@y"), {}));
    EXPECT_FALSE(reports::kept({.reason = std::string(256, 'x')}, jid("juliet@x"), jid("spam@y"), {}));
}

TEST(ReportsRules, TextsAreCutBetweenCharacters) {
    std::string wide = "x";
    for (int i = 0; i < 1'500; ++i) wide += "\u00e9";
    const auto kept = reports::kept({.reason = "urn:x", .texts = {" a \n", "", wide, "more"}, .third_party = true},
                                    jid("juliet@x"), jid("spam@y"), Timestamp{std::chrono::seconds{1}});
    ASSERT_TRUE(kept);
    ASSERT_EQ(kept->texts.size(), 2U);
    EXPECT_EQ(kept->texts[0], "a");
    EXPECT_EQ(kept->texts[1], wide.substr(0, 1'999));
    EXPECT_EQ(kept->about, "spam@y");
    EXPECT_TRUE(kept->third_party);
    EXPECT_FALSE(kept->report_origin);
}

TEST(ReportsRules, OnlyIdsOfArchivesAreLookedFor) {
    const db::ArchiveId id{12'345};
    const xep::reporting::Report report{.reason = "urn:x",
                                        .messages = {{.id = "28482-98726-73623", .by = jid("romeo@example.net")},
                                                     {.id = id.text(), .by = jid("juliet@x")},
                                                     {.id = id.text(), .by = jid("juliet@x")}}};
    EXPECT_THAT(reports::named_in(report, 10), ElementsAre(id, id));
    EXPECT_THAT(reports::named_in(report, 1), ElementsAre(id));
}

TEST(ReportsRules, EvidenceIsBySomebodyWhoIsBlockedByIt) {
    const std::string_view stanza = "<message from='spam@y.example/bot' to='juliet@x'><body>Buy!</body></message>";
    EXPECT_TRUE(reports::is_from(stanza, jid("spam@y.example")));
    EXPECT_TRUE(reports::is_from(stanza, jid("y.example")));
    EXPECT_FALSE(reports::is_from(stanza, jid("nurse@y.example")));
    EXPECT_FALSE(reports::is_from("<message><body/></message>", jid("y.example")));
    EXPECT_FALSE(reports::is_from("<message", jid("y.example")));
}

}  // namespace
}  // namespace aldis::modules
