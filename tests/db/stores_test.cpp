// Users, rosters, offline messages, last activity, preferences: what is put in comes out.
#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

struct StoresTest : testing::Test, ByHand {};
using UsersStore = StoresTest;
using RosterStore = StoresTest;
using OfflineStore = StoresTest;
using SmallStores = StoresTest;

TEST_F(UsersStore, AddsOnceFindsChangesAndRemoves) {
    write([](Connection& connection) {
        EXPECT_TRUE(Users::add(connection, "romeo@localhost", std::string_view{"a\0b", 3}, second(5)));
        EXPECT_FALSE(Users::add(connection, "romeo@localhost", "other", second(6)));
    });
    read([](Connection& connection) {
        const std::optional<User> user = Users::find(connection, "romeo@localhost");
        ASSERT_TRUE(user);
        EXPECT_EQ(user->credentials, (std::string{"a\0b", 3}));
        EXPECT_EQ(user->created_at, second(5));
        EXPECT_FALSE(user->disabled);
        EXPECT_FALSE(Users::find(connection, "juliet@localhost"));
    });
    write([](Connection& connection) {
        EXPECT_TRUE(Users::set_credentials(connection, "romeo@localhost", "new"));
        EXPECT_TRUE(Users::set_disabled(connection, "romeo@localhost", true));
        EXPECT_FALSE(Users::set_disabled(connection, "juliet@localhost", true));
        EXPECT_EQ(Users::find(connection, "romeo@localhost")->credentials, "new");
        EXPECT_TRUE(Users::find(connection, "romeo@localhost")->disabled);
        EXPECT_TRUE(Users::remove(connection, "romeo@localhost"));
        EXPECT_FALSE(Users::remove(connection, "romeo@localhost"));
    });
}

TEST_F(UsersStore, HasNoTwoNamesThatOlderClientsCannotTellApart) {
    write([](Connection& connection) {
        EXPECT_TRUE(Users::add(connection, "strasse@localhost", "", second(0)));
        EXPECT_FALSE(Users::add(connection, "stra\u00dfe@localhost", "", second(0)));
        EXPECT_TRUE(Users::add(connection, "stra\u00dfe@other", "", second(0)));
        EXPECT_FALSE(Users::add(connection, "strasse@other", "", second(0)));
        EXPECT_TRUE(Users::is_taken(connection, "strasse@other"));
        EXPECT_TRUE(Users::remove(connection, "stra\u00dfe@other"));
        EXPECT_FALSE(Users::is_taken(connection, "strasse@other"));
        EXPECT_TRUE(Users::add(connection, "strasse@other", "", second(0)));
    });
}

TEST_F(UsersStore, ListsADomainInPages) {
    write([](Connection& connection) {
        for (const char* jid : {"c@one", "a@one", "b@one", "a@two", "d@one"})
            Users::add(connection, jid, "", second(0));
    });
    read([](Connection& connection) {
        std::vector<std::string> seen;
        for (std::string after;;) {
            const std::vector<User> page = Users::list(connection, "one", after, 3);
            if (page.empty()) break;
            for (const User& user : page) seen.push_back(user.jid);
            after = page.back().jid;
        }
        EXPECT_EQ(seen, (std::vector<std::string>{"a@one", "b@one", "c@one", "d@one"}));
        EXPECT_EQ(Users::count(connection, "one"), 4U);
    });
}

RosterItem item(std::string contact, std::uint64_t version) {
    return {.contact = std::move(contact),
            .name = "A name",
            .subscription = Subscription::both,
            .ask = true,
            .approved = true,
            .groups = {"Friends", "Verona"},
            .version = version};
}

TEST_F(RosterStore, KeepsItemsAndRequests) {
    Unit unit;
    Roster::put(unit, "romeo@x", item("juliet@x", 1));
    Roster::put(unit, "romeo@x", {.contact = "nurse@x", .version = 2});
    Roster::put_request(unit, "romeo@x", "tybalt@x", make_bytes("<presence type='subscribe'/>"));
    commit(std::move(unit));
    const auto load = [](Connection& connection) { return Roster::load(connection, "romeo@x"); };
    RosterState state = read(load);
    EXPECT_EQ(state.version, 2U);
    EXPECT_EQ(state.items, (std::vector<RosterItem>{item("juliet@x", 1), {.contact = "nurse@x", .version = 2}}));
    ASSERT_EQ(state.requests.size(), 1U);
    EXPECT_EQ(state.requests[0].stanza, "<presence type='subscribe'/>");

    Unit changes;
    Roster::remove(changes, "romeo@x", "juliet@x", 3);
    Roster::remove_request(changes, "romeo@x", "tybalt@x");
    commit(std::move(changes));
    state = read(load);
    EXPECT_EQ(state.version, 3U);
    EXPECT_EQ(state.items.size(), 1U);
    EXPECT_TRUE(state.requests.empty());
    EXPECT_TRUE(read([](Connection& connection) { return Roster::load(connection, "mercutio@x"); }).items.empty());
}

