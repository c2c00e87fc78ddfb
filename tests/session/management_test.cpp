// XEP-0198: the arithmetic of acknowledgements, without a server.
#include "session/management.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace aldis::session {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint32_t last = std::numeric_limits<std::uint32_t>::max();

void add(Unacknowledged& queue, const std::string& wire) { queue.add({.wire = make_bytes(std::string{wire})}); }

std::vector<std::string> texts(const std::vector<Unacknowledged::Stanza>& stanzas) {
    std::vector<std::string> all;
    for (const auto& stanza : stanzas) all.push_back(*stanza.wire);
    return all;
}

TEST(UnacknowledgedStanzas, AreGivenUpInTheirOrder) {
    Unacknowledged queue;
    for (const char* const text : {"a", "bb", "ccc"}) add(queue, text);
    EXPECT_EQ(queue.bytes(), 6u);
    EXPECT_EQ(queue.sent(), 3u);
    const auto done = queue.acknowledge(2);
    ASSERT_TRUE(done);
    EXPECT_THAT(texts(*done), ElementsAre("a", "bb"));
    EXPECT_EQ(queue.size(), 1u);
    EXPECT_EQ(queue.bytes(), 3u);
    EXPECT_EQ(queue.sent(), 3u);
    EXPECT_EQ(queue.acknowledged(), 2u);
    EXPECT_THAT(texts(queue.take_all()), ElementsAre("ccc"));
    EXPECT_EQ(queue.size(), 0u);
    EXPECT_EQ(queue.bytes(), 0u);
}

TEST(UnacknowledgedStanzas, MayBeAcknowledgedTwice) {
    Unacknowledged queue;
    add(queue, "a");
    EXPECT_THAT(texts(*queue.acknowledge(0)), IsEmpty());
    EXPECT_THAT(texts(*queue.acknowledge(1)), ElementsAre("a"));
    EXPECT_THAT(texts(*queue.acknowledge(1)), IsEmpty());
}

TEST(UnacknowledgedStanzas, AreNoMoreThanWereSent) {
    Unacknowledged queue;
    add(queue, "a");
    EXPECT_FALSE(queue.can_acknowledge(2));
    EXPECT_FALSE(queue.acknowledge(2));
    EXPECT_FALSE(queue.acknowledge(last));
    EXPECT_EQ(queue.size(), 1u);  // nothing has changed
    EXPECT_TRUE(queue.acknowledge(1));
    EXPECT_FALSE(queue.acknowledge(0));  // less than before: 2^32 - 1 more
}

TEST(UnacknowledgedStanzas, WrapAtTheEndOfTheNumbers) {
    Unacknowledged queue;
    queue.start_at(last - 1);
    for (const char* const text : {"a", "b", "c", "d"}) add(queue, text);
    EXPECT_EQ(queue.sent(), 2u);
    EXPECT_TRUE(queue.can_acknowledge(last));
    EXPECT_TRUE(queue.can_acknowledge(0));
    EXPECT_TRUE(queue.can_acknowledge(2));
    EXPECT_FALSE(queue.can_acknowledge(3));
    EXPECT_FALSE(queue.can_acknowledge(last - 2));
    EXPECT_THAT(texts(*queue.acknowledge(last)), ElementsAre("a"));
    EXPECT_THAT(texts(*queue.acknowledge(0)), ElementsAre("b"));
    EXPECT_FALSE(queue.acknowledge(last));
    EXPECT_THAT(texts(*queue.acknowledge(2)), ElementsAre("c", "d"));
}

TEST(UnacknowledgedStanzas, AreSeenInOrderWhateverHasGone) {
    std::mt19937 random{7};
    Unacknowledged queue;
    queue.start_at(last - 500);
    std::vector<std::string> expected;
    std::size_t bytes = 0;
    std::uint32_t handled = last - 500;
    for (int i = 0; i < 5'000; ++i) {
        if (random() % 3 != 0) {
            expected.push_back(std::string(random() % 5, 'x') + std::to_string(i));
            bytes += expected.back().size();
            add(queue, expected.back());
        } else {
            const std::size_t count = expected.empty() ? 0 : random() % (expected.size() + 1);
            handled += static_cast<std::uint32_t>(count);
            const auto done = queue.acknowledge(handled);
            ASSERT_TRUE(done);
            ASSERT_EQ(done->size(), count);
            for (std::size_t k = 0; k < count; ++k) {
                EXPECT_EQ(*(*done)[k].wire, expected[k]);
                bytes -= expected[k].size();
            }
            expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(count));
        }
        ASSERT_EQ(queue.size(), expected.size());
        ASSERT_EQ(queue.bytes(), bytes);
    }
    std::vector<std::string> left;
    queue.for_each([&](const auto& stanza) { left.push_back(*stanza.wire); });
    EXPECT_EQ(left, expected);
}

TEST(HandledStanzas, CountWhenAllBeforeHaveFinished) {
    Handled handled;
    const auto a = handled.begin();
    const auto b = handled.begin();
    const auto c = handled.begin();
    EXPECT_EQ(handled.begun(), 3u);
    handled.finish(c);
    EXPECT_EQ(handled.finished(), 0u);
    handled.finish(a);
    EXPECT_EQ(handled.finished(), 1u);
    handled.finish(b);
    EXPECT_EQ(handled.finished(), 3u);
}

TEST(HandledStanzas, AreAPrefixInWhateverOrderTheyFinish) {
    for (unsigned seed = 0; seed < 50; ++seed) {
        std::mt19937 random{seed};
        Handled handled;
        std::vector<std::uint64_t> open;
        std::vector<bool> done(1, true);
        const auto prefix = [&] {
            std::size_t n = 0;
            while (n + 1 < done.size() && done[n + 1]) ++n;
            return n;
        };
        for (int i = 0; i < 400; ++i) {
            if (open.empty() || (i < 300 && random() % 2 == 0)) {
                open.push_back(handled.begin());
                done.push_back(false);
            } else {
                const std::size_t at = random() % open.size();
                done[open[at]] = true;
                handled.finish(open[at]);
                open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
            }
            ASSERT_EQ(handled.finished(), prefix());
        }
        for (const std::uint64_t number : open) handled.finish(number);
        EXPECT_EQ(handled.finished(), handled.begun());
    }
}

TEST(ManagementOfAStream, TellsHModuloTwoToTheThirtyTwo) {
    Management management;
    Handled handled;
    handled.start_at(last);
    EXPECT_EQ(management.h(handled), last);
    handled.finish(handled.begin());
    EXPECT_EQ(management.h(handled), 0u);
    handled.finish(handled.begin());
    EXPECT_EQ(management.h(handled), 1u);
}

TEST(ManagementOfAStream, CountsFromWhenItWasEnabled) {
    Management management;
    Handled handled;
    const auto before = handled.begin();
    management.counted_from = handled.begun();
    const auto after = handled.begin();
    EXPECT_EQ(management.h(handled), 0u);
    handled.finish(after);
    EXPECT_EQ(management.h(handled), 0u);
    handled.finish(before);
    EXPECT_EQ(management.h(handled), 1u);
}

TEST(ManagementOfAStream, SaysWhatIsWrongWithTooHighACount) {
    const TooMany error{10, 8};
    EXPECT_EQ(error.text(), "You acknowledged 10 stanzas, but only 8 were sent.");
    EXPECT_EQ(error.xml(), "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='8'/>");
}

}  // namespace
}  // namespace aldis::session
