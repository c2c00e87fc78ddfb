#include "modules/quarantine_rules.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::quarantine {
namespace {

using std::chrono::minutes;

Fate fate(std::string_view attributes, std::string_view inside) {
    return fate_of(message_of("<message from='tybalt@capulet.com/street' to='romeo@montague.net'" +
                              std::string{attributes} + ">" + std::string{inside} + "</message>"));
}

TEST(QuarantineRules, WhatSaysSomethingIsHeld) {
    EXPECT_EQ(fate("", "<body>Turn thee</body>"), Fate::hold);
    EXPECT_EQ(fate(" type='chat'", "<body>Turn thee</body><request xmlns='urn:xmpp:receipts'/>"), Fate::hold);
    EXPECT_EQ(fate(" type='chat'", "<encrypted xmlns='eu.siacs.conversations.axolotl'/>"), Fate::hold);
    EXPECT_EQ(fate("", "<x xmlns='jabber:x:conference' jid='room@rooms.example'/>"), Fate::hold);
}

TEST(QuarantineRules, WhatIsWorthNothingLaterIsDropped) {
    EXPECT_EQ(fate(" type='chat'", "<composing xmlns='http://jabber.org/protocol/chatstates'/>"), Fate::drop);
    EXPECT_EQ(fate("", "<received xmlns='urn:xmpp:receipts' id='1'/><store xmlns='urn:xmpp:hints'/>"), Fate::drop);
    EXPECT_EQ(fate("", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>"), Fate::drop);
    EXPECT_EQ(fate(" type='headline'", "<body>News</body>"), Fate::drop);
    EXPECT_EQ(fate("", ""), Fate::drop);
}

TEST(QuarantineRules, AnErrorWithoutATextPasses) {
    EXPECT_EQ(fate(" type='error'", "<error type='cancel'/>"), Fate::pass);
    EXPECT_EQ(fate(" type='error'", "<body>Turn thee</body><error type='cancel'/>"), Fate::drop);
}

TEST(QuarantineRules, NoStrangerIsARoom) { EXPECT_EQ(fate(" type='groupchat'", "<body>All</body>"), Fate::drop); }

TEST(QuarantineRules, ARateIsCountedByTheHour) {
    Rate rate;
    Instant now{minutes{1'000}};
    EXPECT_TRUE(rate.take(now, 2));
    EXPECT_TRUE(rate.take(now + minutes{59}, 2));
    EXPECT_FALSE(rate.take(now + minutes{59}, 2));
    EXPECT_FALSE(rate.idle(now + minutes{59}));
    EXPECT_TRUE(rate.take(now + minutes{60}, 2));
    for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(rate.take(now, 0));
}

TEST(QuarantineRules, TheOldestAcquaintanceMakesRoom) {
    Acquaintances known;
    for (std::size_t i = 0; i <= Acquaintances::most; ++i) known.add(jid("user" + std::to_string(i) + "@x.example"));
    known.add(jid("user7@x.example/again"));
    EXPECT_EQ(known.size(), Acquaintances::most);
    EXPECT_FALSE(known.contains(jid("user0@x.example")));
    EXPECT_TRUE(known.contains(jid("user1@x.example/anywhere")));
}

TEST(QuarantineRules, ThereIsABoundForEachAndForAll) {
    const Limits limits{.of_sender = 2, .messages = 4, .bytes = 100};
    const std::vector<db::HeldSender> senders{{.sender = "a@x", .messages = 2, .bytes = 10},
                                              {.sender = "b@x", .bytes = 20, .request = true}};
    EXPECT_FALSE(has_room(senders, "a@x", 1, limits));
    EXPECT_TRUE(has_room(senders, "b@x", 70, limits));
    EXPECT_FALSE(has_room(senders, "b@x", 71, limits));
    EXPECT_FALSE(has_room(senders, "c@x", 1, {.of_sender = 2, .messages = 3, .bytes = 100}));
}

TEST(QuarantineRules, ALabelTellsEnoughToDecide) {
    const std::string_view stanza = "<message from='a@x/r'><body>Turn thee</body></message>";
    EXPECT_EQ(label_of({.sender = "a@x", .messages = 1}, stanza), "a@x: 1 message: Turn thee");
    EXPECT_EQ(label_of({.sender = "a@x", .messages = 2, .request = true}, "<presence/>"),
              "a@x: 2 messages, asks for a subscription");
    EXPECT_EQ(label_of({.sender = "a@x", .request = true}, ""), "a@x: asks for a subscription");
    std::string wide;
    for (int i = 0; i < 60; ++i) wide += "\u00e9";
    EXPECT_EQ(label_of({.sender = "a@x", .messages = 1}, "<message><body>x" + wide + "</body></message>"),
              "a@x: 1 message: x" + wide.substr(0, 78) + "\u2026");
}

}  // namespace
}  // namespace aldis::modules::quarantine
