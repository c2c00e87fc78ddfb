// XEP-0198 "Acks": what the server acknowledges is on disk, and what it does not is not delivered either.
#include "device.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;

constexpr std::string_view ask = "<r xmlns='urn:xmpp:sm:3'/>";

class AcknowledgementTest : public ManagedTest {
protected:
    AcknowledgementTest() { balcony.comes_available(GetParam() - 1); }
};
ON_ONE_SHARD_AND_TWO(AcknowledgementTest);

TEST_P(AcknowledgementTest, HoldsBackAckAndDeliveryTogether) {
    EXPECT_THAT(balcony.is_told(), Optional(1));
    world.writes = false;
    balcony.writes_to(romeo.bare(), "m1");
    EXPECT_EQ(balcony.is_told(), std::nullopt);
    EXPECT_THAT(ids_in(romeo.hears()), IsEmpty());
    // Whatever others have to say goes on.
    nurse.types_to(romeo, "n1");
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("n1"));
    romeo.says(message_to(balcony.bare(), "r1"));
    EXPECT_THAT(ids_in(nurse.says("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"), "iq"), ElementsAre("p"));
    world.writes = true;
    EXPECT_THAT(Device::h_in(balcony.hears()), Optional(2));
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m1"));
}

TEST_P(AcknowledgementTest, CountsWhatCouldNotBeStoredAndSaysSo) {
    world.disk.full = true;
    balcony.writes_to(romeo.bare(), "m1");
    const std::string heard = balcony.says(ask);
    EXPECT_THAT(ids_in(heard), ElementsAre("m1!"));
    EXPECT_THAT(Device::h_in(heard), Optional(2));
    EXPECT_THAT(ids_in(romeo.hears()), IsEmpty());
    world.disk.full = false;
    balcony.writes_to(romeo.bare(), "m2");
    EXPECT_THAT(balcony.is_told(), Optional(3));
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m2"));
}

TEST_P(AcknowledgementTest, CountsNothingBeforeWhatCameEarlier) {
    world.writes = false;
    balcony.writes_to(romeo.bare(), "m1");
    // Stores nothing and goes to somebody else: it is done with at once.
    balcony.says("<message to='" + nurse.bare() +
                 "' type='chat' id='t2'><composing "
                 "xmlns='http://jabber.org/protocol/chatstates'/></message>");
    EXPECT_THAT(ids_in(nurse.hears()), ElementsAre("t2"));
    EXPECT_EQ(balcony.session()->management()->h(balcony.session()->handled()), 1u);
    world.writes = true;
    EXPECT_THAT(balcony.is_told(), Optional(3));
}

TEST_P(AcknowledgementTest, AnswersThoughThereIsAlwaysMoreOnItsWay) {
    // As a client that asks after each message and never stops writing.
    world.writes = false;
    balcony.end().receive(message_to(romeo.bare(), "m1") + std::string{ask});
    world.settle();
    std::vector<std::uint64_t> told;
    for (int i = 2; i < 8; ++i) {
        world.write_only();  // the one before
        balcony.end().receive(message_to(romeo.bare(), "m" + std::to_string(i)) + std::string{ask});
        if (const auto h = Device::h_in(balcony.hears())) told.push_back(*h);
    }
    EXPECT_THAT(told, ElementsAre(2, 3, 4, 5, 6, 7));
    world.writes = true;
    EXPECT_THAT(Device::h_in(balcony.hears()), Optional(8));
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m1", "m2", "m3", "m4", "m5", "m6", "m7"));
}

TEST_P(AcknowledgementTest, AnswersEachRequestThatItCan) {
    const std::string heard = balcony.says(std::string{ask} + std::string{ask});
    EXPECT_EQ(heard, "<a xmlns='urn:xmpp:sm:3' h='1'/><a xmlns='urn:xmpp:sm:3' h='1'/>");
}

TEST_P(AcknowledgementTest, CountsAStanzaThatIsRefused) {
    balcony.says("<message to='nobody@example.org' id='m1'><body>x</body></message>");
    balcony.says("<message to='a@b@c' id='m2'><body>x</body></message>");
    balcony.says("<iq type='get' id='i'/>");
    EXPECT_THAT(balcony.is_told(), Optional(4));
}

TEST_P(AcknowledgementTest, CountsARosterChangeWhenItIsOnDisk) {
    world.writes = false;
    balcony.says("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='paris@example.org'/></query></iq>");
    EXPECT_EQ(balcony.is_told(), std::nullopt);
    world.writes = true;
    const std::string heard = balcony.hears();
    EXPECT_THAT(ids_in(heard, "iq"), testing::Contains("s"));
    EXPECT_THAT(Device::h_in(heard), Optional(2));
}

TEST_P(AcknowledgementTest, CountsASubscriptionWhenItIsOnDisk) {
    world.writes = false;
    balcony.says("<presence type='subscribe' to='" + romeo.bare() + "'/>");
    EXPECT_EQ(balcony.is_told(), std::nullopt);
    EXPECT_THAT(romeo.hears(), Not(HasSubstr("subscribe")));
    world.writes = true;
    EXPECT_THAT(Device::h_in(balcony.hears()), Optional(2));
    EXPECT_THAT(romeo.hears(), HasSubstr("type='subscribe'"));
}

TEST_P(AcknowledgementTest, TellsNothingToWhoHasNotEnabledIt) {
    EXPECT_THAT(romeo.says(ask), HasSubstr("<failed xmlns='urn:xmpp:sm:3'><unexpected-request"));
    EXPECT_THAT(romeo.says("<a xmlns='urn:xmpp:sm:3' h='1'/>"), HasSubstr("<unexpected-request"));
    EXPECT_FALSE(romeo.end().closed());
}

TEST_P(AcknowledgementTest, AsksForOneWithAMessage) {
    romeo.says(message_to(balcony.bare(), "m1"));
    romeo.says(message_to(balcony.bare(), "m2"));
    const std::string heard = balcony.hears();
    EXPECT_THAT(ids_in(heard), ElementsAre("m1", "m2"));
    EXPECT_EQ(heard.find(ask), heard.rfind(ask));
    EXPECT_NE(heard.find(ask), std::string::npos);
}

}  // namespace
}  // namespace aldis::session::test
