#include "modules/registration_rules.h"

#include <gtest/gtest.h>

#include "tests/modules/read.h"

namespace aldis::modules::registration {
namespace {

using xep::registration::Query;

TEST(RegistrationRules, KnowsWhichAddressesANetworkHas) {
    struct {
        const char* network;
        const char* inside;
        const char* outside;
    } const cases[] = {
        {"192.0.2.7", "192.0.2.7", "192.0.2.8"},
        {"192.0.2.0/24", "192.0.2.255", "192.0.3.0"},
        {"10.128.0.0/9", "10.255.0.1", "10.127.0.1"},
        {"0.0.0.0/0", "203.0.113.9", "::1"},
        {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
        {"::1", "::1", "127.0.0.1"},
    };
    for (const auto& one : cases) {
        const std::optional<Network> network = Network::parse(one.network);
        ASSERT_TRUE(network) << one.network;
        EXPECT_TRUE(network->contains(one.inside)) << one.network;
        EXPECT_FALSE(network->contains(one.outside)) << one.network;
        EXPECT_FALSE(network->contains("nonsense")) << one.network;
    }
    for (const char* const wrong :
         {"", "192.0.2.0/33", "192.0.2.0/", "192.0.2/24", "::/129", "localhost", "1.2.3.4/-1"})
        EXPECT_FALSE(Network::parse(wrong)) << wrong;
}

TEST(RegistrationRules, FitsNamesToPatterns) {
    EXPECT_TRUE(fits("admin*", "administrator"));
    EXPECT_TRUE(fits("admin*", "admin"));
    EXPECT_FALSE(fits("admin*", "my-admin"));
    EXPECT_TRUE(fits("*-montague", "romeo-of-montague-montague"));
    EXPECT_TRUE(fits("r?meo", "romeo"));
    EXPECT_FALSE(fits("r?meo", "rmeo"));
    EXPECT_TRUE(fits("*a*b*", "xxaxxbxx"));
    EXPECT_FALSE(fits("*a*b*", "xxbxxaxx"));
    EXPECT_FALSE(fits("", "x"));
    EXPECT_TRUE(fits("*", ""));
    // Does not take the time of all ways to cut the name.
    EXPECT_FALSE(fits("*a*a*a*a*a*a*a*a*a*a*b", std::string(1'000, 'a')));
}

TEST(RegistrationRules, LetsInWhoIsInBothLists) {
    Policy policy;
    EXPECT_FALSE(may_come_from(policy, "192.0.2.1"));
    policy.mode = Mode::open;
    EXPECT_TRUE(may_come_from(policy, "192.0.2.1"));
    EXPECT_TRUE(check_name(policy, "romeo"));

    policy.mode = Mode::list;
    EXPECT_FALSE(may_come_from(policy, "192.0.2.1")) << "two empty lists name nobody";
    policy.names = {"*-montague"};
    EXPECT_TRUE(may_come_from(policy, "192.0.2.1"));
    EXPECT_TRUE(check_name(policy, "romeo-montague"));
    EXPECT_EQ(check_name(policy, "juliet").error().condition, Condition::forbidden);
    policy.addresses = {*Network::parse("192.0.2.0/24")};
    EXPECT_TRUE(may_come_from(policy, "192.0.2.1"));
    EXPECT_FALSE(may_come_from(policy, "198.51.100.1"));
}

TEST(RegistrationRules, KeepsReservedNames) {
    const Policy policy{.mode = Mode::open, .reserved = {"admin*", "strasse"}};
    EXPECT_EQ(check_name(policy, "admin").error().condition, Condition::not_acceptable);
    EXPECT_EQ(check_name(policy, "stra\u00dfe").error().condition, Condition::not_acceptable);
    EXPECT_TRUE(check_name(policy, "badmin"));
}

TEST(RegistrationRules, KeepsTheAddressesOfAdmins) {
    const auto jid = [](std::string_view text) { return Jid::parse(text).value(); };
    const std::vector<Jid> admins{jid("nurse@example.org"), jid("größe@example.org")};
    EXPECT_TRUE(is_of_admin(jid("nurse@example.org"), admins));
    EXPECT_TRUE(is_of_admin(jid("grösse@example.org"), admins)) << "the same to stringprep";
    EXPECT_FALSE(is_of_admin(jid("nurse@example.net"), admins));
    EXPECT_FALSE(is_of_admin(jid("nurses@example.org"), admins));
    EXPECT_FALSE(is_of_admin(jid("nurse@example.org"), {}));
}

TEST(RegistrationRules, CountsTheCharactersOfAPassword) {
    const Policy policy{.shortest_password = 4};
    EXPECT_EQ(check_password(policy, "abc").error().condition, Condition::not_acceptable);
    EXPECT_EQ(check_password(policy, "\u00fc\u00fc\u00fc").error().condition, Condition::not_acceptable);
    EXPECT_EQ(check_password(policy, "abcd").value(), "abcd");
    EXPECT_EQ(check_password(policy, "a\u00a0bc").value(), "a bc") << "prepared";
    EXPECT_EQ(check_password(policy, "abc\x07").error().condition, Condition::not_acceptable);
}

TEST(RegistrationRules, ReadsTheFieldsOfARegistration) {
    const auto query = payload_of<Query>(
        "<query xmlns='jabber:iq:register'><username>bill</username><password>Calliope</password>"
        "<email>bard@shakespeare.lit</email></query>");
    const Result<Wanted> wanted = registration_of(query);
    ASSERT_TRUE(wanted);
    EXPECT_EQ(wanted->username, "bill");
    EXPECT_EQ(wanted->password, "Calliope");
    for (const char* const incomplete :
         {"<query xmlns='jabber:iq:register'/>", "<query xmlns='jabber:iq:register'><username>bill</username></query>",
          "<query xmlns='jabber:iq:register'><username>bill</username><password/></query>"})
        EXPECT_EQ(registration_of(payload_of<Query>(incomplete)).error().condition, Condition::not_acceptable);
}

TEST(RegistrationRules, PrefersTheForm) {
    const auto query = payload_of<Query>(
        "<query xmlns='jabber:iq:register'><username>other</username><x xmlns='jabber:x:data' type='submit'>"
        "<field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>"
        "<field var='username'><value>bill</value></field><field var='password'><value>Calliope</value></field>"
        "</x></query>");
    EXPECT_EQ(registration_of(query)->username, "bill");
    Query blank = blank_registration();
    EXPECT_TRUE(blank.username && blank.password && blank.instructions && !blank.email);
    ASSERT_TRUE(blank.form);
    EXPECT_EQ(blank.form->form_type(), "jabber:iq:register");
    EXPECT_TRUE(blank.form->field("password")->required);
    EXPECT_EQ(blank.form->field("email"), nullptr);
}

TEST(RegistrationRules, ChangesOnlyOnesOwnPassword) {
    const Jid bill = jid("bill@shakespeare.lit");
    const auto change = [&](const std::string& inside) {
        return change_of(payload_of<Query>("<query xmlns='jabber:iq:register'>" + inside + "</query>"), bill);
    };
    EXPECT_EQ(change("<username>bill</username><password>newpass</password>")->password, "newpass");
    EXPECT_EQ(change("<username>Bill</username><password>newpass</password>")->password, "newpass");
    EXPECT_EQ(change("<username>bill@shakespeare.lit</username><password>newpass</password>")->password, "newpass");
    EXPECT_EQ(change("<username>will</username><password>newpass</password>").error().condition,
              Condition::not_allowed);
    EXPECT_EQ(change("<username>bill@other</username><password>newpass</password>").error().condition,
              Condition::not_allowed);
    EXPECT_EQ(change("<username>bill</username>").error().condition, Condition::bad_request);
    EXPECT_EQ(change("<username>bill</username><password/>").error().condition, Condition::bad_request);
    EXPECT_EQ(change("<password>newpass</password>").error().condition, Condition::bad_request);
}

// XEP-0077, "User Returns Password Change Form".
TEST(RegistrationRules, ReadsTheFormThatAPasswordIsChangedBy) {
    const auto query = payload_of<Query>(
        "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>"
        "<field type='hidden' var='FORM_TYPE'><value>jabber:iq:register:changepassword</value></field>"
        "<field type='text-single' var='username'><value>bill@shakespeare.lit</value></field>"
        "<field type='text-private' var='old_password'><value>theglobe</value></field>"
        "<field type='text-private' var='password'><value>groundlings</value></field>"
        "<field type='text-single' var='x-mmn'><value>Throckmorton</value></field></x></query>");
    const Result<Change> change = change_of(query, jid("bill@shakespeare.lit"));
    ASSERT_TRUE(change);
    EXPECT_EQ(change->password, "groundlings");
    EXPECT_EQ(change->old_password, "theglobe");
}

TEST(RegistrationRules, SaysFarewellToWhoeverKnowsTheAccount) {
    using enum db::Subscription;
    using Types = std::vector<PresenceType>;
    EXPECT_EQ(farewells(both, false, false), (Types{PresenceType::unsubscribe, PresenceType::unsubscribed}));
    EXPECT_EQ(farewells(to, false, false), (Types{PresenceType::unsubscribe}));
    EXPECT_EQ(farewells(from, false, false), (Types{PresenceType::unsubscribed}));
    EXPECT_EQ(farewells(none, true, false), (Types{PresenceType::unsubscribe}));
    EXPECT_EQ(farewells(none, false, true), (Types{PresenceType::unsubscribed}));
    EXPECT_EQ(farewells(none, false, false), Types{});
}

}  // namespace
}  // namespace aldis::modules::registration
