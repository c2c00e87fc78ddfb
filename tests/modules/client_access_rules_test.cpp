#include "modules/client_access_rules.h"

#include <gtest/gtest.h>

namespace aldis::modules::client_access {
namespace {

using std::chrono::seconds;
const Timestamp now{seconds{1'000}};

TEST(ClientAccessRules, ListsKnownClientsAndOtherResources) {
    const std::vector<db::Client> known{
        {.id = "a",
         .software = "Gajim",
         .device = "Laptop",
         .first_seen = Timestamp{seconds{1}},
         .last_seen = Timestamp{seconds{2}},
         .password = true,
         .token_expires = now + seconds{1}},
        {.id = "b", .permission = db::Permission::normal, .token_expires = now - seconds{1}}};
    const std::vector<Live> live{{.client = "a", .resource = "one"},
                                 {.client = "", .resource = "two", .by_password = false},
                                 {.client = "forgotten", .resource = "three"}};
    const xep::cam::Clients all = listed(known, live, now);
    ASSERT_EQ(all.clients.size(), 4U);
    EXPECT_TRUE(all.clients[0].connected);
    EXPECT_TRUE(all.clients[0].auth.password);
    EXPECT_TRUE(all.clients[0].auth.fast);
    EXPECT_EQ(all.clients[0].user_agent->software, "Gajim");
    EXPECT_EQ(all.clients[0].user_agent->uri, std::nullopt);
    EXPECT_FALSE(all.clients[1].connected);
    EXPECT_FALSE(all.clients[1].auth.fast);
    EXPECT_FALSE(all.clients[1].user_agent);
    EXPECT_EQ(all.clients[1].permission.status, xep::cam::Status::normal);
    EXPECT_EQ(all.clients[2].id, "resource:two");
    EXPECT_FALSE(all.clients[2].auth.password);
    EXPECT_EQ(all.clients[3].id, "resource:three");
    EXPECT_TRUE(all.clients[3].connected);
}

TEST(ClientAccessRules, KeepsOutWhoDoesNotKnowThePassword) {
    const std::vector<Live> live{{.client = "", .resource = "one"},
                                 {.client = "", .resource = "bot", .by_password = false}};
    EXPECT_EQ(fate_of("a", db::Client{.id = "a"}, live), Revocation::done);
    EXPECT_EQ(fate_of("a", db::Client{.id = "a", .password = true}, live), Revocation::knows_password);
    EXPECT_EQ(fate_of("a", std::nullopt, live), Revocation::unknown);
    EXPECT_EQ(fate_of("resource:one", std::nullopt, live), Revocation::knows_password);
    EXPECT_EQ(fate_of("resource:bot", std::nullopt, live), Revocation::certificate);
    EXPECT_EQ(fate_of("resource:two", std::nullopt, live), Revocation::unknown);
}

// XEP-0494, "Server indicates password reset required".
TEST(ClientAccessRules, SaysThatThePasswordMustBeAnother) {
    const Iq iq = refusal(Iq{{.type = IqType::result, .id = "4e4c6e6574"}}, Revocation::knows_password);
    const std::string text = *iq.wire();
    EXPECT_NE(text.find("<iq type='error' id='4e4c6e6574'"), std::string::npos) << text;
    EXPECT_NE(text.find("<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"), std::string::npos);
    EXPECT_NE(text.find("<password-reset-required xmlns='urn:xmpp:cam:0'/></error>"), std::string::npos) << text;
}

}  // namespace
}  // namespace aldis::modules::client_access
