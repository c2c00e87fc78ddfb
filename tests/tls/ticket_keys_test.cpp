#include "tls/ticket_keys.h"

#include <gtest/gtest.h>

namespace aldis::tls {
namespace {

using namespace std::chrono_literals;

TEST(TicketKeys, SealWithOneKeyAndOpenWithThoseBefore) {
    TicketKeys keys;
    const Instant start{};
    const TicketKeys::Key first = keys.current(start);
    EXPECT_EQ(keys.current(start + 7h).name, first.name);
    const TicketKeys::Key second = keys.current(start + 8h);
    EXPECT_NE(second.name, first.name);
    EXPECT_FALSE(keys.find(second.name, start + 8h)->renew);
    EXPECT_TRUE(keys.find(first.name, start + 8h)->renew);
    EXPECT_FALSE(keys.find(first.name, start + 24h));
}

TEST(TicketKeys, KnowNoOthers) {
    TicketKeys keys;
    EXPECT_FALSE(keys.find(std::array<unsigned char, 16>{}, Instant{}));
}

}  // namespace
}  // namespace aldis::tls
