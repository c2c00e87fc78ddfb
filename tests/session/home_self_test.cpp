// A session that writes to itself and goes.
#include "world.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;

class SelfTest : public HomeTest {};

INSTANTIATE_TEST_SUITE_P(Shards, SelfTest, ::testing::Values(1u, 2u),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

TEST_P(SelfTest, AMessageToASessionThatIsItsSenderMayOutliveIt) {
    // Without presence, so that nothing else is written when it goes.
    Person silent{world, romeo.bare().substr(0, romeo.bare().find('@')), "cell"};
    world.writes = false;
    EXPECT_EQ(silent.says("<message id='m1' to='" + silent.jid() + "'><body>a note</body></message>"), "");
    silent.end().receive_end(net::Closed::broken);
    world.settle();
    world.writes = true;  // now it is refused, and the error has nobody to go to
    EXPECT_EQ(silent.hears(), "");
    nurse.writes_to(juliet, "m2");
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m2"));
}

}  // namespace
}  // namespace aldis::session::test
