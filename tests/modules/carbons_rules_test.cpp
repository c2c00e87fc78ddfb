#include "modules/carbons_rules.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::carbons {
namespace {

using mod::Direction;

constexpr auto in = Direction::inward;
constexpr auto out = Direction::outward;

struct Case {
    const char* name;
    Direction direction;
    bool copied;
    const char* message;
};

// "Recommended Rules", in their order
constexpr Case cases[] = {
    {"Chat", in, true, "<message from='a@b/c' to='d@e' type='chat'><body>hi</body></message>"},
    {"ChatThatGoesOut", out, true, "<message from='d@e/f' to='a@b' type='chat'><body>hi</body></message>"},
    {"ChatWithoutBody", in, true, "<message from='a@b/c' to='d@e' type='chat'><x xmlns='y'/></message>"},
    {"Private", in, false,
     "<message from='a@b/c' to='d@e/f' type='chat'><body>hi</body><private xmlns='urn:xmpp:carbons:2'/>"
     "<no-copy xmlns='urn:xmpp:hints'/></message>"},
    {"PrivateThatGoesOut", out, false,
     "<message from='d@e/f' to='a@b' type='chat'><body>hi</body><private xmlns='urn:xmpp:carbons:2'/></message>"},
    {"NoCopyToOneResource", in, false,
     "<message from='a@b/c' to='d@e/f' type='chat'><body>hi</body><no-copy xmlns='urn:xmpp:hints'/></message>"},
    {"NoCopyIsNoHintToABareAddress", in, true,
     "<message from='a@b/c' to='d@e' type='chat'><body>hi</body><no-copy xmlns='urn:xmpp:hints'/></message>"},
    {"PrivateOfAnotherNamespace", in, true, "<message from='a@b/c' to='d@e' type='chat'><private/></message>"},
    {"NormalWithBody", in, true, "<message from='a@b/c' to='d@e'><body>hi</body></message>"},
    {"NormalWithoutBody", in, false, "<message from='a@b/c' to='d@e'><subject>hi</subject></message>"},
    {"UnknownTypeCountsAsNormal", in, true, "<message from='a@b/c' to='d@e' type='x'><body>hi</body></message>"},
    {"Receipt", in, true, "<message from='a@b/c' to='d@e'><received xmlns='urn:xmpp:receipts' id='1'/></message>"},
    {"RequestForAReceipt", in, true, "<message from='a@b/c' to='d@e'><request xmlns='urn:xmpp:receipts'/></message>"},
    {"ChatState", out, true,
     "<message from='d@e/f' to='a@b'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {"Marker", in, true,
     "<message from='a@b/c' to='d@e'><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message>"},
    {"Retraction", in, true,
     "<message from='a@b/c' to='d@e'><retract xmlns='urn:xmpp:message-retract:1' id='1'/></message>"},
    {"Reaction", in, true, "<message from='a@b/c' to='d@e'><reactions xmlns='urn:xmpp:reactions:0' id='1'/></message>"},
    {"Encrypted", in, true,
     "<message from='a@b/c' to='d@e'><encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:omemo:2'/></message>"},
    {"Headline", in, false, "<message from='a@b/c' to='d@e' type='headline'><body>news</body></message>"},
    {"Event", in, false,
     "<message from='a@b' to='d@e' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'/></message>"},
    {"Groupchat", in, false, "<message from='r@m/n' to='d@e/f' type='groupchat'><body>hi</body></message>"},
    {"GroupchatThatGoesOut", out, false, "<message from='d@e/f' to='r@m' type='groupchat'><body>hi</body></message>"},
    {"GroupchatWithMarker", in, false,
     "<message from='r@m/n' to='d@e/f' type='groupchat'><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message>"},
    {"DirectInvitation", in, true,
     "<message from='a@b/c' to='d@e'><x xmlns='jabber:x:conference' jid='r@m'/></message>"},
    {"MediatedInvitation", in, true,
     "<message from='r@m' to='d@e'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='a@b'/></x></message>"},
    {"MediatedInvitationThatGoesOut", out, true,
     "<message from='d@e/f' to='r@m'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='a@b'/></x></message>"},
    {"ToAnOccupant", out, true,
     "<message from='d@e/f' to='r@m/n' type='chat'><body>psst</body><x xmlns='http://jabber.org/protocol/muc#user'/>"
     "</message>"},
    {"FromAnOccupant", in, false,
     "<message from='r@m/n' to='d@e/f' type='chat'><body>psst</body><x xmlns='http://jabber.org/protocol/muc#user'/>"
     "</message>"},
    {"FromTheRoomItself", in, true,
     "<message from='r@m' to='d@e'><body>Welcome.</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>"},
    {"StatusOfARoom", in, false,
     "<message from='r@m' to='d@e/f'><x xmlns='http://jabber.org/protocol/muc#user'><status "
     "code='104'/></x></message>"},
    {"Error", in, false, "<message from='a@b' to='d@e/f' type='error'><body>hi</body><error type='cancel'/></message>"},
    {"ForgedCopyIsAMessageLikeOthers", in, true,
     "<message from='t@c/h' to='d@e' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded "
     "xmlns='urn:xmpp:forward:0'><message from='a@b/c' to='d@e' type='chat'><body>hi</body></message></forwarded>"
     "</received></message>"},
};

class Eligible : public testing::TestWithParam<Case> {};

TEST_P(Eligible, IsDecidedByTheMessage) {
    const Verdict verdict = is_eligible(message_of(GetParam().message), GetParam().direction);
    EXPECT_EQ(verdict.yes, GetParam().copied) << verdict.why;
}

INSTANTIATE_TEST_SUITE_P(CarbonsRules, Eligible, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<Case>& info) { return info.param.name; });

