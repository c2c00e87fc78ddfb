// What messages carry: delays, ids, hints, receipts, markers, chat states, and other messages.

#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0085_chat_states.h"
#include "xep/xep0184_receipts.h"
#include "xep/xep0203_delay.h"
#include "xep/xep0280_carbons.h"
#include "xep/xep0297_forwarding.h"
#include "xep/xep0333_markers.h"
#include "xep/xep0334_hints.h"
#include "xep/xep0359_stanza_ids.h"

namespace aldis::xep {
namespace {

TEST(Xep0203, ReadsAndBuildsADelay) {
    const std::string delay =
        "<delay xmlns='urn:xmpp:delay' from='capulet.com' stamp='2002-09-10T23:08:25Z'>Offline Storage</delay>";
    EXPECT_EQ(round<Delay>(delay), delay);
    EXPECT_EQ(parse<Delay>("<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>")->reason, std::nullopt);
    for (const char* text : {"<delay xmlns='urn:xmpp:delay'/>", "<delay xmlns='urn:xmpp:delay' stamp='x'/>",
                             "<delay xmlns='urn:xmpp:delay' stamp='20020910T23:08:25'/>",
                             "<delay xmlns='urn:xmpp:delay' from='@' stamp='2002-09-10T23:08:25Z'/>"})
        EXPECT_FALSE(parse<Delay>(text)) << text;
}

// "Forwarding a message"
TEST(Xep0297, ReadsAndBuildsAForwardedStanza) {
    const std::string forwarded =
        "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>"
        "<message xmlns='jabber:client' from='juliet@capulet.lit/orchard' id='0202197' to='romeo@montague.lit' "
        "type='chat'><body>Yet I should kill thee with much cherishing.</body>"
        "<mood xmlns='http://jabber.org/protocol/mood'><amorous/></mood></message></forwarded>";
    EXPECT_EQ(round<Forwarded>(forwarded), forwarded);
    EXPECT_EQ(parse<Forwarded>("<forwarded xmlns='urn:xmpp:forward:0'/>")->stanza, nullptr);
}

TEST(Xep0280, WrapsWhatIsAlreadySerialised) {
    stanza::Message original = message("<message from='a@b/c' to='d@e' type='chat'><body>&lt;</body></message>");
    stanza::Message carbon{{.from = jid("d@e"), .to = jid("d@e/f"), .type = MessageType::chat}};
    carbon.add(carbons::Received{.forwarded = {.stanza = original.wire()}});
    EXPECT_EQ(*carbon.wire(),
              "<message from='d@e' to='d@e/f' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded "
              "xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='a@b/c' to='d@e' type='chat'>"
              "<body>&lt;</body></message></forwarded></received></message>");
    EXPECT_EQ(*message(*carbon.wire()).get<carbons::Received>()->forwarded.stanza, *original.wire());
    EXPECT_TRUE(message("<message><private xmlns='urn:xmpp:carbons:2'/></message>").has<carbons::Private>());
}

TEST(Xep0334, SeesHints) {
    const stanza::Message romeo = message(
        "<message><body>V unir</body><no-copy xmlns=\"urn:xmpp:hints\"/><no-store "
        "xmlns=\"urn:xmpp:hints\"/></message>");
    EXPECT_TRUE(romeo.has<hints::NoCopy>());
    EXPECT_TRUE(romeo.has<hints::NoStore>());
    EXPECT_FALSE(romeo.has<hints::NoPermanentStore>());
    EXPECT_FALSE(romeo.has<hints::Store>());
    EXPECT_FALSE(message("<message><store/></message>").has<hints::Store>());
}

const std::string spoofed =
    "<message><body>x</body><stanza-id xmlns='urn:xmpp:sid:0' id='1' by='room@muc.example.com'/>"
    "<stanza-id xmlns='urn:xmpp:sid:0' id='2' by='juliet@example.org'/>"
    "<stanza-id xmlns='urn:xmpp:sid:0' id='3' by='Juliet@Example.org'/>"
    "<stanza-id xmlns='urn:xmpp:sid:0' id='4'/><stanza-id xmlns='urn:xmpp:sid:0' id='5' by=' juliet@example.org'/>"
    "<stanza-id xmlns='other' id='6' by='juliet@example.org'/>"
    "<origin-id xmlns='urn:xmpp:sid:0' id='7'/></message>";

// "Business Rules": the second
TEST(Xep0359, RemovesTheIdsThatOnlyWeAssign) {
    stanza::Message to_juliet = message(spoofed);
    remove_stanza_ids(to_juliet, jid("juliet@example.org"));
    EXPECT_EQ(*to_juliet.wire(),
              "<message><body>x</body><stanza-id xmlns='urn:xmpp:sid:0' id='1' by='room@muc.example.com'/>"
              "<stanza-id xmlns='other' id='6' by='juliet@example.org'/><origin-id xmlns='urn:xmpp:sid:0' id='7'/>"
              "</message>");
}

TEST(Xep0359, LeavesWhatIsSerialisedWhereThereIsNothingToRemove) {
    stanza::Message innocent = message("<message><stanza-id xmlns='urn:xmpp:sid:0' id='1' by='a@b'/></message>");
    const Bytes before = innocent.wire();
    remove_stanza_ids(innocent, jid("juliet@example.org"));
    EXPECT_EQ(innocent.wire(), before);
}

TEST(Xep0359, FindsIds) {
    const stanza::Message found = message(spoofed);
    EXPECT_EQ(stanza_id_by(found, jid("room@muc.example.com")), "1");
    EXPECT_EQ(stanza_id_by(found, jid("juliet@example.org")), "2");
    EXPECT_EQ(stanza_id_by(found, jid("nobody@example.org")), std::nullopt);
    EXPECT_EQ(found.get<OriginId>()->id, "7");
    EXPECT_FALSE(parse<StanzaId>("<stanza-id xmlns='urn:xmpp:sid:0' id='4'/>"));
    EXPECT_FALSE(parse<OriginId>("<origin-id xmlns='urn:xmpp:sid:0'/>"));
}

TEST(Xep0085, TellsTheStateOfAChat) {
    EXPECT_EQ(chat_state_of(message("<message><body>a</body><active xmlns='http://jabber.org/protocol/chatstates'/>"
                                    "</message>")),
              ChatState::active);
    EXPECT_EQ(chat_state_of(message("<message><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")),
              ChatState::composing);
    EXPECT_EQ(chat_state_of(message("<message><bored xmlns='http://jabber.org/protocol/chatstates'/></message>")),
              std::nullopt);
    EXPECT_EQ(chat_state_of(message("<message><active/></message>")), std::nullopt);
}

TEST(Xep0085, TellsANotificationThatStandsAlone) {
    const std::string paused = "<paused xmlns='http://jabber.org/protocol/chatstates'/>";
    EXPECT_TRUE(is_only_chat_state(message("<message>" + paused + "</message>")));
    EXPECT_TRUE(is_only_chat_state(message("<message><thread>t</thread>" + paused + "</message>")));
    EXPECT_FALSE(is_only_chat_state(message("<message><body/>" + paused + "</message>")));
    EXPECT_FALSE(is_only_chat_state(message("<message>" + paused + "<store xmlns='urn:xmpp:hints'/></message>")));
    EXPECT_FALSE(is_only_chat_state(message("<message><thread>t</thread></message>")));
}

TEST(Xep0184, ReadsAndBuildsReceipts) {
    EXPECT_EQ(round<receipts::Request>("<request xmlns='urn:xmpp:receipts'/>"), "<request xmlns='urn:xmpp:receipts'/>");
    const std::string received = "<received xmlns='urn:xmpp:receipts' id='richard2-4.1.247'/>";
    EXPECT_EQ(round<receipts::Received>(received), received);
    EXPECT_FALSE(parse<receipts::Received>("<received xmlns='urn:xmpp:receipts'/>"));
}

TEST(Xep0333, ReadsAndBuildsMarkers) {
    EXPECT_TRUE(message("<message><markable xmlns='urn:xmpp:chat-markers:0'/></message>").has<markers::Markable>());
    const std::string displayed = "<displayed xmlns='urn:xmpp:chat-markers:0' id='the-msg-1'/>";
    EXPECT_EQ(round<markers::Displayed>(displayed), displayed);
    EXPECT_FALSE(parse<markers::Displayed>("<displayed xmlns='urn:xmpp:chat-markers:0'/>"));
}

}  // namespace
}  // namespace aldis::xep
