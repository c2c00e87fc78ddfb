#include "cli/store_actions.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "sasl/credentials.h"

namespace aldis::cli {
namespace {

using Status = Outcome::Status;
using testing::ElementsAre;
using testing::HasSubstr;

class Recorded final : public StoreActions {
public:
    using StoreActions::StoreActions;
    std::vector<std::string> ended;

private:
    void end_sessions(const Jid& account) override { ended.push_back(account.text()); }
};

class StoreActionsTest : public testing::Test {
protected:
    ~StoreActionsTest() override { std::filesystem::remove_all(folder); }

    static config::Config make_config() {
        config::Config result;
        result.domains = {{.name = "b.example"}, {.name = "a.example"}};
        result.auth.scram_iterations = 4096;
        return result;
    }
    static std::filesystem::path make_folder() {
        std::string name = testing::TempDir() + "/aldis-cli-XXXXXX";
        return ::mkdtemp(name.data());
    }

    std::filesystem::path folder = make_folder();
    SystemClock clock;
    SystemRandom random;
    db::Stores stores{{.path = folder / "aldis.db", .readers = 1, .on_error = {}}};
    Recorded actions{stores, make_config(), clock, random};
    Jid romeo = Jid::parse("romeo@a.example").value();
};

TEST_F(StoreActionsTest, StoresSaltedKeysAndNoPassword) {
    EXPECT_TRUE(actions.add_user(romeo, "secr\u00e9t").good());
    const std::optional<db::User> user =
        stores.database.read_now([&](db::Connection& connection) { return db::Users::find(connection, romeo.text()); });
    ASSERT_TRUE(user);
    EXPECT_THAT(user->credentials, testing::Not(HasSubstr("secr")));
    const std::optional<sasl::Credentials> keys = sasl::Credentials::parse(user->credentials);
    ASSERT_TRUE(keys);
    EXPECT_TRUE(sasl::verify("secr\u00e9t", *keys));
    EXPECT_EQ(keys->find(sasl::Hash::sha256)->iterations, 4096U);
}

TEST_F(StoreActionsTest, RefusesWhatIsThereOrIsNotOrIsNotOurs) {
    EXPECT_TRUE(actions.add_user(romeo, "x").good());
    EXPECT_EQ(actions.add_user(romeo, "x").status, Status::exists);
    const Jid stranger = Jid::parse("juliet@c.example").value();
    EXPECT_EQ(actions.add_user(stranger, "x").text,
              "c.example is not a domain of this server; there are: a.example, b.example");
    EXPECT_EQ(actions.add_user(Jid::parse("x@a.example").value(), "").status, Status::refused);
    EXPECT_EQ(actions.add_user(Jid::parse("x@a.example").value(), "a\nb").status, Status::refused);
    const Jid nobody = Jid::parse("nobody@a.example").value();
    EXPECT_EQ(actions.set_password(nobody, "x").status, Status::not_found);
    EXPECT_EQ(actions.remove_user(nobody).status, Status::not_found);
    EXPECT_EQ(actions.set_disabled(nobody, true).status, Status::not_found);
    EXPECT_TRUE(actions.ended.empty());
}

TEST_F(StoreActionsTest, EndsTheSessionsOfWhoMayNotStay) {
    EXPECT_TRUE(actions.add_user(romeo, "x").good());
    EXPECT_TRUE(actions.set_disabled(romeo, true).good());
    EXPECT_TRUE(actions.set_disabled(romeo, false).good());
    EXPECT_TRUE(actions.set_password(romeo, "y").good());
    EXPECT_TRUE(actions.remove_user(romeo).good());
    EXPECT_THAT(actions.ended, ElementsAre("romeo@a.example", "romeo@a.example", "romeo@a.example"));
}

TEST_F(StoreActionsTest, MakesTokensWorthlessWithANewPassword) {
    EXPECT_TRUE(actions.add_user(romeo, "x").good());
    const auto tokens = [&] {
        return stores.database.read_now(
            [&](db::Connection& connection) { return db::Clients::tokens(connection, romeo.text(), "phone"); });
    };
    stores.database.write_now([&](db::Connection& connection) {
        db::Clients::touch(connection, romeo.text(), {.id = "phone", .password = true});
        db::Clients::offer_token(connection, romeo.text(), "phone", {.secret = "s", .mechanism = "HT-SHA-256-NONE"});
    });
    EXPECT_TRUE(tokens().offered);
    EXPECT_TRUE(actions.set_password(romeo, "y").good());
    EXPECT_FALSE(tokens().offered);
}

TEST_F(StoreActionsTest, KnowsOfNobodyWhoIsLoggedIn) {
    EXPECT_EQ(actions.sessions(romeo).error().status, Status::not_found);
    EXPECT_EQ(actions.kick(romeo).text, "there is no account romeo@a.example");
    EXPECT_TRUE(actions.add_user(romeo, "x").good());
    EXPECT_TRUE(actions.sessions(romeo).value().empty());
    EXPECT_EQ(actions.kick(*romeo.with_resource("phone")).text, "no server is running, so nobody is logged in");
}

TEST_F(StoreActionsTest, ListsDomainAfterDomain) {
    for (const char* const name : {"z@a.example", "b@b.example", "a@a.example", "c@b.example"})
        EXPECT_TRUE(actions.add_user(Jid::parse(name).value(), "x").good());
    const auto names = [](const std::expected<AccountPage, Outcome>& page) {
        std::vector<std::string> result;
        for (const Account& account : page.value().accounts) result.push_back(account.jid);
        return result;
    };
    EXPECT_THAT(names(actions.list_users("", "")),
                ElementsAre("a@a.example", "z@a.example", "b@b.example", "c@b.example"));
    EXPECT_THAT(names(actions.list_users("", "z@a.example")), ElementsAre("b@b.example", "c@b.example"));
    EXPECT_THAT(names(actions.list_users("", "b@b.example")), ElementsAre("c@b.example"));
    EXPECT_THAT(names(actions.list_users("a.example", "a@a.example")), ElementsAre("z@a.example"));
    EXPECT_TRUE(actions.list_users("", "")->complete);
    EXPECT_EQ(actions.list_users("c.example", "").error().status, Status::refused);
}

TEST_F(StoreActionsTest, ShowsAndResolvesReports) {
    const auto write = [&](db::Connection& connection) {
        db::Unit unit;
        for (int i = 0; i < 51; ++i)
            db::Reports::add(unit, {.reporter = romeo.text(), .about = "tybalt@b.example", .reason = "urn:x"}, {},
                             "tybalt@b.example", [](const db::ArchivedMessage&) { return true; }, {.per_account = 100});
        unit.run(connection);
        return true;
    };
    stores.database.write_now(write);
    const auto page = actions.list_reports(false, 0);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->reports.size(), 50U);
    EXPECT_FALSE(page->complete);
    EXPECT_EQ(actions.list_reports(false, page->reports.back().id)->reports.size(), 1U);
    EXPECT_EQ(actions.report(7)->about, "tybalt@b.example");
    EXPECT_EQ(actions.report(99).error().status, Status::not_found);
    EXPECT_TRUE(actions.resolve_report(7).good());
    EXPECT_TRUE(actions.resolve_report(8).good());
    EXPECT_EQ(actions.resolve_report(99).status, Status::not_found);
    EXPECT_TRUE(actions.report(7)->resolved);
    EXPECT_TRUE(actions.list_reports(false, 0)->complete);
    EXPECT_EQ(actions.list_reports(true, 0)->reports.size(), 50U);
}

}  // namespace
}  // namespace aldis::cli
