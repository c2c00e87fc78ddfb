// RFC 6121 section 2.5: what a client is told of its roster is on disk, here and at the contact's.
#include "world.h"

namespace aldis::session::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RemovalTest : public HomeTest {
protected:
    RemovalTest() {
        const auto to = [](const Person& other, std::string_view type) {
            return "<presence type='" + std::string{type} + "' to='" + other.bare() + "'/>";
        };
        romeo.says(to(juliet, "subscribe"));
        juliet.says(to(romeo, "subscribed") + to(romeo, "subscribe"));
        romeo.says(to(juliet, "subscribed"));
        romeo.says("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>");
        juliet.hears();
    }
    [[nodiscard]] std::string removal() const {
        return "<iq type='set' id='rm'><query xmlns='jabber:iq:roster'><item jid='" + juliet.bare() +
               "' subscription='remove'/></query></iq>";
    }
    /// On disk; nothing: there is no such item.
    std::optional<Subscription> stored(const Person& owner, const Person& contact) {
        std::optional<Subscription> found;
        world.stores().database.write_now([&](db::Connection& connection) {
            for (const db::RosterItem& item : db::Roster::load(connection, owner.bare()).items)
                if (item.contact == contact.bare()) found = item.subscription;
        });
        return found;
    }
};

INSTANTIATE_TEST_SUITE_P(Shards, RemovalTest, ::testing::Values(1u, 2u),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

TEST_P(RemovalTest, IsAnsweredWhenBothSidesAreOnDisk) {
    ASSERT_EQ(stored(romeo, juliet), Subscription::both);
    ASSERT_EQ(stored(juliet, romeo), Subscription::both);
    world.writes = false;
    std::string heard = romeo.says(removal());
    for (int i = 0; i < 4 && !heard.contains("id='rm'"); ++i) {
        world.write_only();
        heard += romeo.hears();
    }
    EXPECT_THAT(heard, HasSubstr("type='result' id='rm'"));
    EXPECT_EQ(stored(romeo, juliet), std::nullopt);
    EXPECT_EQ(stored(juliet, romeo), Subscription::none);
}

TEST_P(RemovalTest, LeavesTheItemUntilTheContactsSideIsOnDisk) {
    world.writes = false;
    romeo.says(removal());
    while (stored(juliet, romeo) != Subscription::none) {
        EXPECT_EQ(stored(romeo, juliet), Subscription::both);
        ASSERT_TRUE(world.stores().database.work());
        romeo.end().receive(" ");
    }
    world.writes = true;
    EXPECT_THAT(romeo.hears(), HasSubstr("type='result' id='rm'"));
}

TEST_P(RemovalTest, IsNotDoneIfItCannotBeStored) {
    const std::string get = "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>";
    world.disk.full = true;
    EXPECT_THAT(ids_in(romeo.says(removal()), "iq"), ::testing::ElementsAre("rm!"));
    world.disk.full = false;
    EXPECT_THAT(romeo.says(get), HasSubstr("subscription='both'"));
    EXPECT_THAT(romeo.says(removal()), HasSubstr("type='result' id='rm'"));
    EXPECT_THAT(romeo.says(get), Not(HasSubstr("<item")));
    EXPECT_THAT(juliet.says(get), HasSubstr("subscription='none'"));
}

TEST_P(RemovalTest, OfOneElsewhereNeedsNobodysConsent) {
    romeo.says("<presence type='subscribe' to='paris@example.net'/>");
    const std::string heard = romeo.says(
        "<iq type='set' id='rm'><query xmlns='jabber:iq:roster'><item jid='paris@example.net'"
        " subscription='remove'/></query></iq>");
    EXPECT_THAT(heard, HasSubstr("type='result' id='rm'"));
}

}  // namespace
}  // namespace aldis::session::test
