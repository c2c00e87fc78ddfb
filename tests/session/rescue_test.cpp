// XEP-0198 "Acks": what becomes of stanzas that a client did not acknowledge before its session ended.
#include "device.h"

namespace aldis::session::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using std::chrono::minutes;
using std::chrono::seconds;

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

class RescueTest : public ManagedTest {
protected:
    RescueTest() { balcony.comes_available(GetParam() - 1); }
    [[nodiscard]] Home& home() { return world.home_of(capulet); }
    void wait_in_vain() { world.wait(minutes{10} + seconds{1}); }
    /// What a device that comes now is sent, presence and all.
    std::string who_comes_next_hears() {
        garden.comes();
        return garden.says("<presence/>");
    }
};
ON_ONE_SHARD_AND_TWO(RescueTest);

TEST_P(RescueTest, LeavesThemToWhoComesNext) {
    romeo.says(message_to(balcony.jid(), "m1"));
    balcony.hears();
    balcony.cut();
    romeo.says(message_to(balcony.bare(), "m2"));
    romeo.says(message_to(balcony.jid(), "m3"));
    wait_in_vain();
    EXPECT_THAT(ids_in(romeo.hears()), IsEmpty());
    const std::string heard = who_comes_next_hears();
    EXPECT_THAT(ids_in(heard), ElementsAre("m1", "m2", "m3"));
    EXPECT_EQ(count(heard, "stamp='1970-01-01T00:00:00Z'"), 3u);
    // Once in the archive.
    const std::string archive = garden.says("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
    for (const char* const body : {"<body>m1</body>", "<body>m2</body>", "<body>m3</body>"})
        EXPECT_EQ(count(archive, body), 1u) << body;
}

TEST_P(RescueTest, PassesThemOnToAnotherDevice) {
    balcony.cut();
    romeo.says(message_to(balcony.jid(), "m1"));
    romeo.says(message_to(balcony.jid(), "m2"));
    garden.comes_available();
    EXPECT_THAT(ids_in(garden.hears()), IsEmpty());
    wait_in_vain();
    const std::string heard = garden.hears();
    EXPECT_THAT(ids_in(heard), ElementsAre("m1", "m2"));
    EXPECT_EQ(count(heard, "<delay "), 2u);
}

TEST_P(RescueTest, DoesNotRepeatWhatAnotherDeviceHasAcknowledged) {
    garden.comes_available();
    balcony.cut();
    romeo.says(message_to(balcony.bare(), "m1"));
    EXPECT_THAT(ids_in(garden.hears()), ElementsAre("m1"));
    garden.acknowledges(garden.session()->management()->unacknowledged.sent());
    wait_in_vain();
    EXPECT_THAT(ids_in(garden.hears()), IsEmpty());
    garden.says("</stream:stream>");
    EXPECT_THAT(ids_in(who_comes_next_hears()), IsEmpty());
}

TEST_P(RescueTest, LeavesItToTheOneThatStillHoldsIt) {
    garden.comes_available();
    balcony.cut();
    romeo.says(message_to(balcony.bare(), "m1"));
    wait_in_vain();  // the garden has not acknowledged it, but may
    EXPECT_THAT(ids_in(garden.hears()), ElementsAre("m1"));
    garden.cut();
    wait_in_vain();
    const std::string heard = who_comes_next_hears();
    EXPECT_THAT(ids_in(heard), ElementsAre("m1"));
    EXPECT_THAT(heard, Not(HasSubstr("urn:xmpp:carbons:2")));
}

TEST_P(RescueTest, TrustsADeviceThatHasNoMeansToAcknowledge) {
    Person chamber{world, capulet, "chamber"};
    chamber.says("<presence/>");
    chamber.hears();
    balcony.cut();
    romeo.says(message_to(balcony.bare(), "m1"));
    EXPECT_THAT(ids_in(chamber.hears()), ElementsAre("m1"));
    wait_in_vain();
    EXPECT_THAT(ids_in(chamber.hears()), IsEmpty());
}

TEST_P(RescueTest, ForgetsCopiesButNotTheMessageItself) {
    garden.comes_available();
    garden.says("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
    garden.hears();
    balcony.cut();
    garden.cut();
    romeo.says(message_to(balcony.jid(), "m1"));  // the garden gets a copy
    wait_in_vain();
    const std::string heard = who_comes_next_hears();
    EXPECT_THAT(ids_in(heard), ElementsAre("m1"));
    EXPECT_THAT(heard, Not(HasSubstr("urn:xmpp:carbons:2")));
}

TEST_P(RescueTest, ForgetsWhatOnlyCopiesHeld) {
    // The balcony has it; of the copy in the garden nothing is left.
    garden.comes_available();
    garden.says("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
    garden.cut();
    romeo.says(message_to(balcony.jid(), "m1"));
    EXPECT_THAT(ids_in(balcony.hears()), ElementsAre("m1"));
    balcony.acknowledges(balcony.session()->management()->unacknowledged.sent());
    balcony.says("</stream:stream>");
    wait_in_vain();
    EXPECT_THAT(ids_in(who_comes_next_hears()), IsEmpty());
}

TEST_P(RescueTest, ForgetsRosterPushes) {
    balcony.says("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>");
    balcony.cut();
    garden.comes_available();
    garden.says("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='paris@example.org'/></query></iq>");
    garden.hears();
    wait_in_vain();
    EXPECT_THAT(garden.hears(), Not(HasSubstr("<iq")));
}

TEST_P(RescueTest, AnswersRequestsInItsPlace) {
    balcony.says("<presence to='" + romeo.jid() + "'/>");
    balcony.cut();
    EXPECT_EQ(ids_in(romeo.says("<iq type='get' id='v' to='" + balcony.jid() +
                                "'><query "
                                "xmlns='jabber:iq:version'/></iq>"),
                     "iq"),
              std::vector<std::string>{});
    romeo.says("<iq type='result' id='w' to='" + balcony.jid() + "'/>");
    wait_in_vain();
    const std::string heard = romeo.hears();
    EXPECT_THAT(ids_in(heard, "iq"), Contains("v!"));
    EXPECT_THAT(heard, HasSubstr("<service-unavailable "));
    EXPECT_THAT(heard, HasSubstr("from='" + balcony.jid() + "'"));
}

TEST_P(RescueTest, RefusesWhatIsNotForAnotherDevice) {
    balcony.cut();
    romeo.says(message_to(balcony.jid(), "n1", "normal"));
    romeo.says(message_to(balcony.jid(), "g1", "groupchat"));
    wait_in_vain();
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("n1!", "g1!"));
}

TEST_P(RescueTest, KeepsSilentAboutErrorsAndChatStates) {
    balcony.cut();
    romeo.says("<message type='error' id='e' to='" + balcony.jid() + "'><error type='cancel'/></message>");
    romeo.types_to(nurse, "t");  // something else
    romeo.says("<message type='chat' id='t1' to='" + balcony.bare() +
               "'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
    wait_in_vain();
    EXPECT_THAT(ids_in(romeo.hears()), IsEmpty());
    EXPECT_THAT(ids_in(who_comes_next_hears()), IsEmpty());
}

TEST_P(RescueTest, HappensWithoutResumptionToo) {
    garden.comes(0, "");
    EXPECT_EQ(garden.heard(), "<enabled xmlns='urn:xmpp:sm:3'/>");
    garden.says("<presence><priority>1</priority></presence>");
    balcony.says("</stream:stream>");
    romeo.says(message_to(garden.bare(), "m1"));
    romeo.says(message_to(garden.bare(), "m2"));
    EXPECT_THAT(ids_in(garden.hears()), ElementsAre("m1", "m2"));
    garden.acknowledges(garden.session()->management()->unacknowledged.sent() - 1);
    garden.cut();
    EXPECT_EQ(garden.session(), nullptr);
    EXPECT_THAT(ids_in(who_comes_next_hears()), ElementsAre("m2"));
}

TEST_P(RescueTest, HappensWhenTheClientSaysGoodbyeWithoutAnAck) {
    romeo.says(message_to(balcony.bare(), "m1"));
    balcony.says("</stream:stream>");
    EXPECT_THAT(ids_in(who_comes_next_hears()), ElementsAre("m1"));
}

TEST_P(RescueTest, HappensWhenTheSameResourceComesBackWithoutResuming) {
    balcony.cut();
    romeo.says(message_to(balcony.jid(), "m1"));
    romeo.says(message_to(balcony.bare(), "m2"));
    Device again{world, capulet, "balcony"};
    again.comes();
    const std::string heard = again.says("<presence/>");
    EXPECT_THAT(ids_in(heard), ElementsAre("m1", "m2"));
    EXPECT_EQ(home().counters().away.value(), 0);
    EXPECT_THAT(balcony.resumes(1), HasSubstr("<item-not-found"));
}

TEST_P(RescueTest, HappensWhenThePasswordIsChanged) {
    balcony.cut();
    romeo.says(message_to(balcony.jid(), "m1"));
    home().forget(*Jid::parse(balcony.bare()), "The account was changed.");
    world.settle();
    EXPECT_THAT(ids_in(romeo.hears()), IsEmpty());
    EXPECT_THAT(ids_in(who_comes_next_hears()), ElementsAre("m1"));
}

TEST_P(RescueTest, IsNotForWhoGetsTheNameAfterTheAccountWasRemoved) {
    romeo.says(message_to(balcony.jid(), "m1"));
    balcony.cut();
    romeo.says(message_to(balcony.bare(), "m2"));
    world.stores().database.write_now(
        [&](db::Connection& connection) { world.stores().remove_account(connection, balcony.bare()); });
    home().forget(*Jid::parse(balcony.bare()), "The account was changed.");
    world.settle();
    world.add_account(capulet);
    const std::string heard = who_comes_next_hears();
    EXPECT_THAT(heard, Not(HasSubstr("<message")));
    EXPECT_THAT(garden.says("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>"), Not(HasSubstr("<message")));
}

TEST_P(RescueTest, KeepsOrderWithWhatComesLater) {
    balcony.cut();
    for (int i = 0; i < 12; ++i) romeo.says(message_to(balcony.bare(), "m" + std::to_string(i)));
    wait_in_vain();
    for (int i = 12; i < 15; ++i) romeo.says(message_to(balcony.bare(), "m" + std::to_string(i)));
    std::vector<std::string> all;
    for (int i = 0; i < 15; ++i) all.push_back("m" + std::to_string(i));
    EXPECT_EQ(ids_in(who_comes_next_hears()), all);
}

TEST_P(RescueTest, TellsContactsThatItHasGone) {
    romeo.says("<presence type='subscribe' to='" + balcony.bare() + "'/>");
    balcony.says("<presence type='subscribed' to='" + romeo.bare() + "'/>");
    romeo.hears();
    balcony.cut();
    EXPECT_EQ(romeo.hears(), "");
    wait_in_vain();
    EXPECT_THAT(romeo.hears(), HasSubstr("type='unavailable'"));
}

TEST_P(RescueTest, GivesASenderTheErrorOfAFullDisk) {
    balcony.cut();
    romeo.says(message_to(balcony.jid(), "m1"));
    world.disk.full = true;
    wait_in_vain();
    world.disk.full = false;
    // It is in the archive, but not where who comes next is given it.
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m1!"));
    romeo.says(message_to(balcony.bare(), "m2"));
    EXPECT_THAT(ids_in(who_comes_next_hears()), ElementsAre("m2"));
}

TEST_P(RescueTest, OfOneWhoIsWaitingForTheDiskComesAfterIt) {
    balcony.cut();
    world.writes = false;
    romeo.says(message_to(balcony.jid(), "m1"));
    world.wait(minutes{10} + seconds{1});
    EXPECT_EQ(balcony.session(), nullptr);
    world.writes = true;
    world.settle();
    EXPECT_THAT(ids_in(who_comes_next_hears()), ElementsAre("m1"));
}

}  // namespace
}  // namespace aldis::session::test
