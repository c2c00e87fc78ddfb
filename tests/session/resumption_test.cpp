// XEP-0198 "Resumption".
#include "device.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;

using std::chrono::minutes;
using std::chrono::seconds;

std::string resumed(const Device& device, std::uint64_t h) {
    return "<resumed xmlns='urn:xmpp:sm:3' previd='" + device.id() + "' h='" + std::to_string(h) + "'/>";
}

class ResumptionTest : public ManagedTest {
protected:
    ResumptionTest() { balcony.comes_available(); }
    [[nodiscard]] unsigned other_shard() const { return GetParam() - 1; }
    [[nodiscard]] Home& home() { return world.home_of(capulet); }
};
ON_ONE_SHARD_AND_TWO(ResumptionTest);

TEST_P(ResumptionTest, SendsAgainWhatWasNotAcknowledged) {
    romeo.says(message_to(balcony.bare(), "m1"));
    romeo.says(message_to(balcony.bare(), "m2"));
    EXPECT_THAT(ids_in(balcony.hears()), ElementsAre("m1", "m2"));
    balcony.cut();
    romeo.says(message_to(balcony.bare(), "m3"));
    EXPECT_THAT(ids_in(romeo.hears()), IsEmpty());
    // Its own presence was the first stanza.
    const std::string heard = balcony.resumes(2, other_shard());
    EXPECT_TRUE(heard.starts_with(resumed(balcony, 1))) << heard;
    EXPECT_THAT(ids_in(heard), ElementsAre("m2", "m3"));
    EXPECT_THAT(heard, Not(HasSubstr("<delay ")));
    romeo.says(message_to(balcony.bare(), "m4"));
    EXPECT_THAT(ids_in(balcony.hears()), ElementsAre("m4"));
    balcony.acknowledges(5);
    EXPECT_EQ(balcony.session()->management()->unacknowledged.size(), 0u);
}

TEST_P(ResumptionTest, KeepsCountingOnManyConnections) {
    std::uint64_t got = 1;   // presence
    std::uint64_t sent = 1;  // the same
    for (int i = 0; i < 20; ++i) {
        const std::string id = "m" + std::to_string(i);
        romeo.says(message_to(balcony.bare(), id));
        if (i % 3 != 0) EXPECT_THAT(ids_in(balcony.hears()), ElementsAre(id));
        balcony.cut();
        const std::string heard = balcony.resumes(i % 3 == 0 ? got : got + 1, static_cast<unsigned>(i) % GetParam());
        EXPECT_THAT(heard, HasSubstr(resumed(balcony, sent)));
        if (i % 3 == 0) {
            EXPECT_THAT(ids_in(heard), ElementsAre(id));
        } else {
            EXPECT_THAT(ids_in(heard), IsEmpty());
        }
        ++got;
        balcony.writes_to(romeo.bare(), "j" + std::to_string(i));
        ++sent;
        EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("j" + std::to_string(i)));
    }
    EXPECT_EQ(home().counters().resumed.value(), 20u);
}

TEST_P(ResumptionTest, IsSeenByNobody) {
    romeo.says("<presence type='subscribe' to='" + balcony.bare() + "'/>");
    balcony.says("<presence type='subscribed' to='" + romeo.bare() + "'/>");
    romeo.hears();
    balcony.cut();
    EXPECT_EQ(romeo.hears(), "");
    const auto h = balcony.session()->management()->unacknowledged.sent();
    EXPECT_THAT(balcony.resumes(h), HasSubstr("<resumed "));
    EXPECT_EQ(romeo.hears(), "");
}

/// Logged in on a new connection while the disk holds back a message of the old one.
class SlowDiskTest : public ResumptionTest {
protected:
    SlowDiskTest() {
        second.set_id(balcony.id());
        second.connects(other_shard());
        third.set_id(balcony.id());
        third.connects();
        world.writes = false;
        balcony.writes_to(romeo.bare(), "m1");
    }
    Device second{world, capulet, "balcony"};
    Device third{world, capulet, "balcony"};
};
ON_ONE_SHARD_AND_TWO(SlowDiskTest);

TEST_P(SlowDiskTest, AnswersWhenItIsKnownWhatWasHandled) {
    balcony.cut();
    EXPECT_EQ(second.asks_to_resume(1), "");
    EXPECT_THAT(ids_in(romeo.hears()), IsEmpty());
    world.writes = true;
    EXPECT_THAT(second.hears(), HasSubstr(resumed(balcony, 2)));
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m1"));
    EXPECT_THAT(second.is_told(), Optional(2));
}

TEST_P(SlowDiskTest, CountsWhatFailedAndSaysSo) {
    balcony.cut();
    second.asks_to_resume(1);
    world.disk.full = true;
    world.writes = true;
    const std::string heard = second.hears();
    EXPECT_TRUE(heard.starts_with(resumed(balcony, 2))) << heard;
    EXPECT_THAT(ids_in(heard), ElementsAre("m1!"));
}

