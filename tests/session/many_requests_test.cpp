// A client that asks for more than is done at once is not read from meanwhile; nothing of it is refused.
#include "device.h"

namespace aldis::session::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ManyRequests, AreAllAnsweredInTime) {
    World world{1};
    world.add_account("juliet");
    Device phone{world, "juliet", "phone"};
    phone.comes_available();
    world.writes = false;
    std::string all;
    constexpr int requests = 350;
    for (int i = 0; i < requests; ++i)
        all += "<iq type='set' id='q" + std::to_string(i) +
               "'><query xmlns='jabber:iq:private'><a xmlns='urn:example:a'/></query></iq>";
    EXPECT_EQ(phone.says(all), "");
    EXPECT_EQ(phone.session()->tasks().size(), Session::most_tasks);
    world.writes = true;
    const std::string heard = phone.hears();
    EXPECT_THAT(heard, Not(HasSubstr("type='error'")));
    EXPECT_THAT(heard, HasSubstr("id='q" + std::to_string(requests - 1) + "'"));
    EXPECT_THAT(phone.is_told(), ::testing::Optional(requests + 1));
}

}  // namespace
}  // namespace aldis::session::test
