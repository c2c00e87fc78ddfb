// XEP-0160 with XEP-0198: what waited stays stored until its client has acknowledged it, and is stored once.
#include "device.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class HeldTest : public ManagedTest {
protected:
    HeldTest() {
        romeo.says(message_to(balcony.bare(), "m1"));
        romeo.says(message_to(balcony.bare(), "m2"));
        balcony.comes(GetParam() - 1);
        EXPECT_THAT(ids_in(balcony.says("<presence/>")), ElementsAre("m1", "m2"));
    }
    std::uint64_t stored() {
        std::uint64_t count = 0;
        world.stores().database.write_now(
            [&](db::Connection& connection) { count = db::Offline::count(connection, balcony.bare(), 100); });
        return count;
    }
    [[nodiscard]] std::uint32_t sent() const { return balcony.session()->management()->unacknowledged.sent(); }
};
ON_ONE_SHARD_AND_TWO(HeldTest);

TEST_P(HeldTest, GoesWhenItIsAcknowledged) {
    world.wait(seconds{10});
    EXPECT_EQ(stored(), 2u);
    balcony.acknowledges(sent());
    world.wait(seconds{10});
    EXPECT_EQ(stored(), 0u);
    balcony.says("</stream:stream>");
    garden.comes();
    EXPECT_THAT(ids_in(garden.says("<presence/>")), IsEmpty());
}

TEST_P(HeldTest, IsNotSentToAnotherDeviceAsWell) {
    garden.comes();
    EXPECT_THAT(ids_in(garden.says("<presence/>")), IsEmpty());
    romeo.says(message_to(balcony.bare(), "m3"));
    EXPECT_THAT(ids_in(garden.hears()), ElementsAre("m3"));
    EXPECT_EQ(stored(), 2u);
}

TEST_P(HeldTest, WaitsForASessionThatIsAway) {
    const std::uint32_t before = sent();
    balcony.cut();
    world.wait(minutes{5});
    EXPECT_EQ(stored(), 2u);
    balcony.resumes(before);
    world.wait(seconds{10});
    EXPECT_EQ(stored(), 0u);
}

TEST_P(HeldTest, IsStoredOnceWhenItsSessionIsGivenUp) {
    balcony.cut();
    world.wait(minutes{10} + seconds{1});
    world.wait(seconds{10});
    EXPECT_EQ(stored(), 2u);
    garden.comes();
    EXPECT_THAT(ids_in(garden.says("<presence/>")), ElementsAre("m1", "m2"));
}

TEST_P(HeldTest, IsStoredOnceWhenItsSessionEnds) {
    balcony.says("</stream:stream>");
    EXPECT_EQ(stored(), 2u);
    garden.comes();
    EXPECT_THAT(ids_in(garden.says("<presence/>")), ElementsAre("m1", "m2"));
}

TEST_P(HeldTest, GoesWithASessionThatIsSaved) {
    const std::uint32_t before = sent();
    const auto folder = world.stop();
    World next{GetParam(), {}, folder};
    next.restore_sessions();
    Device again{next, capulet, "balcony"};
    again.set_id(balcony.id());
    Device other{next, capulet, "garden"};
    other.comes();
    EXPECT_THAT(ids_in(other.says("<presence/>")), IsEmpty());
    EXPECT_THAT(ids_in(again.resumes(before - 1)), ElementsAre("m2"));
    again.acknowledges(again.session()->management()->unacknowledged.sent());
    next.wait(seconds{10});
    std::uint64_t left = 1;
    next.stores().database.write_now(
        [&](db::Connection& connection) { left = db::Offline::count(connection, again.bare(), 100); });
    EXPECT_EQ(left, 0u);
}

TEST_P(HeldTest, IsStoredOnceOverAStopThatItsSessionDoesNotSurvive) {
    balcony.says("</stream:stream>");
    garden.comes(0, "");
    EXPECT_THAT(ids_in(garden.says("<presence/>")), ElementsAre("m1", "m2"));
    const auto folder = world.stop();
    World next{GetParam(), {}, folder};
    next.restore_sessions();
    Device other{next, capulet, "garden"};
    other.comes();
    EXPECT_THAT(ids_in(other.says("<presence/>")), ElementsAre("m1", "m2"));
}

class PaceTest : public ManagedTest {
protected:
    PaceTest() {
        for (int i = 0; i < 6; ++i)
            romeo.says("<message type='chat' id='m" + std::to_string(i) + "' to='" + balcony.bare() + "'><body>" +
                       large + "</body></message>");
    }
    /// Without what would be too much to parse.
    [[nodiscard]] std::string shorter(std::string heard) const {
        for (std::size_t at = heard.find(large); at != std::string::npos; at = heard.find(large))
            heard.erase(at, large.size());
        return heard;
    }
    const std::string large = std::string(150'000, 'x');
};
ON_ONE_SHARD_AND_TWO(PaceTest);

TEST_P(PaceTest, AsksForWhatItWaitsFor) {
    balcony.comes(GetParam() - 1);
    std::vector<std::string> got;
    std::uint32_t h = 0;
    std::string heard = shorter(balcony.says("<presence/>"));
    for (int i = 0; i < 40 && got.size() < 6; ++i) {
        for (const std::string& id : ids_in(heard)) got.push_back(id);
        h += static_cast<std::uint32_t>(ids_in(heard).size() + ids_in(heard, "presence").size() +
                                        ids_in(heard, "iq").size());
        const bool asked = heard.contains("<r ");
        heard = asked ? balcony.acknowledges(h) : "";
        world.wait(milliseconds{200});
        heard += shorter(balcony.hears());
    }
    EXPECT_THAT(got, ElementsAre("m0", "m1", "m2", "m3", "m4", "m5"));
}

TEST_P(PaceTest, DoesNotHoldUpOthersForOneThatTakesNothing) {
    balcony.comes(GetParam() - 1);
    EXPECT_EQ(ids_in(shorter(balcony.says("<presence/>"))).size(), 2u);
    for (int i = 0; i < 60; ++i) world.wait(milliseconds{200});
    romeo.says(message_to(balcony.bare(), "live"));
    EXPECT_THAT(ids_in(shorter(balcony.hears())), ElementsAre("live"));
    garden.comes();
    std::string heard = shorter(garden.says("<presence/>"));
    for (int i = 0; i < 10; ++i) {
        world.wait(milliseconds{200});
        heard += shorter(garden.hears());
    }
    EXPECT_THAT(ids_in(heard), ElementsAre("m2", "m3"));
}

}  // namespace
}  // namespace aldis::session::test