TEST_F(RosterStore, TellsWhatHasChangedSinceAVersion) {
    Unit unit;
    Roster::put(unit, "romeo@x", item("a@x", 1));
    Roster::put(unit, "romeo@x", item("b@x", 2));
    Roster::put(unit, "romeo@x", item("c@x", 3));
    Roster::remove(unit, "romeo@x", "b@x", 4);
    Roster::put(unit, "romeo@x", item("a@x", 5));
    commit(std::move(unit));
    const auto since = [this](std::uint64_t version) {
        return read([=](Connection& connection) { return Roster::changes_since(connection, "romeo@x", version); });
    };
    const std::optional<RosterChanges> changes = since(2);
    ASSERT_TRUE(changes);
    EXPECT_EQ(changes->version, 5U);
    EXPECT_EQ(changes->items, (std::vector<RosterItem>{item("c@x", 3), item("a@x", 5)}));
    ASSERT_EQ(changes->removed.size(), 1U);
    EXPECT_EQ(changes->removed[0].contact, "b@x");
    EXPECT_TRUE(since(5)->items.empty());
    EXPECT_FALSE(since(6)) << "a version that never was";
}

TEST_F(RosterStore, ForgetsOldRemovalsAndThenSendsTheWholeRoster) {
    Unit unit;
    std::uint64_t version = 0;
    for (std::size_t removed = 0; removed < Roster::removals_kept + 5; ++removed) {
        const std::string contact = "c" + std::to_string(removed) + "@x";
        Roster::put(unit, "romeo@x", item(contact, ++version));
        Roster::remove(unit, "romeo@x", contact, ++version);
    }
    commit(std::move(unit));
    const auto since = [this](std::uint64_t from) {
        return read([=](Connection& connection) { return Roster::changes_since(connection, "romeo@x", from); });
    };
    EXPECT_FALSE(since(0));
    EXPECT_FALSE(since(9)) << "the removal of version 10 is forgotten";
    EXPECT_EQ(since(10)->removed.size(), Roster::removals_kept);
    EXPECT_EQ(since(version - 2)->removed.size(), 1U);
}

TEST_F(RosterStore, DoesNotRepeatTheVersionsOfARemovedAccount) {
    write([this](Connection& connection) { stores.add_account(connection, "romeo@x", "", second(1000)); });
    const auto version = [this] {
        return read([](Connection& connection) { return Roster::load(connection, "romeo@x").version; });
    };
    EXPECT_EQ(version(), 1000U);
    Unit unit;
    Roster::put(unit, "romeo@x", item("juliet@x", 1001));
    commit(std::move(unit));
    EXPECT_EQ(version(), 1001U);
    EXPECT_TRUE(read([](Connection& connection) { return Roster::changes_since(connection, "romeo@x", 1000); }));
    EXPECT_FALSE(read([](Connection& connection) { return Roster::changes_since(connection, "romeo@x", 999); }));
}

TEST_F(OfflineStore, IsAQueuePerOwner) {
    Unit unit;
    for (int number = 1; number <= 5; ++number) {
        Offline::append(unit, "romeo@x", second(number), make_bytes("<m" + std::to_string(number) + "/>"));
        Offline::append(unit, "other@x", second(number), make_bytes("<other/>"));
    }
    commit(std::move(unit));
    const auto load = [this](std::int64_t after) {
        return read([=](Connection& connection) { return Offline::load(connection, "romeo@x", after, 2); });
    };
    const std::vector<OfflineStanza> first = load(0);
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[1].stanza, "<m2/>");
    EXPECT_EQ(first[1].at, second(2));
    EXPECT_EQ(load(first[1].id)[0].stanza, "<m3/>");
    Unit removal;
    Offline::remove_up_to(removal, "romeo@x", first[1].id);
    commit(std::move(removal));
    EXPECT_EQ(load(0)[0].stanza, "<m3/>");
    EXPECT_EQ(load(first[1].id).size(), 2U);
    read([](Connection& connection) {
        EXPECT_EQ(Offline::count(connection, "romeo@x", 100), 3U);
        EXPECT_EQ(Offline::count(connection, "romeo@x", 2), 2U);
        EXPECT_EQ(Offline::count(connection, "other@x", 100), 5U);
    });
}

TEST_F(OfflineStore, NumbersAreNotUsedAgain) {
    const auto append = [this] {
        Unit unit;
        Offline::append(unit, "romeo@x", second(1), make_bytes("<m/>"));
        commit(std::move(unit));
        return read([](Connection& connection) { return Offline::load(connection, "romeo@x", 0, 9).back().id; });
    };
    const std::int64_t first = append();
    Unit removal;
    Offline::remove_up_to(removal, "romeo@x", first);
    commit(std::move(removal));
    EXPECT_GT(append(), first);
}

