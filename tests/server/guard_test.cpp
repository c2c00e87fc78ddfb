#include "server/guard.h"

#include <gtest/gtest.h>

namespace aldis::server {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class StandingClock final : public Clock {
public:
    Instant instant{};
    [[nodiscard]] Timestamp now() const override { return {}; }
    [[nodiscard]] Instant steady() const override { return instant; }
};

struct GuardTest : testing::Test {
    StandingClock clock;
    config::Limits limits;
    AddressGuard guard{limits, clock};
};

TEST_F(GuardTest, CountsTheAccountsOfAnAddress) {
    for (const char* const address : {"192.0.2.1", "192.0.2.2", "2001:db8::1"}) {
        EXPECT_TRUE(guard.take_registration(address, 2, hours{1})) << address;
        EXPECT_TRUE(guard.take_registration(address, 2, hours{1})) << address;
        EXPECT_FALSE(guard.take_registration(address, 2, hours{1})) << address;
    }
    EXPECT_FALSE(guard.take_registration("2001:db8::ffff:1", 2, hours{1})) << "the same /64";
    EXPECT_TRUE(guard.take_registration("2001:db8:0:1::1", 2, hours{1}));
    clock.instant += hours{1} + minutes{1};
    EXPECT_TRUE(guard.take_registration("192.0.2.1", 2, hours{1}));
}

TEST_F(GuardTest, GivesBackWhatWasNotMade) {
    EXPECT_TRUE(guard.take_registration("192.0.2.1", 1, hours{1}));
    guard.return_registration("192.0.2.1");
    EXPECT_TRUE(guard.take_registration("192.0.2.1", 1, hours{1}));
    guard.return_registration("192.0.2.9");
}

TEST_F(GuardTest, CountsGuests) {
    limits.guests = 3;
    limits.guests_per_address = 2;
    guard.set_limits(limits);
    EXPECT_TRUE(guard.admit_guest("192.0.2.1"));
    EXPECT_TRUE(guard.admit_guest("192.0.2.1"));
    EXPECT_FALSE(guard.admit_guest("192.0.2.1"));
    EXPECT_TRUE(guard.admit_guest("192.0.2.2"));
    EXPECT_FALSE(guard.admit_guest("192.0.2.2")) << "in all";
    guard.guest_gone("192.0.2.1");
    EXPECT_TRUE(guard.admit_guest("192.0.2.1"));
    limits.enabled = false;
    guard.set_limits(limits);
    EXPECT_TRUE(guard.admit_guest("192.0.2.1"));
    guard.guest_gone("192.0.2.1");
    limits.enabled = true;
    guard.set_limits(limits);
    EXPECT_FALSE(guard.admit_guest("192.0.2.1")) << "those of before are there still";
}

TEST_F(GuardTest, RemembersAccountsLongerThanConnections) {
    EXPECT_TRUE(guard.admit("192.0.2.1"));
    EXPECT_TRUE(guard.take_registration("192.0.2.1", 1, hours{1}));
    guard.released("192.0.2.1");
    guard.gone();
    EXPECT_FALSE(guard.take_registration("192.0.2.1", 1, hours{1}));
}

TEST_F(GuardTest, CountsNothingWhenLimitsAreOff) {
    limits.enabled = false;
    guard.set_limits(limits);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(guard.take_registration("192.0.2.1", 1, hours{1}));
}

}  // namespace
}  // namespace aldis::server
