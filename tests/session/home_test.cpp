// What a server promises about the disk (docs/architecture.md, "Durability"), with the disk in the test's hands; with
// all accounts on one shard, and spread over two.
#include "world.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

INSTANTIATE_TEST_SUITE_P(Shards, HomeTest, ::testing::Values(1u, 2u),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

TEST_P(HomeTest, DeliversWhatIsOnDisk) {
    romeo.writes_to(juliet, "m1");
    const std::string heard = juliet.hears();
    EXPECT_THAT(ids_in(heard), ElementsAre("m1"));
    EXPECT_THAT(heard, HasSubstr("from='" + romeo.jid() + "'"));
    EXPECT_THAT(heard, HasSubstr("<stanza-id "));
    EXPECT_EQ(romeo.hears(), "");
}

// ---- The commit is held back ----

TEST_P(HomeTest, DeliversNothingThatIsNotOnDiskYet) {
    world.writes = false;
    romeo.writes_to(juliet, "m1");
    romeo.writes_to(juliet, "m2");
    EXPECT_EQ(juliet.hears(), "");
    EXPECT_EQ(romeo.hears(), "");
    world.writes = true;
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m1", "m2"));
}

TEST_P(HomeTest, LetsOtherTrafficPassWhileACommitIsHeldBack) {
    world.writes = false;
    romeo.writes_to(juliet, "m1");
    nurse.types_to(juliet, "n1");
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("n1"));
    juliet.types_to(romeo, "j1");
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("j1"));
    world.writes = true;
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m1"));
}

TEST_P(HomeTest, KeepsTheOrderOfOneSenderToOneAccount) {
    world.writes = false;
    romeo.types_to(juliet, "t0");
    romeo.writes_to(juliet, "m1");
    romeo.types_to(juliet, "t2");
    romeo.types_to(nurse, "t3");
    romeo.writes_to(juliet, "m4");
    romeo.types_to(juliet, "t5");
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("t0"));
    EXPECT_THAT(ids_in(nurse.hears()), ElementsAre("t3"));
    world.writes = true;
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m1", "t2", "m4", "t5"));
}

TEST_P(HomeTest, KeepsTheOrderOfManyMessagesInManyCommits) {
    std::vector<std::string> sent;
    for (int i = 0; i < 60; ++i) {
        world.writes = i % 7 == 0;
        sent.push_back("m" + std::to_string(i));
        i % 3 == 0 ? romeo.types_to(juliet, sent.back()) : romeo.writes_to(juliet, sent.back());
    }
    world.writes = true;
    EXPECT_EQ(ids_in(juliet.hears()), sent);
}

TEST_P(HomeTest, LetsAnIqToOnesOwnAccountWaitForOnesMessages) {
    const std::string get = "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>";
    world.writes = false;
    romeo.writes_to(juliet, "m1");
    EXPECT_EQ(romeo.says(get), "");
    EXPECT_THAT(ids_in(nurse.says(get), "iq"), ElementsAre("r"));
    world.writes = true;
    EXPECT_THAT(ids_in(romeo.hears(), "iq"), ElementsAre("r"));
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m1"));
}

