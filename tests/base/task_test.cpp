#include "base/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace aldis {
namespace {

/// What a coroutine waits for, and what a test does to let it go on.
struct Door {
    std::function<void(std::string)> open;

    CallbackResult<std::string> opened() {
        return CallbackResult<std::string>{
            [this](std::function<void(std::string)> answer) { open = std::move(answer); }};
    }
};

/// Tells when a frame is destroyed.
struct Witness {
    explicit Witness(int& count) : destroyed{count} {}
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    ~Witness() { ++destroyed; }
    int& destroyed;
};

struct Notes {
    std::string text;
    std::string fault;
    int destroyed = 0;

    TaskGroup::OnFault take() {
        return [this](std::exception_ptr exception) {
            try {
                std::rethrow_exception(exception);
            } catch (const std::exception& error) {
                fault = error.what();
            }
        };
    }
};

Task<int> number(int value) { co_return value; }

Task<int> sum(int n) {
    int total = 0;
    for (int i = 0; i < n; ++i) total += co_await number(1);
    co_return total;
}

Task<void> fail() {
    throw std::runtime_error{"the cause"};
    co_return;
}

Task<std::string> read(Door& door) {
    CallbackResult<std::string> opened = door.opened();
    const std::string value = co_await opened;
    co_return value + "!";
}

Task<void> wait(Door& door, Notes& notes) {
    const Witness witness{notes.destroyed};
    notes.text += "before ";
    notes.text += co_await read(door);
}

Task<void> add(Notes& notes, int n) { notes.text += std::to_string(co_await sum(n)); }

Task<void> fail_after(Door& door) {
    CallbackResult<std::string> opened = door.opened();
    co_await opened;
    co_await fail();
}

Task<void> catch_it(Notes& notes) {
    try {
        co_await fail();
    } catch (const std::runtime_error& error) {
        notes.text = error.what();
    }
}

Task<std::unique_ptr<int>> unique() { co_return std::make_unique<int>(7); }
Task<void> take_unique(Notes& notes) {
    const std::unique_ptr<int> value = co_await unique();
    notes.text = std::to_string(*value);
}

TEST(Task, StartsOnlyWhenItIsTaken) {
    Notes notes;
    Door door;
    {
        Task<void> never = wait(door, notes);
    }
    EXPECT_EQ(notes.text, "");
    EXPECT_EQ(notes.destroyed, 0);
}

TEST(Task, RunsToItsEndIfNothingWaits) {
    Notes notes;
    TaskGroup group{notes.take()};
    group.start(add(notes, 10));
    EXPECT_EQ(notes.text, "10");
    EXPECT_EQ(group.size(), 0u);
}

TEST(Task, ReturnsWhatCanOnlyBeMoved) {
    Notes notes;
    TaskGroup group{notes.take()};
    group.start(take_unique(notes));
    EXPECT_EQ(notes.text, "7");
}

TEST(Task, ResumesItsAwaiterWithoutGrowingTheStack) {
    Notes notes;
    TaskGroup group{notes.take()};
    group.start(add(notes, 200'000));
    EXPECT_EQ(notes.text, "200000");
}

TEST(Task, PassesExceptionsToItsAwaiter) {
    Notes notes;
    TaskGroup group{notes.take()};
    group.start(catch_it(notes));
    EXPECT_EQ(notes.text, "the cause");
    EXPECT_EQ(notes.fault, "");
}

TEST(TaskGroup, GoesOnWhereTheTaskWaited) {
    Notes notes;
    Door door;
    TaskGroup group{notes.take()};
    group.start(wait(door, notes));
    EXPECT_EQ(notes.text, "before ");
    EXPECT_EQ(group.size(), 1u);
    door.open("in");
    EXPECT_EQ(notes.text, "before in!");
    EXPECT_EQ(group.size(), 0u);
    EXPECT_EQ(notes.destroyed, 1);
}

TEST(TaskGroup, IsToldOfFaults) {
    Notes notes;
    Door door;
    TaskGroup group{notes.take()};
    group.start(fail());
    EXPECT_EQ(notes.fault, "the cause");
    notes.fault = {};
    group.start(fail_after(door));
    EXPECT_EQ(notes.fault, "");
    door.open("");
    EXPECT_EQ(notes.fault, "the cause");
    EXPECT_EQ(group.size(), 0u);
}

TEST(TaskGroup, DestroysWhatWaitsAndALateAnswerDoesNothing) {
    Notes notes;
    Door door;
    {
        TaskGroup group{notes.take()};
        group.start(wait(door, notes));
    }
    EXPECT_EQ(notes.destroyed, 1);
    door.open("too late");
    EXPECT_EQ(notes.text, "before ");
}

TEST(TaskGroup, HoldsManyAndLetsThemGoInAnyOrder) {
    Notes notes;
    std::array<Door, 5> doors;
    TaskGroup group{notes.take()};
    for (Door& door : doors) group.start(wait(door, notes));
    EXPECT_EQ(group.size(), 5u);
    for (const std::size_t i : {3u, 0u, 4u}) doors[i].open(std::to_string(i));
    EXPECT_EQ(group.size(), 2u);
    EXPECT_TRUE(notes.text.ends_with("3!0!4!"));
    group.clear();
    EXPECT_EQ(group.size(), 0u);
    EXPECT_EQ(notes.destroyed, 5);
}

Task<void> ask_at_once(Notes& notes) {
    const Witness witness{notes.destroyed};
    CallbackResult<std::string> answer{[](std::function<void(std::string)> tell) {
        tell("at once");
        tell = nullptr;  // the asker must still be there
    }};
    notes.text += co_await answer;
}

TEST(CallbackResult, MayBeAnsweredAtOnce) {
    Notes notes;
    TaskGroup group{notes.take()};
    group.start(ask_at_once(notes));
    EXPECT_EQ(notes.text, "at once");
    EXPECT_EQ(notes.destroyed, 1);
    EXPECT_EQ(group.size(), 0u);
}

TEST(CallbackResult, TakesTheFirstAnswerOnly) {
    Notes notes;
    Door door;
    TaskGroup group{notes.take()};
    group.start(wait(door, notes));
    door.open("one");
    door.open("two");
    EXPECT_EQ(notes.text, "before one!");
}

}  // namespace
}  // namespace aldis
