#include "modules/csi_rules.h"

#include <gtest/gtest.h>

#include "read.h"
#include "xml/writer.h"

namespace aldis::modules::csi {
namespace {

using stanza::Kind;

constexpr std::string_view own = "d@e/f";

/// As the server would write it.
std::string written(std::string_view text) { return xml::to_string(xml::parse_document(text, xml::client_ns).root()); }

Kind kind_of(std::string_view text) {
    if (text.starts_with("<presence")) return Kind::presence;
    return text.starts_with("<iq") ? Kind::iq : Kind::message;
}

Verdict judged(std::string_view text, const Wishes& wishes = {}) {
    return judge(kind_of(text), written(text), own, wishes);
}

struct Case {
    const char* name;
    bool held;
    const char* stanza;
};

constexpr Case cases[] = {
    {"Presence", true, "<presence from='a@b/c' to='d@e'/>"},
    {"PresenceWithContent", true,
     "<presence from='a@b/c' to='d@e'><show>away</show><status>&lt;x&gt;</status></presence>"},
    {"Unavailable", true, "<presence from='a@b/c' to='d@e' type='unavailable'/>"},
    {"OwnPresence", false, "<presence from='d@e/f' to='d@e/f'/>"},
    {"PresenceOfAnotherOwnResource", true, "<presence from='d@e/g' to='d@e/f'/>"},
    {"Subscribe", false, "<presence from='a@b' to='d@e' type='subscribe'/>"},
    {"Subscribed", false, "<presence from='a@b' to='d@e' type='subscribed'/>"},
    {"Unsubscribed", false, "<presence from='a@b' to='d@e' type='unsubscribed'/>"},
    {"PresenceError", false, "<presence from='r@m/n' to='d@e/f' type='error'><error type='cancel'/></presence>"},
    {"OccupantOfARoom", true,
     "<presence from='r@m/n' to='d@e/f'><x xmlns='http://jabber.org/protocol/muc#user'><item role='visitor'/></x>"
     "</presence>"},
    {"HasJoinedARoom", false,
     "<presence from='r@m/n' to='d@e/f'><x xmlns='http://jabber.org/protocol/muc#user'><item role='visitor'/>"
     "<status code='110'/></x></presence>"},
    {"StatusOfAnotherNamespace", true,
     "<presence from='a@b/c' to='d@e/f'><x xmlns='y'><status code='110'/></x></presence>"},
    {"Iq", false, "<iq from='a@b/c' to='d@e/f' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"},
    {"Message", false, "<message from='a@b/c' to='d@e' type='chat'><body>hi</body></message>"},
    {"MessageWithState", false,
     "<message from='a@b/c' to='d@e' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/>"
     "<body>hi</body></message>"},
    {"MessageWithoutBody", false, "<message from='a@b/c' to='d@e' type='chat'><x xmlns='y'/></message>"},
    {"MessageWithoutAnything", false, "<message from='a@b/c' to='d@e' type='chat'/>"},
    {"State", true,
     "<message from='a@b/c' to='d@e' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {"StateWithThreadAndHints", true,
     "<message from='a@b/c' to='d@e' type='chat'><thread>t</thread><paused "
     "xmlns='http://jabber.org/protocol/chatstates'/><no-store xmlns='urn:xmpp:hints'/>"
     "<origin-id xmlns='urn:xmpp:sid:0' id='1'/></message>"},
    {"StateInARoom", true,
     "<message from='r@m/n' to='d@e/f' type='groupchat'><composing xmlns='http://jabber.org/protocol/chatstates'/>"
     "</message>"},
    {"Groupchat", false, "<message from='r@m/n' to='d@e/f' type='groupchat'><body>hi</body></message>"},
    {"SubjectOfARoom", false, "<message from='r@m/n' to='d@e/f' type='groupchat'><subject/></message>"},
    {"Receipt", false,
     "<message from='a@b/c' to='d@e/f' type='chat'><received xmlns='urn:xmpp:receipts' id='1'/></message>"},
    {"Marker", false,
     "<message from='a@b/c' to='d@e/f' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message>"},
    {"Error", false,
     "<message from='a@b/c' to='d@e/f' type='error'><active xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {"Headline", true, "<message from='a@b' to='d@e' type='headline'><body>news</body></message>"},
    {"Event", true,
     "<message from='a@b' to='d@e/f' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items "
     "node='n'><item id='1'/></items></event></message>"},
    {"CopyOfAMessage", false,
     "<message from='d@e' to='d@e/f' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded "
     "xmlns='urn:xmpp:forward:0'><message from='a@b/c' to='d@e/g' type='chat'><body>hi</body></message></forwarded>"
     "</received></message>"},
    {"CopyOfAState", true,
     "<message from='d@e' to='d@e/f' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded "
     "xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/><message from='a@b/c' "
     "to='d@e/g' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message></forwarded>"
     "</received></message>"},
    {"CopyOfOnesOwnState", true,
     "<message from='d@e' to='d@e/f' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded "
     "xmlns='urn:xmpp:forward:0'><message from='d@e/g' to='a@b' type='chat'><composing "
     "xmlns='http://jabber.org/protocol/chatstates'/></message></forwarded></sent></message>"},
    {"CopyOfOnesOwnMarker", false,
     "<message from='d@e' to='d@e/f' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded "
     "xmlns='urn:xmpp:forward:0'><message from='d@e/g' to='a@b' type='chat'><displayed "
     "xmlns='urn:xmpp:chat-markers:0' id='1'/></message></forwarded></sent></message>"},
    {"CopyOfNothing", false, "<message from='d@e' to='d@e/f'><sent xmlns='urn:xmpp:carbons:2'/></message>"},
    {"CopyInACopy", false,
     "<message from='d@e' to='d@e/f' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded "
     "xmlns='urn:xmpp:forward:0'><message from='d@e/g' to='a@b' type='chat'><sent xmlns='urn:xmpp:carbons:2'>"
     "<forwarded xmlns='urn:xmpp:forward:0'><message><composing xmlns='http://jabber.org/protocol/chatstates'/>"
     "</message></forwarded></sent></message></forwarded></sent></message>"},
};

class CanWait : public testing::TestWithParam<Case> {};

TEST_P(CanWait, IsDecidedByTheStanza) { EXPECT_EQ(judged(GetParam().stanza).hold, GetParam().held); }

INSTANTIATE_TEST_SUITE_P(CsiRules, CanWait, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<Case>& info) { return info.param.name; });

TEST(CsiRules, WhatIsNotToBeHeldIsNot) {
    EXPECT_FALSE(judged("<presence from='a@b/c'/>", {.presence = false}).hold);
    EXPECT_FALSE(judged("<message from='a@b'><active xmlns='http://jabber.org/protocol/chatstates'/></message>",
                        {.chat_states = false})
                     .hold);
    EXPECT_FALSE(judged("<message from='a@b' type='headline'/>", {.headlines = false}).hold);
}

TEST(CsiRules, TheLatestPresenceOfAResourceCounts) {
    EXPECT_EQ(judged("<presence from='a@b/c'/>").key, judged("<presence from='a@b/c' type='unavailable'/>").key);
    EXPECT_NE(judged("<presence from='a@b/c'/>").key, judged("<presence from='a@b/d'/>").key);
}

std::string event(const std::string& node, const std::string& items) {
    return "<message from='a@b' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='" +
           node + "'>" + items + "</items></event></message>";
}

TEST(CsiRules, TheLatestEventOfAnItemCounts) {
    const std::string mood = judged(event("mood", "<item id='current'><mood xmlns='x'>calm</mood></item>")).key;
    EXPECT_FALSE(mood.empty());
    EXPECT_EQ(judged(event("mood", "<item id='current'/>")).key, mood);
    EXPECT_EQ(judged(event("mood", "<retract id='current'/>")).key, mood);
    EXPECT_NE(judged(event("tune", "<item id='current'/>")).key, mood);
    EXPECT_NE(judged(event("mood", "<item id='other'/>")).key, mood);
    EXPECT_EQ(judged(event("mood", "<item id='current'/><item id='other'/>")).key, "");
    EXPECT_EQ(judged(event("mood", "<item/>")).key, "");
    EXPECT_EQ(judged(event("mood", "")).key, "");
    EXPECT_EQ(judged("<message from='a@b' type='headline'><body>news</body></message>").key, "");
}

TEST(CsiRules, WhatIsSaidReplacesThatItWasAboutToBe) {
    const Verdict typing =
        judged("<message from='a@b/c'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
    EXPECT_EQ(judged("<message from='a@b/c'><body>hi</body></message>").key, typing.key);
    EXPECT_NE(judged("<message from='a@b/d'><body>hi</body></message>").key, typing.key);
    EXPECT_NE(judged("<presence from='a@b/c'/>").key, typing.key);
}

TEST(CsiRules, TextCannotLookLikeMarkup) {
    EXPECT_TRUE(judged("<presence from='a@b/c'><status>&lt;x xmlns=&apos;http://jabber.org/protocol/muc#user&apos;&gt;"
                       "&lt;status code=&apos;110&apos;/&gt;&lt;/x&gt;</status></presence>")
                    .hold);
    EXPECT_EQ(judged("<presence id=' from=&apos;x@y/z&apos;' from='a@b/c'/>").key,
              judged("<presence from='a@b/c'/>").key);
}

TEST(CsiRules, MarkupThatEndsTooEarlyIsPassedOn) {
    for (const char* text : {"", "<", "<message", "<message from='a@b'>", "<message><active xmlns='x'>", "message"})
        EXPECT_FALSE(judge(Kind::message, text, own, {}).hold) << text;
}

TEST(CsiHold, KeepsTheOrderAndTheLatest) {
    Hold hold;
    const Bytes one = make_bytes("<presence/>");
    const Bytes two = make_bytes("<message/>");
    hold.add(Kind::presence, one, "a");
    hold.add(Kind::message, two, "");
    EXPECT_EQ(hold.stanzas(), 2u);
    EXPECT_EQ(hold.bytes(), one->size() + two->size());
    EXPECT_TRUE(hold.supersede("a"));
    EXPECT_FALSE(hold.supersede("a"));
    EXPECT_FALSE(hold.supersede(""));
    hold.add(Kind::presence, one, "a");
    const std::vector<Hold::Item> items = hold.take();
    ASSERT_EQ(items.size(), 2u);
    EXPECT_EQ(items[0].wire, two);
    EXPECT_EQ(items[1].wire, one);
    EXPECT_EQ(hold.stanzas(), 0u);
    EXPECT_EQ(hold.bytes(), 0u);
}

}  // namespace
}  // namespace aldis::modules::csi
