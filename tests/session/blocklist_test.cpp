#include "session/blocklist.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace aldis::session {
namespace {

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

Blocklist list(std::initializer_list<std::string_view> items) {
    Blocklist made;
    for (const std::string_view item : items) made.add(jid(item));
    return made;
}

std::vector<std::string> items_of(const Blocklist& blocklist) {
    std::vector<std::string> found;
    blocklist.for_each([&](std::string_view item) { found.emplace_back(item); });
    return found;
}

TEST(Blocklist, BlocksNobodyWhileItIsEmpty) {
    const Blocklist empty;
    EXPECT_FALSE(empty.blocks(jid("romeo@montague.net")));
    EXPECT_FALSE(empty.blocks(Jid{}));
    EXPECT_TRUE(empty.empty());
}

// XEP-0191 "JID Matching"
TEST(Blocklist, MatchesAsTheTextSays) {
    struct Case {
        std::string_view item;
        std::string_view address;
        bool blocked;
    };
    constexpr Case cases[] = {
        {"user@domain/resource", "user@domain/resource", true},
        {"user@domain/resource", "user@domain/other", false},
        {"user@domain/resource", "user@domain", false},
        {"user@domain", "user@domain", true},
        {"user@domain", "user@domain/resource", true},
        {"user@domain", "other@domain", false},
        {"user@domain", "domain", false},
        {"user@domain", "user@domain.example", false},
        {"domain/resource", "domain/resource", true},
        {"domain/resource", "domain/other", false},
        {"domain/resource", "domain", false},
        {"domain/resource", "user@domain/resource", false},
        {"domain", "domain", true},
        {"domain", "domain/resource", true},
        {"domain", "user@domain", true},
        {"domain", "user@domain/resource", true},
        {"domain", "sub.domain", false},
        {"domain", "user@sub.domain", false},
    };
    for (const Case& each : cases)
        EXPECT_EQ(list({each.item}).blocks(jid(each.address)), each.blocked) << each.item << " and " << each.address;
}

TEST(Blocklist, AnyItemThatMatchesBlocks) {
    const Blocklist both = list({"a@x.example", "y.example", "b@z.example/r"});
    EXPECT_TRUE(both.blocks(jid("a@x.example/anywhere")));
    EXPECT_TRUE(both.blocks(jid("anybody@y.example")));
    EXPECT_TRUE(both.blocks(jid("b@z.example/r")));
    EXPECT_FALSE(both.blocks(jid("b@x.example")));
}

TEST(Blocklist, ListsEachItemOnceInOrder) {
    Blocklist made = list({"c@x", "a@x", "b@x"});
    EXPECT_FALSE(made.add(jid("a@x")));
    EXPECT_EQ(items_of(made), (std::vector<std::string>{"a@x", "b@x", "c@x"}));
}

TEST(Blocklist, ForgetsAnItemThatIsRemoved) {
    Blocklist made = list({"a@x", "b@x", "x"});
    EXPECT_TRUE(made.remove(jid("b@x")));
    EXPECT_FALSE(made.remove(jid("b@x")));
    EXPECT_FALSE(made.remove(jid("b@x/r")));
    EXPECT_TRUE(made.blocks(jid("b@x"))) << "by its domain";
    EXPECT_TRUE(made.remove(jid("x")));
    EXPECT_FALSE(made.blocks(jid("b@x")));
    EXPECT_TRUE(made.remove(jid("a@x")));
    EXPECT_TRUE(made.empty());
}

TEST(Blocklist, IsCopied) {
    Blocklist made = list({"a@x"});
    const Blocklist copy = made;
    made.clear();
    EXPECT_TRUE(copy.blocks(jid("a@x")));
    EXPECT_FALSE(made.blocks(jid("a@x")));
}

TEST(Blocklist, IsASet) {
    std::mt19937 random{7};
    std::set<std::string> expected;
    Blocklist made;
    for (int i = 0; i < 3000; ++i) {
        const Jid address = jid("user" + std::to_string(random() % 200) + "@example.org");
        if (random() % 2 == 0)
            EXPECT_EQ(made.add(address), expected.insert(address.text()).second);
        else
            EXPECT_EQ(made.remove(address), expected.erase(address.text()) == 1);
    }
    EXPECT_EQ(items_of(made), std::vector<std::string>(expected.begin(), expected.end()));
    for (const std::string& item : expected) EXPECT_TRUE(made.blocks(jid(item + "/r")));
}

}  // namespace
}  // namespace aldis::session
