#include "net/timer_wheel.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace aldis::net {
namespace {

using namespace std::chrono_literals;

class Probe final : public TimerNode {
public:
    std::function<void()> then;
    int fired = 0;

private:
    void on_timer() override {
        ++fired;
        if (then) then();
    }
};

const Instant origin{};

TEST(TimerWheel, IsNeverEarlyAndAtMostATickLate) {
    TimerWheel wheel{origin};
    Probe probe;
    wheel.start(probe, origin + 250ms);
    wheel.advance(origin + 249ms);
    EXPECT_EQ(probe.fired, 0);
    wheel.advance(origin + 350ms);
    EXPECT_EQ(probe.fired, 1);
    EXPECT_FALSE(probe.running());
}

TEST(TimerWheel, AsksForNoWakeUpWhenEmpty) {
    TimerWheel wheel{origin};
    EXPECT_FALSE(wheel.next());
    Probe probe;
    wheel.start(probe, origin + 1h);
    EXPECT_TRUE(wheel.next());
    probe.cancel();
    EXPECT_FALSE(wheel.next());
}

TEST(TimerWheel, LeavesWithItsOwner) {
    TimerWheel wheel{origin};
    {
        Probe probe;
        wheel.start(probe, origin + 1s);
    }
    EXPECT_EQ(wheel.size(), 0U);
    wheel.advance(origin + 2s);
}

TEST(TimerWheel, MayBeRestartedFromItsOwnCallback) {
    TimerWheel wheel{origin};
    Probe probe;
    Instant now = origin;
    probe.then = [&] { wheel.start(probe, now + 1s); };
    wheel.start(probe, origin + 1s);
    for (int second = 1; second <= 100; ++second) {
        now = origin + std::chrono::seconds{second};
        wheel.advance(now);
    }
    EXPECT_EQ(probe.fired, 100);
}

TEST(TimerWheel, MayCancelAnotherOfTheSameTick) {
    TimerWheel wheel{origin};
    Probe one;
    Probe two;
    one.then = [&] { two.cancel(); };
    two.then = [&] { one.cancel(); };
    wheel.start(one, origin + 1s);
    wheel.start(two, origin + 1s);
    wheel.advance(origin + 5s);
    EXPECT_EQ(one.fired + two.fired, 1);
}

TEST(TimerWheel, FiresEachOnceInItsTickOverWeeks) {
    std::mt19937 random{7};
    TimerWheel wheel{origin};
    std::vector<std::unique_ptr<Probe>> probes;
    std::vector<Instant> due;
    Instant now = origin;
    for (int i = 0; i < 2000; ++i) {
        const unsigned scale = random() % 5;
        const auto ahead = std::chrono::milliseconds{random() % (scale == 0   ? 300
                                                                 : scale == 1 ? 7000
                                                                 : scale == 2 ? 500'000
                                                                 : scale == 3 ? 30'000'000
                                                                              : 1'500'000'000)};
        probes.push_back(std::make_unique<Probe>());
        due.push_back(ahead > 0ms ? origin + ahead : origin + 1ms);
        wheel.start(*probes.back(), due.back());
    }
    int wakeups = 0;
    while (const std::optional<Instant> next = wheel.next()) {
        ASSERT_GT(*next, now);
        now = *next;
        ++wakeups;
        std::vector<int> before;
        for (const auto& probe : probes) before.push_back(probe->fired);
        wheel.advance(now);
        for (std::size_t i = 0; i < probes.size(); ++i) {
            if (probes[i]->fired == before[i]) continue;
            ASSERT_EQ(before[i], 0);
            ASSERT_GE(now, due[i]);
            ASSERT_LE(now, due[i] + TimerWheel::tick);
        }
    }
    for (const auto& probe : probes) EXPECT_EQ(probe->fired, 1);
    EXPECT_LT(wakeups, 10'000);
}

TEST(TimerWheel, CutsWhatIsTooFarAway) {
    TimerWheel wheel{origin};
    Probe probe;
    wheel.start(probe, origin + 24h * 365);
    ASSERT_TRUE(wheel.next());
    wheel.advance(origin + 24h * 20);
    EXPECT_EQ(probe.fired, 1);
}

}  // namespace
}  // namespace aldis::net
