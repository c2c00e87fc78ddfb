// XEP-0198: how much is kept for clients that have gone, or that acknowledge nothing.
#include "device.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using std::chrono::minutes;
using std::chrono::seconds;

class BoundsTest : public ManagedTest {
protected:
    explicit BoundsTest(const Resumption& resumption =
                            {.stanzas = 5, .bytes = 20'000, .away_per_account = 2, .away = 4, .away_bytes = 30'000})
        : ManagedTest{with(resumption)} {}
    [[nodiscard]] Home& home() { return world.home_of(capulet); }
    void write_many(const std::string& to, int count, std::size_t size = 1) {
        for (int i = 0; i < count; ++i)
            romeo.says("<message type='chat' id='m" + std::to_string(++last_) + "' to='" + to + "'><body>" +
                       std::string(size, 'x') + "</body></message>");
    }
    std::string who_comes_next_hears() {
        Person next{world, capulet, "next"};  // without stream management
        return next.says("<presence/>") + next.hears();
    }
    int last_ = 0;
};
ON_ONE_SHARD_AND_TWO(BoundsTest);

TEST_P(BoundsTest, CutsOffAClientThatAcknowledgesNothing) {
    balcony.comes_available();
    write_many(balcony.bare(), 4);
    EXPECT_FALSE(balcony.end().closed());
    write_many(balcony.bare(), 1);
    EXPECT_THAT(balcony.hears(), HasSubstr("<resource-constraint "));
    EXPECT_TRUE(balcony.end().closed());
    EXPECT_EQ(balcony.session(), nullptr);
    EXPECT_THAT(ids_in(romeo.hears()), IsEmpty());
    EXPECT_THAT(ids_in(who_comes_next_hears()), ElementsAre("m1", "m2", "m3", "m4", "m5"));
}