TEST(CarbonsRules, WhoIsDeliveredToGetsNoCopy) {
    using session::Audience;
    EXPECT_TRUE(gets_original(Audience::exact, true, false, 0));
    EXPECT_FALSE(gets_original(Audience::exact, false, true, 5));
    EXPECT_TRUE(gets_original(Audience::non_negative, false, true, 0));
    EXPECT_FALSE(gets_original(Audience::non_negative, false, true, -1));
    EXPECT_FALSE(gets_original(Audience::non_negative, false, false, 0));
    EXPECT_TRUE(gets_original(Audience::available, false, true, -1));
    EXPECT_FALSE(gets_original(Audience::nobody, true, true, 0));
    EXPECT_FALSE(gets_original(Audience::fall_back, false, true, -1));
}

Message chat(std::string_view from, std::string_view to, const std::string& id) {
    return message_of("<message from='" + std::string{from} + "' to='" + std::string{to} + "' type='chat' id='" + id +
                      "'/>");
}

Message error(std::string_view from, std::string_view to, const std::string& id) {
    return message_of("<message from='" + std::string{from} + "' to='" + std::string{to} + "' type='error' id='" + id +
                      "'/>");
}

// "it is of type "error" and it was sent in response to a <message/> that was eligible"
TEST(CarbonsRules, AnErrorIsKnownByWhatItAnswers) {
    Answers answers;
    answers.remember(chat("d@e/f", "a@b/c", "1"), out);
    EXPECT_TRUE(answers.is_one(error("a@b/c", "d@e/f", "1"), in));
    EXPECT_TRUE(answers.is_one(error("a@b", "d@e/f", "1"), in));
    EXPECT_FALSE(answers.is_one(error("a@b/c", "d@e/f", "2"), in));
    EXPECT_FALSE(answers.is_one(error("x@b/c", "d@e/f", "1"), in));
    EXPECT_FALSE(answers.is_one(error("d@e/f", "a@b/c", "1"), out));
    EXPECT_FALSE(answers.is_one(chat("a@b/c", "d@e/f", "1"), in));
    answers.remember(chat("a@b/c", "d@e/f", "3"), in);
    EXPECT_TRUE(answers.is_one(error("d@e/f", "a@b/c", "3"), out));
    EXPECT_FALSE(answers.is_one(message_of("<message from='a@b' to='d@e/f' type='error'/>"), in));
}

TEST(CarbonsRules, OnlyTheLastMessagesAreRemembered) {
    Answers answers;
    for (int i = 0; i < 65; ++i) answers.remember(chat("d@e/f", "a@b", std::to_string(i)), out);
    EXPECT_FALSE(answers.is_one(error("a@b", "d@e/f", "0"), in));
    for (int i = 1; i < 65; ++i) EXPECT_TRUE(answers.is_one(error("a@b", "d@e/f", std::to_string(i)), in)) << i;
}

}  // namespace
}  // namespace aldis::modules::carbons
