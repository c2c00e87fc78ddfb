// Accounts that change and go while somebody is logged in to them (XEP-0077), with the disk in the test's hands.
#include "world.h"

namespace aldis::session::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AccountsTest : public HomeTest {
protected:
    static std::string local_of(const Person& person) { return person.bare().substr(0, person.bare().find('@')); }
    static std::string change(const Person& person, const std::string& password) {
        return "<iq type='set' id='c'><query xmlns='jabber:iq:register'><username>" + local_of(person) +
               "</username><password>" + password + "</password></query></iq>";
    }
    static constexpr std::string_view remove =
        "<iq type='set' id='u'><query xmlns='jabber:iq:register'><remove/></query></iq>";

    void make_contacts(Person& one, Person& other) {
        one.says("<presence type='subscribe' to='" + other.bare() + "'/>");
        other.says("<presence type='subscribed' to='" + one.bare() + "'/>");
        other.says("<presence type='subscribe' to='" + one.bare() + "'/>");
        one.says("<presence type='subscribed' to='" + other.bare() + "'/>");
        one.hears();
        other.hears();
    }
    template <class Read>
    auto stored(Read read) {
        return world.stores().database.read_now(read);
    }
    std::optional<db::Subscription> subscription(const Person& of, const Person& to) {
        const db::RosterState roster =
            stored([&](db::Connection& connection) { return db::Roster::load(connection, of.bare()); });
        for (const db::RosterItem& item : roster.items)
            if (item.contact == to.bare()) return item.subscription;
        return std::nullopt;
    }
    bool exists(const Person& person) {
        return stored([&](db::Connection& connection) { return db::Users::find(connection, person.bare()); })
            .has_value();
    }
};

INSTANTIATE_TEST_SUITE_P(Shards, AccountsTest, ::testing::Values(1u, 2u),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

TEST_P(AccountsTest, ChangesAPasswordWhenItIsOnDisk) {
    Person phone{world, local_of(romeo), "phone"};
    world.writes = false;
    EXPECT_EQ(romeo.says(change(romeo, "a new pencil")), "");
    EXPECT_EQ(phone.hears(), "");
    world.writes = true;
    EXPECT_THAT(romeo.hears(), AllOf(HasSubstr("type='result' id='c'"), Not(HasSubstr("stream:error"))));
    EXPECT_THAT(phone.hears(), HasSubstr("<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));
    EXPECT_FALSE((Person{world, local_of(romeo), "again"}.bound())) << "with the old one";
}

TEST_P(AccountsTest, KeepsThePasswordIfTheDiskIsFull) {
    Person phone{world, local_of(romeo), "phone"};
    world.disk.full = true;
    EXPECT_THAT(romeo.says(change(romeo, "a new pencil")), HasSubstr("<internal-server-error "));
    world.disk.full = false;
    EXPECT_EQ(phone.hears(), "");
    EXPECT_TRUE((Person{world, local_of(romeo), "again"}.bound()));
    EXPECT_THAT(romeo.says("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"), HasSubstr("id='p'"));
}

TEST_P(AccountsTest, ChangesNoPasswordTooOften) {
    for (int i = 0; i < 10; ++i) EXPECT_THAT(romeo.says(change(romeo, "a new pencil")), HasSubstr("type='result'"));
    EXPECT_THAT(romeo.says(change(romeo, "a new pencil")), HasSubstr("<resource-constraint "));
    world.wait(std::chrono::seconds{61});
    EXPECT_THAT(romeo.says(change(romeo, "a new pencil")), HasSubstr("type='result'"));
}

TEST_P(AccountsTest, AnswersThatAnAccountIsGoneWhenItIsGoneFromEverywhere) {
    make_contacts(romeo, juliet);
    make_contacts(nurse, romeo);
    ASSERT_EQ(subscription(juliet, romeo), db::Subscription::both);
    nurse.end().receive_end();
    romeo.hears();

    world.writes = false;
    EXPECT_EQ(romeo.says(remove), "");
    EXPECT_EQ(juliet.hears(), "");
    world.writes = true;
    EXPECT_THAT(romeo.hears(), AllOf(HasSubstr("type='result' id='u'"), HasSubstr("<not-authorized ")));
    EXPECT_THAT(juliet.hears(), AllOf(HasSubstr("type='unsubscribed'"), HasSubstr("type='unavailable'")));
    EXPECT_FALSE(exists(romeo));
    EXPECT_EQ(subscription(juliet, romeo), db::Subscription::none);
    EXPECT_EQ(subscription(nurse, romeo), db::Subscription::none) << "nobody was there";
    EXPECT_EQ(subscription(romeo, juliet), std::nullopt);
    EXPECT_FALSE(stored([&](db::Connection& connection) { return db::LastActivity::find(connection, romeo.bare()); }))
        << "what its sessions wrote when they ended";
    EXPECT_EQ(world.home_of(local_of(romeo)).find(*Jid::parse(romeo.bare())), nullptr);
}

TEST_P(AccountsTest, IsAskedAgainToRemoveAnAccountThatCouldNotBe) {
    make_contacts(romeo, juliet);
    world.disk.full = true;
    EXPECT_THAT(romeo.says(remove), HasSubstr("<internal-server-error "));
    world.disk.full = false;
    ASSERT_TRUE(exists(romeo));
    EXPECT_THAT(romeo.says(remove), HasSubstr("type='result' id='u'"));
    EXPECT_FALSE(exists(romeo));
    EXPECT_EQ(subscription(juliet, romeo), db::Subscription::none);
}

TEST_P(AccountsTest, RemovesAnAccountThoughNobodyWaitsForTheAnswer) {
    make_contacts(romeo, juliet);
    world.writes = false;
    romeo.says(remove);
    romeo.end().receive_end(net::Closed::broken);
    world.settle();
    world.writes = true;
    world.settle();
    EXPECT_FALSE(exists(romeo));
    EXPECT_EQ(subscription(juliet, romeo), db::Subscription::none);
}

TEST_P(AccountsTest, KeepsNothingForAnAccountThatIsBeingRemoved) {
    world.writes = false;
    romeo.says(remove);
    juliet.writes_to(romeo, "m1");
    juliet.writes_to(romeo, "m2");
    world.writes = true;
    EXPECT_THAT(romeo.hears(), Not(HasSubstr("<message")));
    EXPECT_EQ(ids_in(juliet.hears()), (std::vector<std::string>{"m1!", "m2!"}));
    EXPECT_EQ(stored([&](db::Connection& connection) {
                  return db::Offline::load(connection, romeo.bare(), 0, 10).size() +
                         db::Clients::list(connection, romeo.bare()).size();
              }),
              0U);
}

TEST_P(AccountsTest, TakesUpNothingOfARemovedAccount) {
    make_contacts(romeo, juliet);
    romeo.says(remove);
    world.add_account(local_of(romeo));
    Person other{world, local_of(romeo), "orchard"};
    ASSERT_TRUE(other.bound());
    EXPECT_THAT(other.says("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>"), Not(HasSubstr("<item")));
    juliet.hears();
    juliet.writes_to(other, "m1");
    EXPECT_EQ(ids_in(other.says("<presence/>") + other.hears()), (std::vector<std::string>{"m1"}));
}

}  // namespace
}  // namespace aldis::session::test
