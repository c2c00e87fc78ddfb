// What is old enough leaves the archive, and cannot be searched for any more.
#include <gmock/gmock.h>

#include "world.h"

namespace aldis::session::test {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

struct RetentionTest : HomeTest {
    void keep_for(const Person& person, days time) {
        db::Unit unit;
        db::Retention::put(unit, person.bare(), time);
        world.stores().database.write_now([&](db::Connection& connection) { unit.run(connection); });
    }
    /// What has come meanwhile is done in the time that everything gets.
    void wait_for(hours time) {
        world.wait(time);
        for (int second = 0; second < 5; ++second) world.wait(std::chrono::seconds{1});
    }
    std::vector<std::string> archived(const Person& person) {
        return archive_ids("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>", person);
    }
    std::vector<std::string> found(const Person& person, const std::string& words) {
        return archive_ids(
            "<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' "
            "type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>"
            "<field var='{urn:xmpp:fulltext:0}fulltext'><value>" +
                words + "</value></field></x></query></iq>",
            person);
    }

private:
    std::vector<std::string> archive_ids(const std::string& query, const Person& person) {
        Person asker{world, person.bare().substr(0, person.bare().find('@')), "asker",
                     static_cast<unsigned>(&person == &juliet ? GetParam() - 1 : 0)};
        const xml::Document all = xml::parse_document("<all>" + asker.says(query) + "</all>", "jabber:client");
        std::vector<std::string> ids;
        for (const xml::Element& stanza : all.root().children()) {
            const xml::Element* inner = stanza.child({"urn:xmpp:mam:2", "result"});
            if (inner != nullptr) inner = inner->child({"urn:xmpp:forward:0", "forwarded"});
            if (inner != nullptr) inner = inner->child({"jabber:client", "message"});
            if (inner != nullptr) ids.emplace_back(inner->attribute_or("id", ""));
        }
        return ids;
    }
};

TEST_P(RetentionTest, GoesByTheOwnersChoice) {
    keep_for(romeo, days{30});
    romeo.writes_to(juliet, "first");
    world.wait(days{20});
    romeo.writes_to(juliet, "second");
    wait_for(hours{2});
    EXPECT_THAT(archived(romeo), ElementsAre("first", "second"));
    EXPECT_THAT(found(romeo, "first"), ElementsAre("first"));
    wait_for(days{11});
    EXPECT_THAT(archived(romeo), ElementsAre("second"));
    EXPECT_THAT(found(romeo, "first"), IsEmpty());
    EXPECT_THAT(found(romeo, "second"), ElementsAre("second"));
    EXPECT_THAT(archived(juliet), ElementsAre("first", "second")) << "hers is her own";
    EXPECT_THAT(found(juliet, "first"), ElementsAre("first"));
}

TEST_P(RetentionTest, TakesMoreThanOneStep) {
    keep_for(juliet, days{1});
    for (int number = 0; number < 250; ++number) romeo.writes_to(juliet, "m" + std::to_string(number));
    wait_for(days{3});
    EXPECT_THAT(archived(juliet), IsEmpty());
    EXPECT_THAT(found(juliet, "m7"), IsEmpty());
    EXPECT_THAT(found(romeo, "m7"), ElementsAre("m7"));
}

TEST_P(RetentionTest, DeletesNothingOfWhoDoesNotWantIt) {
    keep_for(romeo, days{0});
    romeo.writes_to(juliet, "first");
    wait_for(days{400});
    EXPECT_THAT(archived(romeo), ElementsAre("first"));
    EXPECT_THAT(archived(juliet), ElementsAre("first"));
}

INSTANTIATE_TEST_SUITE_P(Shards, RetentionTest, testing::Values(1U, 2U));

}  // namespace
}  // namespace aldis::session::test