TEST_P(HomeTest, FindsInTheArchiveWhatItsOwnerHasJustSent) {
    world.writes = false;
    romeo.writes_to(juliet, "m1");
    romeo.says("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
    world.writes = true;
    const std::string heard = romeo.hears();
    EXPECT_THAT(heard, HasSubstr("<body>m1</body>"));
    EXPECT_THAT(ids_in(heard, "iq"), ElementsAre("q"));
}

TEST_P(HomeTest, KeepsAMessageWhoseReceiverLeftWhileItWasWritten) {
    world.writes = false;
    romeo.writes_to(juliet, "m1");
    juliet.end().receive_end(net::Closed::broken);
    world.settle();
    world.writes = true;
    EXPECT_EQ(romeo.hears(), "");
    Person again{world, juliet.bare().substr(0, juliet.bare().find('@')), "garden"};
    EXPECT_THAT(again.says("<presence/>") + again.says("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>"),
                HasSubstr("<body>m1</body>"));
}

TEST_P(HomeTest, DeliversThoughTheSenderHasLeftMeanwhile) {
    world.writes = false;
    romeo.writes_to(juliet, "m1");
    romeo.end().receive_end();
    world.settle();
    world.writes = true;
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m1"));
}

TEST_P(HomeTest, EndsWithStanzasInFlight) {
    world.writes = false;
    romeo.writes_to(juliet, "m1");
    nurse.types_to(juliet, "n1");
    romeo.says("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
}

// ---- Coming and going ----

TEST_P(HomeTest, SubscribesBothWaysAndShowsPresence) {
    romeo.says("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>");
    romeo.says("<presence type='subscribe' to='" + juliet.bare() + "'/>");
    EXPECT_THAT(juliet.hears(), HasSubstr("type='subscribe'"));
    juliet.says("<presence type='subscribed' to='" + romeo.bare() + "'/>");
    const std::string heard = romeo.hears();
    EXPECT_THAT(heard, HasSubstr("type='subscribed'"));
    EXPECT_THAT(heard, HasSubstr("subscription='to'"));
    EXPECT_THAT(heard, HasSubstr("from='" + juliet.jid() + "'"));
    juliet.end().receive_end();
    EXPECT_THAT(romeo.hears(), HasSubstr("type='unavailable'"));
}

TEST_P(HomeTest, LetsTheNewOneWinAResource) {
    Person again{world, romeo.bare().substr(0, romeo.bare().find('@')), "orchard"};
    EXPECT_TRUE(again.bound());
    EXPECT_THAT(romeo.hears(), HasSubstr("<conflict "));
    EXPECT_TRUE(romeo.end().closed());
    again.says("<presence/>");
    again.hears();
    juliet.writes_to(again, "m1");
    EXPECT_THAT(ids_in(again.hears()), ElementsAre("m1"));
}

TEST_P(HomeTest, KeepsMessagesForWhoIsNotHereInOrder) {
    juliet.says("</stream:stream>");
    const std::string local = juliet.bare().substr(0, juliet.bare().find('@'));
    world.clock.advance(std::chrono::minutes{10});  // the account leaves the memory
    world.settle();
    EXPECT_EQ(world.home_of(local).find(*Jid::parse(juliet.bare())), nullptr);
    for (const char* const id : {"m1", "m2", "m3"}) romeo.writes_to(juliet, id);
    EXPECT_THAT(ids_in(romeo.hears()), IsEmpty());
    Person again{world, local, "garden", world.shards() - 1};
    const std::string heard = again.says("<presence/>");
    EXPECT_THAT(ids_in(heard), ElementsAre("m1", "m2", "m3"));
    EXPECT_THAT(heard, HasSubstr("<delay "));
}

TEST_P(HomeTest, CountsWhoHasNotLoggedIn) {
    EXPECT_EQ(world.guard.unauthenticated, 0);
    const auto end = world.connect();
    EXPECT_EQ(world.guard.unauthenticated, 1);
    end->receive_end();
    world.settle();
    EXPECT_EQ(world.guard.unauthenticated, 0);
}

TEST_P(HomeTest, EndsEveryStreamWhenItShutsDown) {
    const auto silent = world.connect();
    for (const Person* const person : {&romeo, &juliet})
        world.home_of(person->bare().substr(0, person->bare().find('@'))).shut_down();
    for (Person* const person : {&romeo, &nurse, &juliet}) {
        EXPECT_THAT(person->hears(), HasSubstr("<system-shutdown "));
        EXPECT_TRUE(person->end().closed());
    }
    EXPECT_TRUE(silent->closed());
    EXPECT_EQ(world.home_of("romeo").streams(), 0u);
}

}  // namespace
}  // namespace aldis::session::test