TEST_F(SmallStores, KeepLastActivityAndPreferences) {
    Unit unit;
    LastActivity::put(unit, "romeo@x", {.at = second(1), .status = "first"});
    LastActivity::put(unit, "romeo@x", {.at = second(2), .status = "gone"});
    const ArchivePreferences wanted{
        .other = ArchivePreferences::Default::roster, .always = {"a@x", "b@x/r"}, .never = {"c@x"}};
    ArchivePrefs::put(unit, "romeo@x", {});
    ArchivePrefs::put(unit, "romeo@x", wanted);
    commit(std::move(unit));
    read([&](Connection& connection) {
        EXPECT_EQ(LastActivity::find(connection, "romeo@x")->at, second(2));
        EXPECT_EQ(LastActivity::find(connection, "romeo@x")->status, "gone");
        EXPECT_FALSE(LastActivity::find(connection, "juliet@x"));
        EXPECT_EQ(ArchivePrefs::load(connection, "romeo@x"), wanted);
        EXPECT_FALSE(ArchivePrefs::load(connection, "juliet@x"));
    });
}

TEST_F(StoresTest, RemoveAnAccountWithAllItOwns) {
    write([this](Connection& connection) { EXPECT_TRUE(stores.add_account(connection, "romeo@x", "k", second(1))); });
    Unit unit;
    Roster::put(unit, "romeo@x", item("juliet@x", 2));
    Roster::put(unit, "juliet@x", item("romeo@x", 2));
    Offline::append(unit, "romeo@x", second(1), make_bytes("<m/>"));
    LastActivity::put(unit, "romeo@x", {});
    ArchivePrefs::put(unit, "romeo@x", {});
    stores.archive.append(unit, "romeo@x", {.with = "juliet@x", .at = second(1), .stanza = make_bytes("<m/>")});
    stores.archive.append(unit, "juliet@x", {.with = "romeo@x", .at = second(1), .stanza = make_bytes("<m/>")});
    ResumableSessions::save(unit, {.owner = "romeo@x", .resource = "phone", .expires_at = second(9)});
    commit(std::move(unit));
    write([](Connection& connection) {
        Clients::touch(connection, "romeo@x", {.id = "phone", .at = second(1)});
        Clients::offer_token(connection, "romeo@x", "phone", {.secret = "token", .expires = second(9)});
        Certificates::add(connection, "romeo@x", {.name = "bot", .fingerprint = "fingerprint"});
        MessageStatus::apply(
            connection, std::vector<StatusEvent>{{.owner = "romeo@x", .peer = "juliet@x", .id = "m", .at = second(1)}});
    });
    const RemovedAccount removed =
        write([this](Connection& connection) { return stores.remove_account(connection, "romeo@x"); });
    EXPECT_TRUE(removed.existed);
    EXPECT_EQ(removed.contacts, 1U);
    EXPECT_EQ(removed.offline, 1U);
    EXPECT_TRUE(removed.archive);
    read([](Connection& connection) {
        EXPECT_FALSE(Users::find(connection, "romeo@x"));
        EXPECT_TRUE(Roster::load(connection, "romeo@x").items.empty());
        EXPECT_EQ(Roster::load(connection, "juliet@x").items.size(), 1U);
        EXPECT_EQ(Offline::count(connection, "romeo@x", 9), 0U);
        EXPECT_FALSE(LastActivity::find(connection, "romeo@x"));
        EXPECT_FALSE(ArchivePrefs::load(connection, "romeo@x"));
        EXPECT_FALSE(Archive::metadata(connection, "romeo@x"));
        EXPECT_TRUE(Archive::metadata(connection, "juliet@x"));
        EXPECT_TRUE(Clients::list(connection, "romeo@x").empty());
        EXPECT_FALSE(Clients::tokens(connection, "romeo@x", "phone").offered);
        EXPECT_TRUE(Certificates::list(connection, "romeo@x").empty());
        EXPECT_EQ(ResumableSessions::count(connection), 0U);
        EXPECT_FALSE(MessageStatus::find(connection, "romeo@x", "juliet@x", "m"));
    });
    EXPECT_EQ(write([](Connection& connection) { return MessageStatus::purge(connection, 100); }), 1U);
    EXPECT_EQ(write([](Connection& connection) { return Archive::purge(connection, 100); }), 1U);
    EXPECT_EQ(write([](Connection& connection) { return Archive::purge(connection, 100); }), 0U);
    EXPECT_FALSE(
        write([this](Connection& connection) { return stores.remove_account(connection, "romeo@x"); }).existed);
}

}  // namespace
}  // namespace aldis::db::tests
