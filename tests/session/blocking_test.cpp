// Blocking, and what waited in quarantine, when the disk is slow, full, or the server dies.
#include "modules/quarantine_queue.h"
#include "world.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class BlockingTest : public HomeTest {
protected:
    static std::string block(const Person& who, std::string_view id = "b") {
        return "<iq type='set' id='" + std::string{id} + "'><block xmlns='urn:xmpp:blocking'><item jid='" + who.bare() +
               "'/></block></iq>";
    }
    static std::string unblock(const Person& who, std::string_view id = "u") {
        return "<iq type='set' id='" + std::string{id} + "'><unblock xmlns='urn:xmpp:blocking'><item jid='" +
               who.bare() + "'/></unblock></iq>";
    }
    static constexpr std::string_view list = "<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>";
    std::string local_of(const Person& who) { return who.bare().substr(0, who.bare().find('@')); }
};

INSTANTIATE_TEST_SUITE_P(Shards, BlockingTest, ::testing::Values(1u, 2u),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

TEST_P(BlockingTest, WhatCannotBeStoredDoesNotCount) {
    world.disk.full = true;
    EXPECT_THAT(ids_in(juliet.says(block(romeo)), "iq"), ElementsAre("b!"));
    world.disk.full = false;
    EXPECT_THAT(juliet.says(list), Not(HasSubstr("<item")));
    romeo.writes_to(juliet, "m1");
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m1"));
}

TEST_P(BlockingTest, AnUnblockThatCannotBeStoredDoesNotCount) {
    juliet.says(block(romeo));
    world.disk.full = true;
    EXPECT_THAT(ids_in(juliet.says(unblock(romeo)), "iq"), ElementsAre("u!"));
    world.disk.full = false;
    romeo.writes_to(juliet, "m1");
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m1!"));
    EXPECT_THAT(ids_in(juliet.hears()), IsEmpty());
}

TEST_P(BlockingTest, CountsWhenItIsOnDiskAndIsAnsweredThen) {
    world.writes = false;
    EXPECT_THAT(ids_in(juliet.says(block(romeo)), "iq"), IsEmpty());
    world.writes = true;
    EXPECT_THAT(ids_in(juliet.hears(), "iq"), ElementsAre("b"));
}

TEST_P(BlockingTest, CountsAlsoIfWhoAskedHasGone) {
    Person phone{world, local_of(juliet), "phone"};
    phone.says("<presence/>");
    world.writes = false;
    phone.says(block(romeo));
    phone.says("</stream:stream>");
    world.writes = true;
    world.settle();
    romeo.writes_to(juliet, "m1");
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m1!"));
    EXPECT_THAT(juliet.says(list), HasSubstr(romeo.bare()));
}

TEST_P(BlockingTest, TwoResourcesChangeItInTheOrderOfTheDisk) {
    Person phone{world, local_of(juliet), "phone"};
    phone.says("<presence/>");
    world.writes = false;
    juliet.says(block(romeo));
    phone.says(unblock(romeo));
    juliet.hears();
    world.writes = true;
    world.settle();
    EXPECT_THAT(juliet.says(list), Not(HasSubstr("<item")));
    romeo.writes_to(juliet, "m1");
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m1"));
}

TEST_P(BlockingTest, IsReadWithTheAccount) {
    juliet.says(block(romeo));
    World after{GetParam(), {}, world.folder()};
    Person again{after, local_of(romeo), "orchard"};
    again.writes_to(juliet, "m1");
    EXPECT_THAT(ids_in(again.hears()), ElementsAre("m1!"));
}

TEST_P(BlockingTest, WhoIsBlockedDoesNotLearnThatNobodyIsHere) {
    romeo.says("<presence type='subscribe' to='" + juliet.bare() + "'/>");
    juliet.says("<presence type='subscribed' to='" + romeo.bare() + "'/>");
    {
        World after{GetParam(), {}, world.folder()};
        Person again{after, local_of(romeo), "orchard"};
        EXPECT_THAT(again.says("<presence/>"), HasSubstr("from='" + juliet.bare() + "' type='unavailable'"));
    }
    juliet.says(block(romeo));
    World after{GetParam(), {}, world.folder()};
    Person again{after, local_of(romeo), "orchard"};
    EXPECT_THAT(again.says("<presence/>"), Not(HasSubstr(juliet.bare())));
}

class ReleaseTest : public BlockingTest {
protected:
    void hold(std::string_view id, const Person& from) {
        world.stores().database.write_now([&](db::Connection& connection) {
            db::Unit unit;
            db::Quarantine::hold(
                unit, juliet.bare(), from.bare(), false, Timestamp{std::chrono::seconds{1}},
                make_bytes("<message type='chat' id='" + std::string{id} + "' from='" + from.jid() + "' to='" +
                           juliet.bare() + "'><body>" + std::string{id} + "</body></message>"));
            unit.run(connection);
        });
    }
    void release(const std::string& sender) {
        Home& home = world.home_of(local_of(juliet));
        Account* const account = home.find(*Jid::parse(juliet.bare()));
        ASSERT_NE(account, nullptr);
        account->tasks().start(modules::quarantine::release(home, *account, sender));
    }
    std::vector<std::string> waiting() {
        std::vector<std::string> found;
        world.stores().database.read_now([&](db::Connection& connection) {
            for (const db::HeldStanza& each : db::Quarantine::load(connection, juliet.bare(), "", 0, 100))
                found.push_back(each.sender);
        });
        return found;
    }
};

INSTANTIATE_TEST_SUITE_P(Shards, ReleaseTest, ::testing::Values(1u, 2u),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

TEST_P(ReleaseTest, DeliversInOrderAndOnce) {
    for (const char* const id : {"m1", "m2", "m3"}) hold(id, romeo);
    hold("n1", nurse);
    release(romeo.bare());
    const std::string heard = juliet.hears();
    EXPECT_THAT(ids_in(heard), ElementsAre("m1", "m2", "m3"));
    EXPECT_THAT(heard, HasSubstr("stamp='1970-01-01T00:00:01Z'"));
    EXPECT_THAT(waiting(), ElementsAre(nurse.bare()));
    release(romeo.bare());
    EXPECT_THAT(ids_in(juliet.hears()), IsEmpty());
    release("");
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("n1"));
    EXPECT_THAT(waiting(), IsEmpty());
}

TEST_P(ReleaseTest, IsDeliveredOnceIfTheServerDiesBehindTheCommit) {
    hold("m1", romeo);
    world.writes = false;
    release(romeo.bare());
    for (int i = 0; i < 3 && !waiting().empty(); ++i) {
        world.settle();
        world.write_only();
    }
    EXPECT_THAT(waiting(), IsEmpty());
    EXPECT_THAT(ids_in(juliet.end().take_sent()), IsEmpty()) << "it is on disk, and nobody has it";
    World after{GetParam(), {}, world.folder()};
    Person again{after, local_of(juliet), "balcony"};
    const std::string found = again.says("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
    EXPECT_THAT(found, HasSubstr("<body>m1</body>"));
}

TEST_P(ReleaseTest, WhatCannotBeStoredNowWaitsOn) {
    hold("m1", romeo);
    world.disk.full = true;
    release(romeo.bare());
    EXPECT_THAT(ids_in(juliet.hears()), IsEmpty());
    EXPECT_THAT(waiting(), ElementsAre(romeo.bare()));
    world.disk.full = false;
    release(romeo.bare());
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m1"));
    EXPECT_THAT(waiting(), IsEmpty());
}

TEST_P(ReleaseTest, WhatIsRefusedNowIsGone) {
    hold("m1", romeo);
    juliet.says(block(romeo));
    release(romeo.bare());
    EXPECT_THAT(ids_in(romeo.hears()), ElementsAre("m1!"));
    EXPECT_THAT(ids_in(juliet.hears()), IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
}

}  // namespace
}  // namespace aldis::session::test
