// What comes later takes effect later: RFC 6120 section 10.1.
#include "world.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class OrderTest : public HomeTest {};

INSTANTIATE_TEST_SUITE_P(Shards, OrderTest, ::testing::Values(1u, 2u),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

TEST_P(OrderTest, NoMessageOvertakesTheOneThatAnIqWaitedFor) {
    world.writes = false;
    romeo.writes_to(juliet, "m1");
    // In one piece, so that the stream already has what it must not look at yet.
    romeo.says("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq><message type='chat' id='t2' to='" +
               juliet.bare() + "'/>");
    world.writes = true;
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("m1", "t2"));
}

TEST_P(OrderTest, NoPresenceOfASessionComesAfterItsEnd) {
    romeo.says("<presence type='subscribe' to='" + juliet.bare() + "'/>");
    juliet.says("<presence type='subscribed' to='" + romeo.bare() + "'/>");
    const std::string local = juliet.bare().substr(0, juliet.bare().find('@'));
    romeo.hears();
    world.writes = false;
    juliet.writes_to(nurse, "m1");
    juliet.says("<presence><show>away</show></presence>");
    world.home_of(local).find(*Jid::parse(juliet.bare()))->end_all(stream::StreamCondition::reset, {});
    world.shard(GetParam() - 1).poll();  // the connection is not closed yet
    world.write_only();
    for (unsigned i = 0; i < GetParam(); ++i) world.shard(i).poll();
    world.writes = true;
    const std::string heard = romeo.hears();
    EXPECT_THAT(heard, HasSubstr("type='unavailable'"));
    EXPECT_THAT(heard, Not(HasSubstr("away")));
}

}  // namespace
}  // namespace aldis::session::test
