#include "router/router.h"

#include <gtest/gtest.h>

namespace aldis::router {
namespace {

Jid jid(std::string_view text) { return *Jid::parse(text); }

TEST(Router, TellsServersAccountsAndOthersApart) {
    const Router router{4, {"example.org", "müller.example"}};
    EXPECT_EQ(router.find(jid("example.org")).kind, Kind::server);
    EXPECT_EQ(router.find(jid("example.org/resource")).kind, Kind::server);
    EXPECT_EQ(router.find(jid("romeo@example.org")).kind, Kind::account);
    EXPECT_EQ(router.find(jid("romeo@EXAMPLE.org./orchard")).kind, Kind::account);
    EXPECT_EQ(router.find(jid("romeo@xn--mller-kva.example")).kind, Kind::account);
    EXPECT_EQ(router.find(jid("example.net")).kind, Kind::remote);
    EXPECT_EQ(router.find(jid("romeo@sub.example.org")).kind, Kind::remote);
}

TEST(Router, GivesAnAccountOneHomeWhateverTheResource) {
    const Router router{4, {"example.org"}};
    const unsigned home = router.home_of(jid("romeo@example.org"));
    EXPECT_LT(home, 4u);
    EXPECT_EQ(router.home_of(jid("romeo@example.org/orchard")), home);
    EXPECT_EQ(router.find(jid("ROMEO@example.org/balcony")).shard, home);
}

TEST(Router, SpreadsAccountsOverAllShards) {
    const Router router{4, {"example.org"}};
    std::array<unsigned, 4> count{};
    for (int i = 0; i < 1000; ++i) ++count[router.home_of(jid("user" + std::to_string(i) + "@example.org"))];
    for (const unsigned here : count) EXPECT_NEAR(here, 250, 60);
}

TEST(Router, NeedsNoHashForOneShard) {
    const Router router{1, {"example.org"}};
    EXPECT_EQ(router.home_of(jid("romeo@example.org")), 0u);
}

}  // namespace
}  // namespace aldis::router