TEST_P(SlowDiskTest, ReplacesAConnectionThatHangs) {
    second.asks_to_resume(1);
    EXPECT_THAT(balcony.hears(), HasSubstr("<stream:error><conflict "));
    EXPECT_TRUE(balcony.end().closed());
    world.writes = true;
    EXPECT_THAT(second.hears(), HasSubstr(resumed(balcony, 2)));
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m1"));
}

TEST_P(SlowDiskTest, LetsTheLastOfTwoAttemptsWin) {
    second.asks_to_resume(1);
    third.asks_to_resume(1);
    // Not left to wait for nothing.
    EXPECT_THAT(second.hears(), HasSubstr("<stream:error><conflict "));
    EXPECT_TRUE(second.end().closed());
    world.writes = true;
    EXPECT_THAT(third.hears(), HasSubstr(resumed(balcony, 2)));
    EXPECT_EQ(home().counters().sessions.value(), GetParam() == 1 ? 3 : 1);
    romeo.says(message_to(balcony.bare(), "r1"));
    EXPECT_THAT(ids_in(third.hears()), ElementsAre("r1"));
}

TEST_P(SlowDiskTest, LetsTheFirstAttemptGoAwayAgain) {
    second.asks_to_resume(1);
    second.cut();
    world.writes = true;
    world.settle();
    ASSERT_NE(balcony.session(), nullptr);
    EXPECT_FALSE(balcony.session()->connected());
    EXPECT_THAT(third.asks_to_resume(1), HasSubstr(resumed(balcony, 2)));
}

TEST_P(SlowDiskTest, FailsAnAttemptWhoseSessionIsGivenUpMeanwhile) {
    balcony.cut();
    Session& session = *balcony.session();
    second.asks_to_resume(1);
    session.account().give_up(session);
    EXPECT_THAT(second.hears(), HasSubstr("<item-not-found"));
    EXPECT_THAT(second.says("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"),
                HasSubstr("<jid>"));
}

TEST_P(SlowDiskTest, DoesNotResumeOnAStreamThatHasEnded) {
    balcony.cut();
    second.asks_to_resume(1);
    // The stream's time is up, but its connection is not closed yet when the disk is done.
    world.clock.advance(seconds{16});
    for (unsigned i = 0; i < world.shards(); ++i) world.shard(i).poll();
    EXPECT_THAT(second.end().sent(), HasSubstr("<connection-timeout "));
    world.write_only();
    for (unsigned i = 0; i < world.shards(); ++i) world.shard(i).poll();
    world.writes = true;
    world.settle();
    ASSERT_NE(balcony.session(), nullptr);
    EXPECT_FALSE(balcony.session()->connected());
    EXPECT_THAT(balcony.resumes(1), HasSubstr(resumed(balcony, 2)));
}

TEST_P(SlowDiskTest, EndsAnAttemptWhenTheAccountIsClosed) {
    second.asks_to_resume(1);
    home().forget(*Jid::parse(balcony.bare()), "The account was changed.");
    EXPECT_THAT(second.hears(), HasSubstr("<not-authorized "));
    EXPECT_TRUE(second.end().closed());
    world.writes = true;
    world.settle();
    EXPECT_EQ(balcony.session(), nullptr);
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m1"));
}

TEST_P(ResumptionTest, ReplacesAConnectionThatHangs) {
    const auto old = balcony.shared_end();
    EXPECT_THAT(balcony.resumes(1, other_shard()), HasSubstr(resumed(balcony, 1)));
    EXPECT_THAT(old->take_sent(), HasSubstr("<stream:error><conflict "));
    EXPECT_TRUE(old->closed());
    EXPECT_TRUE(balcony.session()->connected());
    EXPECT_EQ(home().counters().away.value(), 0);
}

TEST_P(ResumptionTest, IsForTheAccountAlone) {
    const std::string name = account(0, "tybalt");
    balcony.cut();
    Device tybalt{world, name, "balcony"};
    tybalt.set_id(balcony.id());
    const std::string heard = tybalt.resumes(0);
    EXPECT_THAT(heard, HasSubstr("<failed xmlns='urn:xmpp:sm:3'><item-not-found"));
    EXPECT_THAT(heard, Not(HasSubstr("h='")));
    tybalt.binds();
    EXPECT_THAT(balcony.resumes(1), HasSubstr("<resumed "));
}

