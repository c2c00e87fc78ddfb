#include "modules/pubsub/interests.h"

#include <gtest/gtest.h>

#include <random>

#include "read.h"

namespace aldis::modules::pubsub {
namespace {

Wanted nodes(NodeSet names) {
    std::ranges::sort(names);
    return std::make_shared<const NodeSet>(std::move(names));
}

std::string who(Interests& interests, std::string_view owner, std::string_view node) {
    std::vector<std::string> found;
    interests.for_each(jid(owner), node, [&](const Jid& full) { found.emplace_back(full.text()); });
    std::ranges::sort(found);
    std::string all;
    for (const std::string& each : found) all += each + ' ';
    return all;
}

std::vector<Jid> jids(std::initializer_list<std::string_view> texts) {
    std::vector<Jid> all;
    for (const std::string_view text : texts) all.push_back(jid(text));
    return all;
}

TEST(Interests, AreOfOwnersAndNodes) {
    Interests interests;
    interests.set(jid("romeo@a/home"), nodes({"tune", "mood"}), jids({"juliet@a", "romeo@a"}));
    interests.set(jid("romeo@a/phone"), nodes({"mood"}), jids({"juliet@a", "romeo@a"}));
    interests.set(jid("nurse@a/x"), nodes({"tune"}), jids({"juliet@a", "nurse@a"}));
    EXPECT_EQ(who(interests, "juliet@a", "tune"), "nurse@a/x romeo@a/home ");
    EXPECT_EQ(who(interests, "juliet@a", "mood"), "romeo@a/home romeo@a/phone ");
    EXPECT_EQ(who(interests, "romeo@a", "mood"), "romeo@a/home romeo@a/phone ");
    EXPECT_EQ(who(interests, "nurse@a", "mood"), "");
    EXPECT_EQ(who(interests, "juliet@a", "mo"), "");
    EXPECT_EQ(who(interests, "tybalt@a", "mood"), "");
    EXPECT_EQ(interests.kinds(), 3);
}

TEST(Interests, AreReplacedAndForgotten) {
    Interests interests;
    const Jid romeo = jid("romeo@a/home");
    interests.set(romeo, nodes({"tune"}), jids({"juliet@a", "nurse@a"}));
    interests.set(romeo, nodes({"mood"}), jids({"juliet@a"}));
    EXPECT_EQ(who(interests, "juliet@a", "tune"), "");
    EXPECT_EQ(who(interests, "juliet@a", "mood"), "romeo@a/home ");
    EXPECT_EQ(who(interests, "nurse@a", "mood"), "");
    interests.forget(jid("romeo@a/phone"));
    EXPECT_EQ(interests.watchers(), 1);
    interests.forget(romeo);
    EXPECT_EQ(interests.watchers() + interests.owners() + interests.kinds(), 0);
    interests.set(romeo, nodes({}), jids({"juliet@a"}));
    interests.set(romeo, nodes({"mood"}), {});
    EXPECT_EQ(interests.watchers() + interests.owners() + interests.kinds(), 0);
}

TEST(Interests, BeginAndEndWithSubscriptions) {
    Interests interests;
    const Jid romeo = jid("romeo@a/home");
    interests.add(romeo, nodes({"tune"}), jid("juliet@a"));
    interests.add(romeo, nodes({"tune"}), jid("nurse@a"));
    interests.add(romeo, nodes({"tune"}), jid("nurse@a"));
    EXPECT_EQ(who(interests, "nurse@a", "tune"), "romeo@a/home ");
    interests.add(romeo, nodes({"mood"}), jid("paris@a"));
    EXPECT_EQ(who(interests, "nurse@a", "tune") + who(interests, "nurse@a", "mood"), "romeo@a/home ");
    interests.remove(romeo, jid("juliet@a"));
    interests.remove(romeo, jid("juliet@a"));
    EXPECT_EQ(who(interests, "juliet@a", "mood"), "");
    EXPECT_EQ(who(interests, "paris@a", "mood"), "romeo@a/home ");
    interests.remove(romeo, jid("nurse@a"));
    interests.remove(romeo, jid("paris@a"));
    EXPECT_EQ(interests.watchers() + interests.owners() + interests.kinds(), 0);
}

TEST(Interests, ChangeBehindWhoIsNotified) {
    Interests interests;
    for (int i = 0; i < 10; ++i)
        interests.set(jid("a@a/" + std::to_string(i)), nodes({"tune"}), jids({"juliet@a", "nurse@a"}));
    int told = 0;
    interests.for_each(jid("juliet@a"), "tune", [&](const Jid& full) {
        const Jid gone = full;
        ++told;
        interests.forget(gone);
        interests.set(jid("b@a/" + std::to_string(told)), nodes({"tune"}), jids({"juliet@a"}));
        interests.for_each(jid("nurse@a"), "tune", [&](const Jid& other) { interests.remove(other, jid("nurse@a")); });
    });
    EXPECT_EQ(told, 10);
    EXPECT_EQ(interests.watchers(), 10);
    EXPECT_EQ(who(interests, "nurse@a", "tune"), "");
}

TEST(Interests, TellWhatIsNewerThanWhatIsBeingRead) {
    Interests interests;
    (void)who(interests, "juliet@a", "tune");
    const std::uint64_t first = interests.begin_reading();
    EXPECT_FALSE(interests.told_since(first, jid("juliet@a"), "tune"));
    (void)who(interests, "juliet@a", "tune");
    const std::uint64_t second = interests.begin_reading();
    (void)who(interests, "nurse@a", "tune");
    EXPECT_TRUE(interests.told_since(first, jid("juliet@a"), "tune"));
    EXPECT_FALSE(interests.told_since(first, jid("juliet@a"), "mood"));
    EXPECT_TRUE(interests.told_since(first, jid("nurse@a"), "tune"));
    EXPECT_FALSE(interests.told_since(second, jid("juliet@a"), "tune"));
    interests.end_reading(first);
    EXPECT_TRUE(interests.told_since(second, jid("nurse@a"), "tune"));
    for (int i = 0; i < 100'000; ++i) (void)who(interests, "paris@a", "tune");
    EXPECT_TRUE(interests.told_since(second, jid("nurse@a"), "tune"));
    interests.end_reading(second);
    EXPECT_FALSE(interests.told_since(interests.begin_reading(), jid("nurse@a"), "tune"));
}

/// Whatever comes in whatever order, the table says what a simple one says.
TEST(Interests, AreAsASimpleTableSays) {
    std::mt19937 random{4};
    const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(random); };
    const std::vector<Wanted> kinds{nodes({"a"}), nodes({"b"}), nodes({"a", "b"}), nodes({"a"}), nodes({"c", "d"})};
    Interests interests;
    std::map<std::string, std::pair<Wanted, std::set<std::string>>> simple;
    for (int step = 0; step < 5'000; ++step) {
        const std::string full = "w" + std::to_string(pick(12)) + "@a/r";
        const std::string owner = "o" + std::to_string(pick(6)) + "@a";
        const Wanted& kind = kinds[pick(kinds.size())];
        switch (pick(4)) {
            case 0: {
                std::set<std::string> owners{owner, "o" + std::to_string(pick(6)) + "@a"};
                std::vector<Jid> list;
                for (const std::string& each : owners) list.push_back(jid(each));
                interests.set(jid(full), kind, list);
                simple[full] = {kind, owners};
                break;
            }
            case 1:
                interests.add(jid(full), kind, jid(owner));
                simple[full].first = kind;
                simple[full].second.insert(owner);
                break;
            case 2:
                interests.remove(jid(full), jid(owner));
                if (simple.contains(full)) simple[full].second.erase(owner);
                break;
            default: interests.forget(jid(full)); simple.erase(full);
        }
        std::erase_if(simple, [](const auto& entry) { return entry.second.second.empty(); });
        for (const char* node : {"a", "b", "d"}) {
            std::string expected;
            std::set<std::string> found;
            for (const auto& [watcher, wants] : simple)
                if (wants.second.contains(owner) && std::ranges::binary_search(*wants.first, node))
                    found.insert(watcher);
            for (const std::string& each : found) expected += each + ' ';
            ASSERT_EQ(who(interests, owner, node), expected) << step;
        }
        ASSERT_EQ(interests.watchers(), simple.size());
    }
}

}  // namespace
}  // namespace aldis::modules::pubsub