TEST_P(BoundsTest, CutsOffAClientThatLeavesTooManyBytes) {
    balcony.comes_available();
    write_many(balcony.bare(), 2, 9'000);
    EXPECT_FALSE(balcony.end().closed());
    write_many(balcony.bare(), 2, 9'000);
    EXPECT_THAT(balcony.hears(), HasSubstr("<resource-constraint "));
    EXPECT_THAT(ids_in(who_comes_next_hears()), ElementsAre("m1", "m2", "m3", "m4"));
}

TEST_P(BoundsTest, GivesAClientWhatWaitsForItAsItAcknowledges) {
    Person first{world, capulet, "first"};  // so that there is an account in memory
    first.says("</stream:stream>");
    write_many(balcony.bare(), 3, 9'000);
    write_many(balcony.bare(), 1, 40'000);  // more than all that may wait
    write_many(balcony.bare(), 8);
    balcony.comes();
    std::vector<std::string> got = ids_in(balcony.says("<presence/>"));
    for (int i = 0; i < 40 && got.size() < 12; ++i) {
        for (const std::string& id :
             ids_in(balcony.acknowledges(balcony.session()->management()->unacknowledged.sent())))
            got.push_back(id);
        ASSERT_FALSE(balcony.end().closed());
        world.clock.advance(std::chrono::milliseconds{250});
    }
    EXPECT_THAT(got, ElementsAre("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11", "m12"));
}

TEST_P(BoundsTest, EndsASessionThatIsAwayAndHasTooMuch) {
    balcony.comes_available();
    balcony.cut();
    write_many(balcony.bare(), 4);
    EXPECT_NE(balcony.session(), nullptr);
    write_many(balcony.bare(), 3);
    EXPECT_EQ(balcony.session(), nullptr);
    EXPECT_EQ(home().counters().away.value(), 0);
    EXPECT_THAT(balcony.resumes(0), HasSubstr("<item-not-found"));
    EXPECT_THAT(ids_in(who_comes_next_hears()), ElementsAre("m1", "m2", "m3", "m4", "m5", "m6", "m7"));
}

TEST_P(BoundsTest, EndsASessionThatIsAwayAndHasTooManyBytes) {
    balcony.comes_available();
    balcony.cut();
    write_many(balcony.bare(), 4, 9'000);
    EXPECT_EQ(balcony.session(), nullptr);
    EXPECT_THAT(ids_in(who_comes_next_hears()), ElementsAre("m1", "m2", "m3", "m4"));
}

TEST_P(BoundsTest, KeepsTheLastOfAnAccount) {
    balcony.comes_available();
    garden.comes_available();
    Device chamber{world, capulet, "chamber"};
    chamber.comes_available();
    balcony.cut();
    garden.cut();
    EXPECT_NE(balcony.session(), nullptr);
    chamber.cut();
    EXPECT_EQ(balcony.session(), nullptr);
    EXPECT_NE(garden.session(), nullptr);
    EXPECT_NE(chamber.session(), nullptr);
    EXPECT_EQ(home().counters().not_resumed.value(), 1u);
}

TEST_P(BoundsTest, DoesNotEndAnotherBecauseOneIsReplaced) {
    balcony.comes_available();
    garden.comes_available();
    Device chamber{world, capulet, "chamber"};
    chamber.comes_available();
    balcony.cut();
    garden.cut();
    // Comes back at once, so it never waits.
    EXPECT_THAT(chamber.resumes(0), HasSubstr("<resumed "));
    EXPECT_NE(balcony.session(), nullptr);
    EXPECT_NE(garden.session(), nullptr);
}

TEST_P(BoundsTest, KeepsTheLastOfAll) {
    std::vector<Device> devices;
    for (int i = 0; i < 5; ++i) {
        const std::string name = account(GetParam() - 1, "guest" + std::string(1, static_cast<char>('a' + i)));
        devices.emplace_back(world, name, "phone").comes_available();
        devices.back().cut();
    }
    EXPECT_EQ(devices[0].session(), nullptr);
    for (std::size_t i = 1; i < 5; ++i) EXPECT_NE(devices[i].session(), nullptr) << i;
    EXPECT_EQ(home().counters().away.value(), 4);
}

TEST_P(BoundsTest, LetsTheOldestMakeRoomForBytes) {
    std::vector<Device> devices;
    for (int i = 0; i < 3; ++i) {
        const std::string name = account(GetParam() - 1, "guest" + std::string(1, static_cast<char>('a' + i)));
        devices.emplace_back(world, name, "phone").comes_available();
        devices.back().cut();
    }
    write_many(devices[1].bare(), 1, 9'000);
    write_many(devices[2].bare(), 2, 9'000);
    for (const Device& device : devices) EXPECT_NE(device.session(), nullptr);
    write_many(devices[0].bare(), 1, 9'000);
    EXPECT_EQ(devices[0].session(), nullptr);
    EXPECT_NE(devices[1].session(), nullptr);
    EXPECT_NE(devices[2].session(), nullptr);
    // What it had makes room; the others may stay.
    write_many(devices[1].bare(), 1, 1'000);
    EXPECT_NE(devices[1].session(), nullptr);
}

TEST_P(BoundsTest, AreNotWornOutByManyThatComeAndGo) {
    for (int i = 0; i < 30; ++i) {
        balcony.comes_available();
        write_many(balcony.bare(), 1, 5'000);
        balcony.cut();
        write_many(balcony.bare(), 2, 1'000);
        if (i % 3 == 0) {
            world.wait(minutes{11});
        } else if (i % 3 == 1) {
            EXPECT_THAT(balcony.resumes(0), HasSubstr("<resumed ")) << i;
            balcony.acknowledges(balcony.session()->management()->unacknowledged.sent());
        }
        who_comes_next_hears();
    }
    balcony.comes_available();
    balcony.acknowledges(balcony.session()->management()->unacknowledged.sent());
    balcony.cut();
    write_many(balcony.bare(), 2, 9'000);
    EXPECT_NE(balcony.session(), nullptr);
}

class NoRoomTest : public BoundsTest {
protected:
    NoRoomTest() : BoundsTest{{.away_per_account = 0}} {}
};
ON_ONE_SHARD_AND_TWO(NoRoomTest);

TEST_P(NoRoomTest, EndsASessionWhenItsStreamIsLost) {
    balcony.comes_available();
    balcony.cut();
    EXPECT_EQ(balcony.session(), nullptr);
    EXPECT_EQ(home().counters().away.value(), 0);
}

TEST_P(NoRoomTest, AnswersWhoResumesWhileTheDiskIsBusy) {
    balcony.comes_available();
    Device second{world, capulet, "balcony"};
    second.set_id(balcony.id());
    second.connects();
    world.writes = false;
    balcony.writes_to(romeo.bare(), "m1");
    EXPECT_THAT(second.asks_to_resume(1), HasSubstr("<item-not-found"));
    world.writes = true;
    world.settle();
    EXPECT_EQ(balcony.session(), nullptr);
}

}  // namespace
}  // namespace aldis::session::test
