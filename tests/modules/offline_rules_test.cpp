#include "modules/offline_rules.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::offline {
namespace {

struct Case {
    const char* name;
    Fate fate;
    const char* message;
};

constexpr Case cases[] = {
    {"Chat", Fate::keep, "<message type='chat'><body>hi</body></message>"},
    {"Normal", Fate::keep, "<message><body>hi</body></message>"},
    {"NormalWithoutBody", Fate::keep, "<message><x xmlns='urn:example'/></message>"},
    {"Receipt", Fate::keep, "<message type='chat'><received xmlns='urn:xmpp:receipts' id='1'/></message>"},
    {"BodyBesideChatState", Fate::keep,
     "<message type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/><body>hi</body></message>"},
    {"Groupchat", Fate::pass, "<message type='groupchat'><body>hi</body></message>"},
    {"Headline", Fate::pass, "<message type='headline'><body>hi</body></message>"},
    {"Error", Fate::pass, "<message type='error'><body>hi</body></message>"},
    {"ChatState", Fate::drop,
     "<message type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {"ChatStateWithThread", Fate::drop,
     "<message type='chat'><gone xmlns='http://jabber.org/protocol/chatstates'/><thread>t</thread></message>"},
    {"ChatStateWithHintAndId", Fate::drop,
     "<message type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/>"
     "<no-store xmlns='urn:xmpp:hints'/><origin-id xmlns='urn:xmpp:sid:0' id='1'/></message>"},
    {"ChatStateThatAsksToBeStored", Fate::drop,
     "<message type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/>"
     "<store xmlns='urn:xmpp:hints'/></message>"},
    {"ChatStateBesideAMarker", Fate::keep,
     "<message type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/>"
     "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message>"},
    {"ChatStateOfTypeNormal", Fate::drop, "<message><paused xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {"NothingThatAsksToBeStored", Fate::keep, "<message type='chat'><store xmlns='urn:xmpp:hints'/></message>"},
    {"HeadlineThatAsksToBeStored", Fate::pass,
     "<message type='headline'><body>hi</body><store xmlns='urn:xmpp:hints'/></message>"},
    {"ErrorWithTheHintOfWhatWasRefused", Fate::pass,
     "<message type='error'><body>hi</body><no-store xmlns='urn:xmpp:hints'/></message>"},
    {"NoStoreBesideStore", Fate::refuse,
     "<message type='chat'><body>hi</body><store xmlns='urn:xmpp:hints'/><no-store xmlns='urn:xmpp:hints'/></message>"},
    {"ReceiptThatAsksNotToBeStored", Fate::refuse,
     "<message type='chat'><received xmlns='urn:xmpp:receipts' id='1'/><no-store xmlns='urn:xmpp:hints'/></message>"},
    {"Retraction", Fate::keep, "<message type='chat'><retract xmlns='urn:xmpp:message-retract:1' id='1'/></message>"},
    {"RetractionThatAsksNotToBeStored", Fate::keep,
     "<message type='chat'><retract xmlns='urn:xmpp:message-retract:1' id='1'/><no-store "
     "xmlns='urn:xmpp:hints'/></message>"},
    {"Correction", Fate::keep,
     "<message type='chat'><body>hi</body><replace xmlns='urn:xmpp:message-correct:0' id='1'/></message>"},
    {"Reaction", Fate::keep, "<message type='chat'><reactions xmlns='urn:xmpp:reactions:0' id='1'/></message>"},
    {"EncryptedWithoutBody", Fate::keep,
     "<message type='chat'><encrypted xmlns='urn:xmpp:omemo:2'/><encryption xmlns='urn:xmpp:eme:0' "
     "namespace='urn:xmpp:omemo:2'/></message>"},
    {"PrivateToCarbons", Fate::keep,
     "<message type='chat'><body>hi</body><private xmlns='urn:xmpp:carbons:2'/></message>"},
    {"Nothing", Fate::drop, "<message type='chat'/>"},
    {"NoStore", Fate::refuse, "<message type='chat'><body>hi</body><no-store xmlns='urn:xmpp:hints'/></message>"},
    {"NoPermanentStore", Fate::keep,
     "<message type='chat'><body>hi</body><no-permanent-store xmlns='urn:xmpp:hints'/></message>"},
};

class OfflineFate : public testing::TestWithParam<Case> {};

TEST_P(OfflineFate, IsWhatItShouldBe) { EXPECT_EQ(fate_of(message_of(GetParam().message)), GetParam().fate); }

INSTANTIATE_TEST_SUITE_P(Rules, OfflineFate, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<Case>& info) { return std::string{info.param.name}; });

TEST(OfflineUsage, HasTwoBounds) {
    const Usage most{.messages = 2, .bytes = 100};
    Usage usage;
    EXPECT_TRUE(fits(usage, 100, most));
    EXPECT_FALSE(fits(usage, 101, most));
    usage.add(10);
    usage.add(10);
    EXPECT_FALSE(fits(usage, 1, most));
    usage.remove(10);
    EXPECT_TRUE(fits(usage, 90, most));
}

TEST(OfflineUsage, NeverGoesBelowNothing) {
    Usage usage;
    usage.remove(10);
    EXPECT_EQ(usage.messages, 0U);
    EXPECT_EQ(usage.bytes, 0U);
}

TEST(OfflineDelay, IsPutIntoTheStoredStanza) {
    const xep::Delay delay{.from = jid("capulet.com"), .stamp = Timestamp{}, .reason = "Offline Storage"};
    EXPECT_EQ(delayed("<message to='juliet@capulet.com'><body>a &lt;/b> c</body></message>", delay),
              "<message to='juliet@capulet.com'><body>a &lt;/b> c</body>"
              "<delay xmlns='urn:xmpp:delay' from='capulet.com' stamp='1970-01-01T00:00:00Z'>Offline Storage</delay>"
              "</message>");
}

TEST(OfflineDelay, IsRemovedWhereItClaimsToBeByThisServer) {
    Message message = message_of(
        "<message><body>old</body><delay xmlns='urn:xmpp:delay' from='Capulet.com' stamp='1999-12-31T23:59:59Z'/>"
        "<delay xmlns='urn:xmpp:delay' from='room@muc.capulet.com' stamp='1999-12-31T23:59:59Z'/>"
        "<delay xmlns='urn:xmpp:delay' stamp='1999-12-31T23:59:59Z'/></message>");
    remove_delays(message, jid("capulet.com"));
    EXPECT_EQ(*message.wire(),
              "<message><body>old</body>"
              "<delay xmlns='urn:xmpp:delay' from='room@muc.capulet.com' stamp='1999-12-31T23:59:59Z'/>"
              "<delay xmlns='urn:xmpp:delay' stamp='1999-12-31T23:59:59Z'/></message>");
}

}  // namespace
}  // namespace aldis::modules::offline