TEST_P(ResumptionTest, OffersAnotherStartWhenTheTimeIsUp) {
    balcony.cut();
    world.wait(minutes{10} + seconds{1});
    EXPECT_EQ(balcony.session(), nullptr);
    EXPECT_EQ(home().counters().away.value(), 0);
    EXPECT_EQ(home().counters().not_resumed.value(), 1u);
    EXPECT_THAT(balcony.resumes(1), HasSubstr("<failed xmlns='urn:xmpp:sm:3' h='1'><item-not-found"));
    balcony.binds();
}

TEST_P(ResumptionTest, WaitsAsLongAsTheClientWishes) {
    garden.comes(0, "resume='1' max='30'");
    EXPECT_EQ(garden.attribute("max"), "30");
    garden.cut();
    world.wait(seconds{29});
    EXPECT_THAT(garden.resumes(0), HasSubstr("<resumed "));
    garden.cut();
    world.wait(seconds{31});
    EXPECT_THAT(garden.resumes(0), HasSubstr("<failed "));
}

TEST_P(ResumptionTest, WaitsNoLongerThanTheServerLikes) {
    garden.comes(0, "resume='true' max='100000'");
    EXPECT_EQ(garden.attribute("max"), "600");
}

TEST_P(ResumptionTest, EndsTheNewStreamOnTooHighACount) {
    balcony.cut();
    const std::string heard = balcony.resumes(9);
    EXPECT_THAT(heard, HasSubstr("<undefined-condition "));
    EXPECT_THAT(heard, HasSubstr("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='9' send-count='1'/>"));
    EXPECT_TRUE(balcony.end().closed());
    EXPECT_THAT(balcony.resumes(1), HasSubstr("<resumed "));
}

TEST_P(ResumptionTest, DoesNotEndAnOldStreamForABadAttempt) {
    Device thief{world, capulet, "balcony"};
    thief.set_id(balcony.id());
    thief.resumes(9);
    EXPECT_FALSE(balcony.end().closed());
    romeo.says(message_to(balcony.bare(), "m1"));
    EXPECT_THAT(ids_in(balcony.hears()), ElementsAre("m1"));
}

TEST_P(ResumptionTest, EndsWithAGoodbye) {
    balcony.says("</stream:stream>");
    EXPECT_EQ(balcony.session(), nullptr);
    EXPECT_THAT(balcony.resumes(1), HasSubstr("<item-not-found"));
}

TEST_P(ResumptionTest, MakesNoDifferenceToANegativePriority) {
    balcony.says("<presence><priority>-1</priority></presence>");
    balcony.cut();
    garden.comes_available();
    romeo.says(message_to(balcony.bare(), "m1"));
    romeo.says(message_to(balcony.jid(), "m2"));
    EXPECT_THAT(ids_in(garden.hears()), ElementsAre("m1"));
    EXPECT_THAT(ids_in(balcony.resumes(2)), ElementsAre("m2"));
}

TEST_P(ResumptionTest, KeepsRequestsThatAreBeingAnswered) {
    // A request that needs the disk is answered to the session, not to the connection.
    world.writes = false;
    balcony.says("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
    balcony.end().receive_end(net::Closed::broken);
    world.settle();
    world.writes = true;
    const std::string heard = balcony.resumes(1);
    EXPECT_TRUE(heard.starts_with(resumed(balcony, 2))) << heard;
    EXPECT_THAT(ids_in(heard, "iq"), ElementsAre("q"));
}

TEST_P(ResumptionTest, DoesNotCountWhatItHasNotLookedAt) {
    world.writes = false;
    balcony.writes_to(romeo.bare(), "m1");
    // Waits for the message, and goes with the connection: the client sends it again.
    balcony.says("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    balcony.end().receive_end(net::Closed::broken);
    world.settle();
    world.writes = true;
    const std::string heard = balcony.resumes(1);
    EXPECT_TRUE(heard.starts_with(resumed(balcony, 2))) << heard;
    EXPECT_THAT(ids_in(heard, "iq"), IsEmpty());
    EXPECT_THAT(ids_in(balcony.says("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>"), "iq"),
                ElementsAre("r"));
    EXPECT_THAT(balcony.is_told(), Optional(3));
}

TEST_P(ResumptionTest, ComesToAnEndWithTheAccount) {
    balcony.cut();
    home().forget(*Jid::parse(balcony.bare()), "The account was changed.");
    world.settle();
    EXPECT_EQ(balcony.session(), nullptr);
    EXPECT_EQ(home().counters().away.value(), 0);
    EXPECT_THAT(balcony.resumes(1), HasSubstr("<item-not-found"));
}

TEST_P(ResumptionTest, MayBeSwitchedOff) {
    Limits limits;
    limits.resumption.patience = seconds{0};
    home().set_limits(home().stream_limits(), limits);
    garden.comes();
    EXPECT_EQ(garden.heard(), "<enabled xmlns='urn:xmpp:sm:3'/>");
}

}  // namespace
}  // namespace aldis::session::test
