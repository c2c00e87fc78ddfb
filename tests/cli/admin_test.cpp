#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "cli/admin_socket.h"

namespace aldis::cli {
namespace {

using Status = Outcome::Status;
using testing::ElementsAre;
using testing::HasSubstr;

/// Keeps accounts in memory.
class FakeActions final : public AdminActions {
public:
    std::vector<std::string> done;

    Outcome add_user(const Jid& account, std::string_view password) override {
        if (account.local() == "broken") throw std::runtime_error{"the disk is full"};
        done.push_back("add " + account.text() + " " + std::string{password});
        return {account.local() == "twice" ? Status::exists : Status::done, "text\n\"quoted\""};
    }
    Outcome set_password(const Jid& account, std::string_view password) override {
        done.push_back("passwd " + account.text() + " " + std::string{password});
        return {};
    }
    Outcome remove_user(const Jid& account) override {
        done.push_back("delete " + account.text());
        return {Status::not_found, "none"};
    }
    Outcome set_disabled(const Jid& account, bool disabled) override {
        done.push_back((disabled ? "disable " : "enable ") + account.text());
        return {};
    }
    std::expected<AccountPage, Outcome> list_users(std::string_view domain, std::string_view after) override {
        if (domain == "elsewhere") return std::unexpected{Outcome{Status::refused, "not ours"}};
        done.push_back("list " + std::string{domain} + " " + std::string{after});
        return AccountPage{{{"romeo@localhost", true, Timestamp{std::chrono::microseconds{1'700'000'000'123'456}}}},
                           false};
    }
    std::expected<std::vector<SessionInfo>, Outcome> sessions(const Jid& account) override {
        if (account.local() == "nobody") return std::unexpected{Outcome{Status::not_found, "none"}};
        done.push_back("sessions " + account.text());
        return std::vector<SessionInfo>{{.resource = "balcony",
                                         .connected = true,
                                         .available = true,
                                         .priority = -5,
                                         .address = "192.0.2.7",
                                         .tls = "TLSv1.3",
                                         .mechanism = "SCRAM-SHA-256",
                                         .client = "Gajim",
                                         .idle = std::chrono::seconds{70}},
                                        {.resource = "phone", .connected = false}};
    }
    Outcome kick(const Jid& whom) override {
        done.push_back("kick " + whom.text());
        return {};
    }
    std::expected<ReportPage, Outcome> list_reports(bool resolved_too, std::int64_t before) override {
        done.push_back("reports " + std::to_string(resolved_too) + " " + std::to_string(before));
        return ReportPage{{{.id = 7, .reporter = "juliet@localhost", .about = "tybalt@localhost", .messages = 2}},
                          false};
    }
    std::expected<db::Report, Outcome> report(std::int64_t number) override {
        if (number != 7) return std::unexpected{Outcome{Status::not_found, "none"}};
        return db::Report{.id = 7,
                          .reporter = "juliet@localhost",
                          .about = "tybalt@localhost",
                          .reason = "urn:xmpp:reporting:abuse",
                          .texts = {"He\ndoes \"not\" stop.", "Il ne s'arr\u00eate pas."},
                          .report_origin = true,
                          .at = Timestamp{std::chrono::microseconds{1'700'000'000'123'456}},
                          .resolved = Timestamp{std::chrono::microseconds{1'700'000'001'000'000}},
                          .messages = 1,
                          .evidence = {{.at = Timestamp{std::chrono::microseconds{1}},
                                        .named = true,
                                        .stanza = "<message from='tybalt@localhost'/>"}}};
    }
    Outcome resolve_report(std::int64_t number) override {
        done.push_back("resolve " + std::to_string(number));
        return {};
    }
};

/// The client's side and the server's, without a socket.
class Direct final : public RemoteActions {
public:
    explicit Direct(AdminActions& actions) : actions_{actions} {}

private:
    std::string exchange(const std::string& line) override {
        EXPECT_THAT(line, testing::Not(HasSubstr("\n")));
        return answer(line, actions_);
    }
    AdminActions& actions_;
};

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

void use_reports(AdminActions& remote, FakeActions& fake) {
    fake.done.clear();
    const auto page = remote.list_reports(true, 9);
    ASSERT_TRUE(page);
    EXPECT_FALSE(page->complete);
    ASSERT_EQ(page->reports.size(), 1U);
    EXPECT_EQ(page->reports[0].messages, 2U);
    EXPECT_FALSE(page->reports[0].resolved);
    const auto report = remote.report(7);
    const auto direct = fake.report(7);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->id, 7);
    EXPECT_EQ(report->reporter, direct->reporter);
    EXPECT_EQ(report->about, direct->about);
    EXPECT_EQ(report->reason, direct->reason);
    EXPECT_EQ(report->texts, direct->texts);
    EXPECT_TRUE(report->report_origin);
    EXPECT_FALSE(report->third_party);
    EXPECT_EQ(report->at, direct->at);
    EXPECT_EQ(report->resolved, direct->resolved);
    ASSERT_EQ(report->evidence.size(), 1U);
    EXPECT_TRUE(report->evidence[0].named);
    EXPECT_EQ(report->evidence[0].at, direct->evidence[0].at);
    EXPECT_EQ(report->evidence[0].stanza, direct->evidence[0].stanza);
    EXPECT_EQ(remote.report(8).error().status, Status::not_found);
    EXPECT_TRUE(remote.resolve_report(7).good());
    EXPECT_THAT(fake.done, ElementsAre("reports 1 9", "resolve 7"));
}

void use_every_action(AdminActions& remote, const FakeActions& fake) {
    const Outcome added = remote.add_user(jid("romeo@localhost"), "p\xc3\xa4ss\"\n");
    EXPECT_TRUE(added.good());
    EXPECT_EQ(added.text, "text\n\"quoted\"");
    EXPECT_EQ(remote.add_user(jid("twice@localhost"), "x").status, Status::exists);
    EXPECT_TRUE(remote.set_password(jid("romeo@localhost"), "y").good());
    EXPECT_EQ(remote.remove_user(jid("romeo@localhost")).status, Status::not_found);
    EXPECT_TRUE(remote.set_disabled(jid("romeo@localhost"), true).good());
    EXPECT_TRUE(remote.set_disabled(jid("romeo@localhost"), false).good());
    const auto page = remote.list_users("localhost", "a@localhost");
    ASSERT_TRUE(page);
    EXPECT_FALSE(page->complete);
    ASSERT_EQ(page->accounts.size(), 1U);
    EXPECT_EQ(page->accounts[0].jid, "romeo@localhost");
    EXPECT_TRUE(page->accounts[0].disabled);
    EXPECT_EQ(page->accounts[0].created_at.time_since_epoch().count(), 1'700'000'000'123'456);
    EXPECT_EQ(remote.list_users("elsewhere", "").error().text, "not ours");
    const auto sessions = remote.sessions(jid("romeo@localhost"));
    ASSERT_TRUE(sessions);
    ASSERT_EQ(sessions->size(), 2U);
    EXPECT_EQ(sessions->at(0).resource, "balcony");
    EXPECT_TRUE(sessions->at(0).connected && sessions->at(0).available);
    EXPECT_EQ(sessions->at(0).priority, -5);
    EXPECT_EQ(sessions->at(0).address + sessions->at(0).tls, "192.0.2.7TLSv1.3");
    EXPECT_EQ(sessions->at(0).mechanism + sessions->at(0).client, "SCRAM-SHA-256Gajim");
    EXPECT_EQ(sessions->at(0).idle, std::chrono::seconds{70});
    EXPECT_FALSE(sessions->at(1).connected || sessions->at(1).available);
    EXPECT_EQ(remote.sessions(jid("nobody@localhost")).error().status, Status::not_found);
    EXPECT_TRUE(remote.kick(jid("romeo@localhost")).good());
    EXPECT_TRUE(remote.kick(jid("romeo@localhost/phone")).good());
    EXPECT_THAT(fake.done,
                ElementsAre("add romeo@localhost p\xc3\xa4ss\"\n", "add twice@localhost x", "passwd romeo@localhost y",
                            "delete romeo@localhost", "disable romeo@localhost", "enable romeo@localhost",
                            "list localhost a@localhost", "sessions romeo@localhost", "kick romeo@localhost",
                            "kick romeo@localhost/phone"));
}

TEST(AdminProtocol, CarriesEveryActionThereAndBack) {
    FakeActions fake;
    Direct direct{fake};
    use_every_action(direct, fake);
    use_reports(direct, fake);
}

TEST(AdminProtocol, SaysWhatIsWrongWithARequest) {
    FakeActions fake;
    for (const char* const line :
         {"", "hello", "[]", "3", R"({"do":"user.add"})", R"({"do":"user.add","jid":"localhost"})",
          R"({"do":"user.add","jid":"a@b/c"})", R"({"do":"user.add","jid":3})", R"({"do":"explode","jid":"a@b"})",
          "{\"do\":\"user.delete\",\"jid\":\"a@b\"} {}"})
        EXPECT_THAT(answer(line, fake), HasSubstr(R"("status":"refused")")) << line;
    EXPECT_TRUE(fake.done.empty());
    EXPECT_EQ(answer(R"({"do":"user.add","jid":"broken@b","password":"x"})", fake),
              R"({"status":"failed","text":"the disk is full"})");
}

class AdminSocket : public testing::Test {
protected:
    std::filesystem::path path = testing::TempDir() + "/aldis-admin-" + std::to_string(::getpid()) + ".sock";
    FakeActions fake;
};

TEST_F(AdminSocket, CarriesEveryActionThereAndBack) {
    const AdminServer server{path, fake};
    const std::unique_ptr<AdminClient> client = connect_admin(path);
    ASSERT_TRUE(client);
    use_every_action(*client, fake);
    use_reports(*client, fake);
}

TEST_F(AdminSocket, IsForItsOwnerOnlyAndGoesWithTheServer) {
    {
        const AdminServer server{path, fake};
        struct stat status{};
        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0600U);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_FALSE(connect_admin(path));
}

TEST_F(AdminSocket, OfALiveServerIsLeftAloneAndThatOfADeadOneReplaced) {
    {
        const AdminServer server{path, fake};
        EXPECT_THROW(AdminServer(path, fake), std::system_error);
    }
    {
        const net::Fd dead{::socket(AF_UNIX, SOCK_STREAM, 0)};
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.native().copy(address.sun_path, sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    const AdminServer server{path, fake};
    EXPECT_TRUE(connect_admin(path));
}

TEST_F(AdminSocket, EndsAConnectionWhoseLineNeverEnds) {
    const AdminServer server{path, fake};
    const net::Fd socket{::socket(AF_UNIX, SOCK_STREAM, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const std::string flood(64 * 1024, 'x');
    (void)::send(socket.get(), flood.data(), flood.size(), MSG_NOSIGNAL);
    char byte = 0;
    EXPECT_LE(::recv(socket.get(), &byte, 1, 0), 0);
    EXPECT_TRUE(connect_admin(path)->set_disabled(jid("a@b"), true).good());
}

TEST_F(AdminSocket, IsNotAskedMoreThanItTakes) {
    const AdminServer server{path, fake};
    const std::unique_ptr<AdminClient> client = connect_admin(path);
    EXPECT_THROW((void)client->add_user(jid("a@b"), std::string(longest_request, 'x')), std::runtime_error);
}

}  // namespace
}  // namespace aldis::cli
