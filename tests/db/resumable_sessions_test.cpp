// Sessions over a restart: saved at the end, taken once.
#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

ResumableSession session(std::string owner, std::string resource, std::int64_t expires) {
    return {.owner = std::move(owner),
            .resource = std::move(resource),
            .saved_at = second(10),
            .expires_at = second(expires),
            .state = std::string{"\0state", 6}};
}

struct ResumableStore : testing::Test, ByHand {
    std::vector<ResumableSession> take(std::int64_t now, std::size_t at_most) {
        return write([=](Connection& connection) { return ResumableSessions::take(connection, second(now), at_most); });
    }
    std::uint64_t count() {
        return read([](Connection& connection) { return ResumableSessions::count(connection); });
    }
};

TEST_F(ResumableStore, GivesEachSessionOnce) {
    Unit unit;
    ResumableSessions::save(unit, session("romeo@x", "phone", 500));
    ResumableSessions::save(unit, session("romeo@x", "laptop", 100));
    ResumableSessions::save(unit, session("juliet@x", "phone", 500));
    ResumableSessions::save(unit, session("juliet@x", "phone", 600));
    commit(std::move(unit));
    EXPECT_EQ(count(), 3U);
    const std::vector<ResumableSession> taken = take(100, 9);
    ASSERT_EQ(taken.size(), 2U) << "one has expired";
    EXPECT_EQ(taken[0].owner, "romeo@x");
    EXPECT_EQ(taken[0].resource, "phone");
    EXPECT_EQ(taken[0].saved_at, second(10));
    EXPECT_EQ(taken[0].expires_at, second(500));
    EXPECT_EQ(taken[0].state, (std::string{"\0state", 6}));
    EXPECT_EQ(taken[1].expires_at, second(600)) << "saved twice, the later one counts";
    EXPECT_TRUE(take(100, 9).empty());
    EXPECT_EQ(count(), 0U);
}

TEST_F(ResumableStore, GivesThemBitByBitPastTheExpired) {
    write([](Connection& connection) {
        for (int number = 0; number < 10; ++number) {
            ResumableSessions::save(connection,
                                    session("romeo@x", std::to_string(number), number < 6 || number == 8 ? 50 : 500));
        }
    });
    EXPECT_EQ(take(100, 2).size(), 2U);
    EXPECT_EQ(take(100, 2).size(), 1U);
    EXPECT_TRUE(take(100, 2).empty());
    EXPECT_EQ(count(), 0U);
}

TEST_F(ResumableStore, KeepsAllWhereTakingFails) {
    write([](Connection& connection) {
        for (int number = 0; number < 100; ++number)
            ResumableSessions::save(connection, session("romeo@x", std::to_string(number), 500));
    });
    std::size_t seen = 0;
    const auto take_all = [&](std::size_t until) {
        return write([&, until](Connection& connection) {
            seen = 0;
            return ResumableSessions::take_all(connection, second(1), [&](ResumableSession&&) {
                if (++seen > until) throw std::runtime_error{"no"};
            });
        });
    };
    EXPECT_THROW(take_all(80), std::runtime_error);
    EXPECT_EQ(count(), 100U);
    EXPECT_EQ(take_all(1'000), 100U);
    EXPECT_EQ(seen, 100U);
    EXPECT_EQ(count(), 0U);
}

TEST_F(ResumableStore, RemovesOneOrAnOwners) {
    write([](Connection& connection) {
        for (const char* resource : {"a", "b", "c"})
            ResumableSessions::save(connection, session("romeo@x", resource, 500));
        ResumableSessions::save(connection, session("juliet@x", "a", 500));
        ResumableSessions::remove(connection, "romeo@x", "a");
        EXPECT_EQ(ResumableSessions::remove_owner(connection, "romeo@x"), 2U);
    });
    EXPECT_EQ(take(1, 9).size(), 1U);
}

}  // namespace
}  // namespace aldis::db::tests
