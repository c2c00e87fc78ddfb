#include "net/shard.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <set>

#include "net/asio.h"
#include "net/signals.h"
#include "tests/net/harness.h"

namespace aldis::net {
namespace {

using namespace std::chrono_literals;
using testing::RunningShard;

class HandClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override { return Timestamp{passed}; }
    [[nodiscard]] Instant steady() const override { return Instant{} + 1h + passed; }
    std::chrono::microseconds passed{0};
};

struct StillShard {
    HandClock clock;
    SystemRandom random;
    Shard shard{0, clock, random};
};

TEST(Shard, RunsTimersOnTheClockItWasGiven) {
    StillShard still;
    int fired = 0;
    Timer timer{still.shard, [&] { ++fired; }};
    timer.start(5s);
    still.shard.poll();
    EXPECT_EQ(fired, 0);
    still.clock.passed = 6s;
    still.shard.poll();
    EXPECT_EQ(fired, 1);
}

TEST(Shard, RunsOneTurnInOrder) {
    StillShard still;
    std::string order;
    struct Note final : Flushable {
        explicit Note(std::string& text) : order{text} {}
        void flush() override { order += "flush "; }
        std::string& order;
    } note{order};
    struct Last {
        explicit Last(std::string& text) : order{text} {}
        Last(const Last&) = delete;
        ~Last() { order += "disposed "; }
        std::string& order;
    };
    still.shard.post([&] {
        still.shard.dispose(std::make_unique<Last>(order));
        still.shard.flush_later(note);
        still.shard.flush_later(note);
        still.shard.at_end_of_turn([&] { order += "end "; });
        order += "work ";
    });
    still.shard.poll();
    EXPECT_EQ(order, "work end flush disposed ");
}

TEST(Shard, TakesPostsFromSeveralThreadsInTheirOrder) {
    RunningShard shard;
    constexpr int threads = 4;
    constexpr int each = 5000;
    std::array<int, threads> next{};
    bool in_order = true;
    std::vector<std::thread> posting;
    for (int t = 0; t < threads; ++t)
        posting.emplace_back([&, t] {
            for (int i = 0; i < each; ++i)
                shard->post([&, t, i] { in_order &= next[static_cast<std::size_t>(t)]++ == i; });
        });
    for (std::thread& thread : posting) thread.join();
    EXPECT_TRUE(shard.ask([&] { return in_order; }));
    for (const int count : next) EXPECT_EQ(count, each);
}

TEST(Shard, SendsWorkToAnotherAtTheEndOfTheTurn) {
    std::promise<Shard*> seen;
    RunningShard one{1};
    RunningShard two{2};
    bool turn_over = false;
    one->post([&] {
        one->send_to(*two, [&] { seen.set_value(turn_over ? Shard::current() : nullptr); });
        turn_over = true;
    });
    EXPECT_EQ(seen.get_future().get(), &*two);
}

TEST(Shard, PlaysPingPongWithAnother) {
    std::promise<void> done;
    std::function<void()> bounce;
    RunningShard one{1};
    RunningShard two{2};
    int left = 10'000;
    bounce = [&] {
        if (--left == 0) return done.set_value();
        Shard& here = *Shard::current();
        here.send_to(&here == &*one ? *two : *one, [&] { bounce(); });
    };
    one->post([&] { bounce(); });
    EXPECT_EQ(done.get_future().wait_for(60s), std::future_status::ready);
}

TEST(Shard, WakesUpForATimer) {
    std::promise<void> fired;
    RunningShard shard;
    Timer timer{*shard, [&] { fired.set_value(); }};
    const Instant before = std::chrono::steady_clock::now();
    shard.ask([&] {
        timer.start(150ms);
        return 0;
    });
    ASSERT_EQ(fired.get_future().wait_for(10s), std::future_status::ready);
    EXPECT_GE(std::chrono::steady_clock::now() - before, 150ms);
}

TEST(Shard, DoesNotTurnWhileThereIsNothingToDo) {
    RunningShard shard;
    Timer timer{*shard, [] {}};
    const std::uint64_t before = shard.ask([&] {
        timer.start(1h);
        return shard->counters().turns;
    });
    std::this_thread::sleep_for(400ms);
    EXPECT_LT(shard.ask([&] { return shard->counters().turns; }) - before, 6U);
    shard.ask([&] {
        timer.stop();
        return 0;
    });
}

TEST(Shard, LetsTheIoContextWorkUnderLoad) {
    std::promise<void> ran;
    bool busy = true;
    std::function<void()> again;
    RunningShard shard;
    again = [&] {
        if (busy) shard->post([&] { again(); });
    };
    shard->post([&] { again(); });
    boost::asio::post(io_context_of(*shard), [&] { ran.set_value(); });
    EXPECT_EQ(ran.get_future().wait_for(10s), std::future_status::ready);
    shard.ask([&] {
        busy = false;
        return 0;
    });
}

TEST(Shard, HandsOutWhatAHandlerThrew) {
    StillShard still;
    int faults = 0;
    still.shard.set_fault_handler([&](const std::exception_ptr&) { ++faults; });
    bool after = false;
    still.shard.post([] { throw std::runtime_error{"no"}; });
    still.shard.post([&] { after = true; });
    still.shard.poll();
    EXPECT_EQ(faults, 1);
    EXPECT_TRUE(after);
}

TEST(Shard, RunsTheOtherTimersWhenOneThrows) {
    StillShard still;
    int faults = 0;
    int fired = 0;
    still.shard.set_fault_handler([&](const std::exception_ptr&) { ++faults; });
    Timer bad{still.shard, [] { throw std::runtime_error{"no"}; }};
    Timer before{still.shard, [&] { ++fired; }};
    Timer after{still.shard, [&] { ++fired; }};
    before.start(1s);
    bad.start(1s);
    after.start(1s);
    still.clock.passed = 2s;
    still.shard.poll();
    EXPECT_EQ(faults, 1);
    EXPECT_EQ(fired, 2);
}

TEST(Signals, ReachTheShard) {
    StillShard still;
    std::vector<int> seen;
    Signals signals{still.shard, {SIGHUP, SIGTERM}, [&](int number) { seen.push_back(number); }};
    pthread_kill(pthread_self(), SIGTERM);
    pthread_kill(pthread_self(), SIGHUP);
    still.shard.poll();
    EXPECT_EQ(std::set<int>(seen.begin(), seen.end()), (std::set<int>{SIGHUP, SIGTERM}));
}

}  // namespace
}  // namespace aldis::net
