#include "modules/mam/retraction.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::mam {
namespace {

constexpr Timestamp when = std::chrono::sys_days{std::chrono::year{2019} / 9 / 20} + std::chrono::hours{23};

/// XEP-0424 example 4, as its sender's and its receiver's server see it.
Retraction asked(bool outgoing) {
    const std::optional<Retraction> retraction = retraction_of(
        message_of("<message type='chat' from='romeo@montague.example/orchard' to='lord@capulet.example' "
                   "id='retract-message-1'><retract id='wrong-recipient-1' xmlns='urn:xmpp:message-retract:1'/>"
                   "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>"
                   "<body>/me retracted a previous message, but it's unsupported by your client.</body>"
                   "<store xmlns='urn:xmpp:hints'/></message>"),
        outgoing, when);
    return retraction.value();
}

constexpr const char* original =
    "<message type='chat' to='lord@capulet.example' id='wrong-recipient-1' from='romeo@montague.example/bower' "
    "xml:lang='en'><body>Have not saints lips?</body><x xmlns='urn:example'>saints</x>"
    "<origin-id xmlns='urn:xmpp:sid:0' id='o'/></message>";

TEST(MamRetraction, IsWhatTheMessageAsks) {
    const Retraction retraction = asked(true);
    EXPECT_EQ(retraction.id, "retract-message-1");
    EXPECT_EQ(retraction.of, "wrong-recipient-1");
    EXPECT_EQ(retraction.from, "romeo@montague.example/orchard");
}

TEST(MamRetraction, IsNoneInRoomsOrWithoutIds) {
    for (const char* const text :
         {"<message type='groupchat' id='r'><retract id='1' xmlns='urn:xmpp:message-retract:1'/></message>",
          "<message type='headline' id='r'><retract id='1' xmlns='urn:xmpp:message-retract:1'/></message>",
          "<message type='error' id='r'><retract id='1' xmlns='urn:xmpp:message-retract:1'/></message>",
          "<message type='chat' id='r'><retract xmlns='urn:xmpp:message-retract:1'/></message>",
          "<message type='chat'><retract id='1' xmlns='urn:xmpp:message-retract:1'/></message>",
          "<message type='chat' id='r'><retract id='1' xmlns='urn:xmpp:message-retract:0'/></message>"})
        EXPECT_FALSE(retraction_of(message_of(text), true, when)) << text;
}

TEST(MamRetraction, LeavesATombstoneWithoutTheContents) {
    EXPECT_EQ(tombstone_of(original, true, asked(true)),
              "<message type='chat' to='lord@capulet.example' id='wrong-recipient-1' "
              "from='romeo@montague.example/bower' xml:lang='en'><origin-id xmlns='urn:xmpp:sid:0' id='o'/>"
              "<retracted xmlns='urn:xmpp:message-retract:1' id='retract-message-1' stamp='2019-09-20T23:00:00Z'/>"
              "</message>");
    EXPECT_TRUE(tombstone_of(original, false, asked(false)));
}

TEST(MamRetraction, IsForTheSenderOnly) {
    EXPECT_FALSE(tombstone_of(original, false, asked(true)));
    EXPECT_FALSE(tombstone_of(original, true, asked(false)));
}

TEST(MamRetraction, IsForTheSameOccupantOfARoomOnly) {
    const std::string theirs =
        "<message type='chat' to='lord@capulet.example' id='wrong-recipient-1' from='room@muc.example/tybalt'>"
        "<body>hi</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>";
    Retraction retraction = asked(false);
    retraction.from = "room@muc.example/romeo";
    EXPECT_FALSE(tombstone_of(theirs, false, retraction));
    retraction.from = "room@muc.example/tybalt";
    EXPECT_TRUE(tombstone_of(theirs, false, retraction));
}

TEST(MamRetraction, IsOfThatMessageAndOnce) {
    EXPECT_FALSE(tombstone_of("<message type='chat' id='other'><body>hi</body></message>", true, asked(true)));
    EXPECT_FALSE(
        tombstone_of("<message type='headline' id='wrong-recipient-1'><body>hi</body></message>", true, asked(true)));
    const std::string tombstone = tombstone_of(original, true, asked(true)).value();
    EXPECT_FALSE(tombstone_of(tombstone, true, asked(true)));
}

TEST(MamRetraction, LeavesWhatCannotBeRead) { EXPECT_FALSE(tombstone_of("<message", true, asked(true))); }

}  // namespace
}  // namespace aldis::modules::mam
