// A stream that moves to another shard takes its time limit along.
#include "harness.h"

namespace aldis::stream::test {
namespace {

using ::testing::HasSubstr;

TEST(StreamMove, LeavesNoTimerBehindAndIsStillLimited) {
    PlainHouse here;
    PlainHouse there;
    Talk talk{here, TlsMode::none};
    std::optional<std::size_t> left_behind;
    here.desk.on_enter = [&](ClientStream& stream, const Jid&, Entry&) {
        stream.transport().leave_shard();
        here.shard.send_to(there.shard, [&] {
            // From here on the other thread has it: a timer in the old shard's wheel would be everybody's.
            left_behind = here.shard.timers().size();
            stream.move(there.place, there.desk);
            stream.transport().join_shard(there.shard);
            stream.wait_for_bind();
        });
    };
    talk.say(header);
    talk.login();
    talk.say(header);
    talk.say(bind_request);
    there.shard.poll();
    EXPECT_EQ(left_behind, 0u);
    EXPECT_EQ(there.shard.timers().size(), 1u);
    there.clock.advance(std::chrono::milliseconds{15'200});
    there.shard.poll();
    EXPECT_THAT(talk.heard(), EndsWithError("connection-timeout"));
}

// XEP-0077: people fill in forms more slowly than clients log in, but not for ever.
TEST(StreamDeadline, IsLaterForWhoRegisters) {
    using std::chrono::seconds;
    PlainHouse house;
    house.desk.domain.may_register = [](std::string_view) { return true; };
    Talk talk{house, TlsMode::none};
    const auto wait = [&](seconds time) {
        house.clock.advance(time);
        house.shard.poll();
    };
    const auto ask = [&](std::string_view type) {
        return talk.say("<iq type='" + std::string{type} + "' id='r'><query xmlns='jabber:iq:register'/></iq>");
    };
    talk.say(header);
    wait(seconds{14});
    EXPECT_THAT(ask("get"), HasSubstr("type='result'"));
    wait(seconds{290});
    EXPECT_THAT(ask("set"), HasSubstr("type='result'")) << "it is not too late";
    wait(seconds{14});
    EXPECT_EQ(talk.heard(), "");
    wait(seconds{2});
    EXPECT_THAT(talk.heard(), EndsWithError("connection-timeout"));
}

}  // namespace
}  // namespace aldis::stream::test
