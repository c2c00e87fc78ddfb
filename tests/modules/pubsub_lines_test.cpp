// Lines: one after the other, in the order in which they came.
#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "modules/pubsub/lines.h"

namespace aldis::modules::pubsub {
namespace {

struct PubsubLines : testing::Test {
    Task<void> come(std::string what, int who) {
        const Lines::Ticket ticket = co_await lines_.wait(std::move(what));
        began_.push_back(who);
        CallbackResult<bool> work{[this](std::function<void(bool)> done) { at_work_.push_back(std::move(done)); }};
        co_await work;
    }
    /// Whoever has worked longest is done.
    void finish() {
        auto done = std::move(at_work_.front());
        at_work_.pop_front();
        done(true);
        turn();
    }
    void turn() {
        while (!posted_.empty()) {
            auto work = std::move(posted_.front());
            posted_.pop_front();
            work();
        }
    }

    std::deque<std::move_only_function<void()>> posted_;
    std::deque<std::function<void(bool)>> at_work_;
    std::vector<int> began_;
    Lines lines_{[this](std::move_only_function<void()> work) { posted_.push_back(std::move(work)); }};
    TaskGroup first_{[](std::exception_ptr) {}};
    TaskGroup second_{[](std::exception_ptr) {}};
};

using Began = std::vector<int>;

TEST_F(PubsubLines, GoOnInTheOrderInWhichTheyCame) {
    for (int who = 0; who < 3; ++who) first_.start(come("a", who));
    first_.start(come("b", 7));
    EXPECT_EQ(began_, (Began{0, 7}));
    finish();
    EXPECT_EQ(began_, (Began{0, 7, 1}));
    finish();
    finish();
    finish();
    EXPECT_EQ(began_, (Began{0, 7, 1, 2}));
    EXPECT_EQ(lines_.size(), 0U);
}

TEST_F(PubsubLines, WhoComesBeforeTheNextHasGoneOnWaitsBehindHim) {
    first_.start(come("a", 0));
    first_.start(come("a", 1));
    auto done = std::move(at_work_.front());
    at_work_.pop_front();
    done(true);
    first_.start(come("a", 2));
    turn();
    EXPECT_EQ(began_, (Began{0, 1}));
    finish();
    EXPECT_EQ(began_, (Began{0, 1, 2}));
}

TEST_F(PubsubLines, WhoGoesAwayDoesNotHoldUpTheOthers) {
    first_.start(come("a", 0));
    first_.start(come("a", 1));
    second_.start(come("a", 2));
    first_.clear();
    turn();
    EXPECT_EQ(began_, (Began{0, 2}));
    second_.clear();
    turn();
    EXPECT_EQ(lines_.size(), 0U);
}

}  // namespace
}  // namespace aldis::modules::pubsub
