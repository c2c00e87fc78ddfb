// What messages say about other messages: corrections, retractions, reactions, replies, and how they are to be read.

#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0249_invitations.h"
#include "xep/xep0308_correction.h"
#include "xep/xep0380_encryption.h"
#include "xep/xep0424_retraction.h"
#include "xep/xep0428_fallback.h"
#include "xep/xep0444_reactions.h"
#include "xep/xep0461_replies.h"

namespace aldis::xep {
namespace {

TEST(Xep0308, ReadsAndBuildsACorrection) {
    const std::string replace = "<replace xmlns='urn:xmpp:message-correct:0' id='bad1'/>";
    EXPECT_EQ(round<Replace>(replace), replace);
    EXPECT_FALSE(parse<Replace>("<replace xmlns='urn:xmpp:message-correct:0'/>"));
}

TEST(Xep0424, ReadsAndBuildsARetraction) {
    const stanza::Message taken_back = message(
        "<message type='chat' to='lord@capulet.example' id='retract-message-1'><retract id='wrong-recipient-1' "
        "xmlns='urn:xmpp:message-retract:1'/><fallback xmlns='urn:xmpp:fallback:0' "
        "for='urn:xmpp:message-retract:1'/><body>/me retracted a previous message.</body>"
        "<store xmlns='urn:xmpp:hints'/></message>");
    EXPECT_EQ(taken_back.get<retraction::Retract>()->id, "wrong-recipient-1");
    EXPECT_EQ(taken_back.get<fallback::Fallback>()->replaces, retraction::ns);
    EXPECT_FALSE(parse<retraction::Retract>("<retract xmlns='urn:xmpp:message-retract:1'/>"));
}

TEST(Xep0424, ReadsAndBuildsATombstone) {
    const std::string tombstone =
        "<retracted xmlns='urn:xmpp:message-retract:1' id='retract-message-1' stamp='2019-09-20T23:09:32Z'/>";
    EXPECT_EQ(round<retraction::Retracted>(tombstone), tombstone);
}

TEST(Xep0444, ReadsAndBuildsReactions) {
    const std::string two =
        "<reactions xmlns='urn:xmpp:reactions:0' id='744f6e18'><reaction>\U0001F44B</reaction>"
        "<reaction>\U0001F422</reaction></reactions>";
    EXPECT_EQ(round<Reactions>(two), two);
    EXPECT_TRUE(parse<Reactions>("<reactions xmlns='urn:xmpp:reactions:0' id='744f6e18'/>")->reactions.empty());
    EXPECT_FALSE(parse<Reactions>("<reactions xmlns='urn:xmpp:reactions:0'/>"));
}

TEST(Xep0461, ReadsAndBuildsAReply) {
    const std::string reply = "<reply xmlns='urn:xmpp:reply:0' to='anna@example.com/tablet' id='message-id1'/>";
    EXPECT_EQ(round<Reply>(reply), reply);
    EXPECT_EQ(parse<Reply>("<reply xmlns='urn:xmpp:reply:0' id='1'/>")->to, std::nullopt);
    EXPECT_FALSE(parse<Reply>("<reply xmlns='urn:xmpp:reply:0' to='anna@example.com'/>"));
}

TEST(Xep0428, ReadsAndBuildsAFallback) {
    const std::string part =
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='33'/></fallback>";
    EXPECT_EQ(round<fallback::Fallback>(part), part);
    EXPECT_EQ(parse<fallback::Fallback>(part)->bodies[0].end, 33u);
    EXPECT_EQ(parse<fallback::Fallback>("<fallback xmlns='urn:xmpp:fallback:0'/>")->replaces, std::nullopt);
    EXPECT_FALSE(parse<fallback::Fallback>("<fallback xmlns='urn:xmpp:fallback:0'><body start='-1'/></fallback>"));
}

TEST(Xep0380, ReadsAndBuildsTheKindOfEncryption) {
    const std::string otr = "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:otr:0'/>";
    EXPECT_EQ(round<Encryption>(otr), otr);
    EXPECT_FALSE(parse<Encryption>("<encryption xmlns='urn:xmpp:eme:0'/>"));
}

TEST(Xep0249, ReadsAndBuildsAnInvitation) {
    const std::string invitation =
        "<x xmlns='jabber:x:conference' jid='darkcave@macbeth.shakespeare.lit' password='cauldronburn' "
        "reason='Hey Hecate, this is the place for all good witches!' continue='true' "
        "thread='e0ffe42b28561960c6b12b944a092794b9683a38'/>";
    EXPECT_EQ(round<DirectInvitation>(invitation), invitation);
}

}  // namespace
}  // namespace aldis::xep
