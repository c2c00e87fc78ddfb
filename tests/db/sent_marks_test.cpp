#include "db/sent_marks.h"

#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

using testing::ElementsAre;

Timestamp second(int number) { return Timestamp{std::chrono::seconds{number}}; }

struct SentMarksStore : testing::Test, ByHand {
    void add(std::string_view owner, int at, std::uint64_t message) {
        Unit unit;
        SentMarks::add(unit, owner, {.at = second(at), .message = message, .id = 4'000'000'000}, std::chrono::hours{1});
        commit(std::move(unit));
    }
    std::vector<std::uint64_t> since(std::string_view owner, int at, std::size_t at_most = 100) {
        std::vector<std::uint64_t> found;
        for (const SentMark& mark :
             read([&](Connection& connection) { return SentMarks::since(connection, owner, second(at), at_most); })) {
            EXPECT_EQ(mark.id, 4'000'000'000);
            found.push_back(mark.message);
        }
        return found;
    }
};

TEST_F(SentMarksStore, KeepsTheNewestOnesInOrder) {
    for (int at = 1; at <= 4; ++at) add("romeo@x", at, static_cast<std::uint64_t>(at) << 60U);
    add("romeo@x", 4, std::uint64_t{4} << 60U);
    add("juliet@x", 3, 9);
    EXPECT_THAT(since("romeo@x", 2),
                ElementsAre(std::uint64_t{2} << 60U, std::uint64_t{3} << 60U, std::uint64_t{4} << 60U));
    EXPECT_THAT(since("romeo@x", 0, 1), ElementsAre(std::uint64_t{4} << 60U));
}

TEST_F(SentMarksStore, LetsGoOfTheOld) {
    for (int at = 0; at < 15; ++at) add("romeo@x", at, 1);
    add("juliet@x", 3'700, 2);
    EXPECT_EQ(since("romeo@x", 0).size(), 5);
    add("juliet@x", 3'701, 3);
    EXPECT_THAT(since("romeo@x", 0), ElementsAre());
    EXPECT_THAT(since("juliet@x", 0), ElementsAre(2, 3));
}

TEST_F(SentMarksStore, GoesWithItsOwner) {
    add("romeo@x", 1, 1);
    write([&](Connection& connection) { return stores.remove_account(connection, "romeo@x").existed; });
    EXPECT_THAT(since("romeo@x", 0), ElementsAre());
}

}  // namespace
}  // namespace aldis::db::tests
