// XEP-0060 and XEP-0163 against the disk: what is answered is stored, what is told is stored, and what fails is undone.
#include "world.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class PubsubTest : public HomeTest {
protected:
    static std::string pubsub(const std::string& type, const std::string& id, const std::string& inner,
                              const std::string& to = {}) {
        return "<iq type='" + type + "' id='" + id + "'" + (to.empty() ? "" : " to='" + to + "'") +
               "><pubsub xmlns='http://jabber.org/protocol/pubsub'>" + inner + "</pubsub></iq>";
    }
    static std::string publish(const std::string& id, const std::string& item, const std::string& to = {}) {
        return pubsub("set", id, "<publish node='plays'><item id='" + item + "'><a xmlns='urn:a'/></item></publish>",
                      to);
    }
    static std::string items(const std::string& id, const std::string& to = {}) {
        return pubsub("get", id, "<items node='plays'/>", to);
    }
    /// An open node of romeo's, to which juliet's resource has subscribed.
    void open_node() {
        romeo.says(pubsub("set", "c",
                          "<create node='plays'/><configure><x xmlns='jabber:x:data' type='submit'><field "
                          "var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field><field "
                          "var='pubsub#access_model'><value>open</value></field><field var='pubsub#max_items'>"
                          "<value>max</value></field></x></configure>"));
        EXPECT_THAT(
            juliet.says(pubsub("set", "s", "<subscribe node='plays' jid='" + juliet.jid() + "'/>", romeo.bare())),
            HasSubstr("subscription='subscribed'"));
    }
};

INSTANTIATE_TEST_SUITE_P(Shards, PubsubTest, ::testing::Values(1u, 2u),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

TEST_P(PubsubTest, AnswersAndTellsWhenItIsOnDisk) {
    open_node();
    world.writes = false;
    EXPECT_THAT(ids_in(romeo.says(publish("p1", "a")), "iq"), IsEmpty());
    EXPECT_EQ(juliet.hears(), "");
    world.writes = true;
    EXPECT_THAT(ids_in(romeo.hears(), "iq"), ElementsAre("p1"));
    EXPECT_THAT(juliet.hears(), HasSubstr("<item id='a'><a xmlns='urn:a'/></item>"));
}

TEST_P(PubsubTest, TellsAlsoIfThePublisherHasGoneMeanwhile) {
    open_node();
    world.writes = false;
    romeo.says(publish("p1", "a"));
    romeo.says("</stream:stream>");
    world.writes = true;
    EXPECT_THAT(juliet.hears(), HasSubstr("<item id='a'>"));
    EXPECT_THAT(juliet.says(items("g", romeo.bare())), HasSubstr("<item id='a'>"));
}

TEST_P(PubsubTest, ReadsWhatWasWrittenJustBefore) {
    const std::string heard = romeo.says(publish("p1", "a") + items("g1"));
    EXPECT_THAT(ids_in(heard, "iq"), ElementsAre("p1", "g1"));
    EXPECT_THAT(heard, HasSubstr("<items node='plays'><item id='a'>"));
}

TEST_P(PubsubTest, UndoesWhatCouldNotBeStored) {
    world.disk.full = true;
    EXPECT_THAT(romeo.says(publish("p1", "a")), HasSubstr("<internal-server-error "));
    world.disk.full = false;
    EXPECT_THAT(romeo.says(items("g1")), HasSubstr("<item-not-found "));
    EXPECT_THAT(ids_in(romeo.says(publish("p2", "b")), "iq"), ElementsAre("p2"));
    const std::string found = romeo.says(items("g2"));
    EXPECT_THAT(found, HasSubstr("<item id='b'>"));
    EXPECT_THAT(found, Not(HasSubstr("<item id='a'>")));
}

TEST_P(PubsubTest, UndoesASubscriptionThatCouldNotBeStored) {
    open_node();
    world.disk.full = true;
    EXPECT_THAT(nurse.says(pubsub("set", "s", "<subscribe node='plays' jid='" + nurse.jid() + "'/>", romeo.bare())),
                HasSubstr("<internal-server-error "));
    world.disk.full = false;
    romeo.says(publish("p1", "a"));
    EXPECT_EQ(nurse.hears(), "");
    EXPECT_THAT(juliet.hears(), HasSubstr("<item id='a'>"));
}

TEST_P(PubsubTest, KeepsTheOrderOfWhatIsPublished) {
    open_node();
    romeo.says(publish("p1", "a") + publish("p2", "b") + publish("p3", "c"));
    const std::string heard = juliet.hears();
    EXPECT_LT(heard.find("id='a'"), heard.find("id='b'"));
    EXPECT_LT(heard.find("id='b'"), heard.find("id='c'"));
    EXPECT_NE(heard.find("id='c'"), std::string::npos);
}

TEST_P(PubsubTest, TellsNobodyWhomTheOwnerHasBlocked) {
    open_node();
    romeo.says("<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='" + juliet.bare() +
               "'/></block></iq>");
    juliet.hears();
    romeo.says(publish("p1", "a"));
    EXPECT_THAT(ids_in(juliet.hears()), IsEmpty());
}

TEST_P(PubsubTest, DoesNotTakeANewAccountForAnOldOne) {
    const std::string service = "pubsub.example.org";
    juliet.says(publish("p1", "a", service));
    const std::string name = juliet.bare().substr(0, juliet.bare().find('@'));
    world.stores().database.write_now(
        [&](db::Connection& connection) { world.stores().remove_account(connection, juliet.bare()); });
    world.home_of(name).forget_everywhere(*Jid::parse(juliet.bare()), "removed");
    world.settle();
    world.add_account(name);
    Person other{world, name, "balcony"};
    ASSERT_TRUE(other.bound());
    // What nobody else owned has gone with the account.
    EXPECT_THAT(other.says(items("g", service)), HasSubstr("<item-not-found "));
    EXPECT_THAT(ids_in(other.says(publish("p2", "b", service)), "iq"), ElementsAre("p2"));
}

TEST_P(PubsubTest, HasAServiceOfTheDomain) {
    const std::string service = "pubsub.example.org";
    EXPECT_THAT(ids_in(romeo.says(publish("p1", "a", service)), "iq"), ElementsAre("p1"));
    juliet.says(pubsub("set", "s", "<subscribe node='plays' jid='" + juliet.jid() + "'/>", service));
    romeo.says(publish("p2", "b", service));
    EXPECT_THAT(juliet.hears(), HasSubstr("from='pubsub.example.org'"));
    EXPECT_THAT(juliet.says(publish("p3", "c", service)), HasSubstr("<forbidden "));
}

}  // namespace
}  // namespace aldis::session::test
