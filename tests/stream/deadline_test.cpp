// A stream that moves to another shard takes its time limit along.
#include "harness.h"

namespace aldis::stream::test {
namespace {

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

}  // namespace
}  // namespace aldis::stream::test
