// XEP-0431: the index is filled behind the archive, and a search does not need the disk to be good.
#include <gmock/gmock.h>

#include "world.h"

namespace aldis::session::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct SearchTest : HomeTest {
    std::string search(Person& person, const std::string& words) {
        return person.says(
            "<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'><field "
            "var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>"
            "<field var='{urn:xmpp:fulltext:0}fulltext'><value>" +
            words + "</value></field></x></query></iq>");
    }
    [[nodiscard]] bool behind() { return world.stores().search.behind(); }
};

TEST_P(SearchTest, FillsTheIndexWithinASecond) {
    romeo.writes_to(juliet, "needle");
    EXPECT_TRUE(behind());
    world.wait(std::chrono::seconds{1});
    EXPECT_FALSE(behind());
}

TEST_P(SearchTest, FindsWhatWasSaidAMomentAgo) {
    romeo.writes_to(juliet, "needle");
    EXPECT_THAT(search(romeo, "needle"), HasSubstr("<body>needle</body>"));
    EXPECT_FALSE(behind());
}

TEST_P(SearchTest, FindsWhatIsInTheIndexWhenTheDiskIsFull) {
    romeo.writes_to(juliet, "needle");
    world.wait(std::chrono::seconds{1});
    romeo.writes_to(juliet, "pin");
    world.disk.full = true;
    EXPECT_THAT(search(romeo, "needle"), HasSubstr("<body>needle</body>"));
    const std::string found = search(romeo, "pin");
    EXPECT_THAT(found, HasSubstr("type='result'"));
    EXPECT_THAT(found, HasSubstr("stable='false'"));
    EXPECT_THAT(found, Not(HasSubstr("<body>")));
    world.disk.full = false;
    world.wait(std::chrono::minutes{2});
    EXPECT_THAT(search(romeo, "pin"), HasSubstr("<body>pin</body>"));
}

INSTANTIATE_TEST_SUITE_P(Shards, SearchTest, testing::Values(1U, 2U));

}  // namespace
}  // namespace aldis::session::test
