// A disk that is full: an error to the sender, nothing to the receiver, and life goes on.
#include "world.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class DiskFullTest : public HomeTest {};

INSTANTIATE_TEST_SUITE_P(Shards, DiskFullTest, ::testing::Values(1u, 2u),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

TEST_P(DiskFullTest, AnswersTheSenderOfWhatCannotBeStored) {
    world.disk.full = true;
    romeo.writes_to(juliet, "m1");
    const std::string heard = romeo.hears();
    EXPECT_THAT(ids_in(heard), ElementsAre("m1!"));
    EXPECT_THAT(heard, HasSubstr("<error type='wait'><internal-server-error "));
    EXPECT_EQ(juliet.hears(), "");
    juliet.types_to(romeo, "t");
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("t"));
    world.disk.full = false;
    romeo.writes_to(juliet, "m2");
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m2"));
    EXPECT_EQ(romeo.hears(), "");
}

TEST_P(DiskFullTest, LeavesNothingInAnArchiveOfWhatFailed) {
    world.disk.full = true;
    romeo.writes_to(juliet, "m1");
    world.disk.full = false;
    romeo.writes_to(juliet, "m2");
    for (Person* const person : {&romeo, &juliet}) {
        const std::string found = person->says("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
        EXPECT_THAT(found, Not(HasSubstr("<body>m1</body>")));
        EXPECT_THAT(found, HasSubstr("<body>m2</body>"));
    }
}

TEST_P(DiskFullTest, LetsTheSenderTryAgain) {
    world.disk.full = true;
    romeo.writes_to(juliet, "m1");
    world.disk.full = false;
    romeo.hears();
    romeo.writes_to(juliet, "m1");
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m1"));
}

TEST_P(DiskFullTest, DeliversWhatOnlyWaitedForACommitThatFailed) {
    world.writes = false;
    romeo.writes_to(juliet, "m1");
    romeo.types_to(juliet, "t2");
    world.disk.full = true;
    world.writes = true;
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("t2"));
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m1!"));
}

TEST_P(DiskFullTest, KeepsTheRosterThatIsOnDisk) {
    const std::string get = "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>";
    const std::string set =
        "<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='paris@example.org'/></query></iq>";
    romeo.says(get);
    world.disk.full = true;
    const std::string refused = romeo.says(set);
    EXPECT_THAT(ids_in(refused, "iq"), ElementsAre("s!"));
    world.disk.full = false;
    EXPECT_THAT(romeo.says(get), Not(HasSubstr("paris")));
    const std::string taken = romeo.says(set);
    EXPECT_THAT(taken, HasSubstr("type='result' id='s'"));
    EXPECT_THAT(taken, HasSubstr("subscription='none'"));
    EXPECT_THAT(romeo.says(get), HasSubstr("paris"));
}

TEST_P(DiskFullTest, ForgetsASubscriptionThatCannotBeStored) {
    const std::string ask = "<presence type='subscribe' to='" + juliet.bare() + "'/>";
    const std::string get = "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>";
    world.disk.full = true;
    romeo.says(ask);
    EXPECT_EQ(juliet.hears(), "");
    world.disk.full = false;
    EXPECT_THAT(romeo.says(get), Not(HasSubstr("ask=")));
    romeo.says(ask);
    EXPECT_THAT(juliet.hears(), HasSubstr("type='subscribe'"));
    EXPECT_THAT(romeo.says(get), HasSubstr("ask='subscribe'"));
}

}  // namespace
}  // namespace aldis::session::test
