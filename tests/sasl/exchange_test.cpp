#include <gtest/gtest.h>

#include "base/base64.h"
#include "client.h"
#include "sasl/server.h"

namespace aldis::sasl {
namespace {

using test::challenge_of;
using test::Client;
using test::condition_of;
using test::CountingRandom;
using test::terms_for;

Client client_for(Mechanism mechanism) {
    Client client;
    client.hash = *hash_of(mechanism);
    if (binds_channel(mechanism)) {
        client.gs2_header = "p=tls-exporter,,";
        client.binding_data = "exporter data";
    }
    return client;
}

/// Everything up to the last step.
Step run(Server& server, Client& client, std::optional<Credentials> credentials) {
    const Step asked = server.start(client.first());
    if (!std::holds_alternative<NeedCredentials>(asked)) return asked;
    return server.respond(client.final(challenge_of(server.provide(std::move(credentials)))));
}

constexpr std::array scram_mechanisms{Mechanism::scram_sha512_plus, Mechanism::scram_sha256_plus,
                                      Mechanism::scram_sha1_plus,   Mechanism::scram_sha512,
                                      Mechanism::scram_sha256,      Mechanism::scram_sha1};

class Scrams : public testing::TestWithParam<Mechanism> {};
INSTANTIATE_TEST_SUITE_P(All, Scrams, testing::ValuesIn(scram_mechanisms), [](const auto& info) {
    std::string text{name(info.param)};
    std::erase(text, '-');
    return text;
});

TEST_P(Scrams, LetsTheRightPasswordIn) {
    SystemRandom random;
    Server server{terms_for(GetParam()), random};
    Client client = client_for(GetParam());
    const Step last = run(server, client, test::pencil());
    ASSERT_TRUE(std::holds_alternative<Success>(last)) << std::get<Refusal>(last).why;
    const Success& success = std::get<Success>(last);
    EXPECT_EQ(success.username, "user");
    EXPECT_EQ(success.authzid, "");
    EXPECT_EQ(success.binding.has_value(), binds_channel(GetParam()));
    EXPECT_FALSE(success.upgraded);
    EXPECT_TRUE(client.trusts(success.additional_data));
}

TEST_P(Scrams, RefusesTheWrongPassword) {
    SystemRandom random;
    Server server{terms_for(GetParam()), random};
    Client client = client_for(GetParam());
    client.password = "pen";
    EXPECT_EQ(condition_of(run(server, client, test::pencil())), Failure::not_authorized);
}

TEST_P(Scrams, RefusesAnUnknownUserOnlyAtTheEnd) {
    SystemRandom random;
    Server server{terms_for(GetParam()), random};
    Client client = client_for(GetParam());
    EXPECT_EQ(condition_of(run(server, client, std::nullopt)), Failure::not_authorized);
}

TEST_P(Scrams, AsksForTheFirstMessageWhenThereWasNone) {
    SystemRandom random;
    Server server{terms_for(GetParam()), random};
    Client client = client_for(GetParam());
    EXPECT_EQ(challenge_of(server.start(std::nullopt)), "");
    ASSERT_TRUE(std::holds_alternative<NeedCredentials>(server.respond(client.first())));
    const std::string challenge = challenge_of(server.provide(test::pencil()));
    EXPECT_TRUE(std::holds_alternative<Success>(server.respond(client.final(challenge))));
}

TEST_P(Scrams, ProtectsTheListsWithTheirHash) {
    SystemRandom random;
    const Terms terms = terms_for(GetParam());
    Server server{terms, random};
    Client client = client_for(GetParam());
    (void)server.start(client.first());
    const std::string challenge = challenge_of(server.provide(test::pencil()));
    EXPECT_EQ(Client::attribute(challenge, 'h'),
              base64_encode(digest(*hash_of(GetParam()), downgrade_protection_input(terms.offer))));
}

/// The challenge to `name`, with what differs from exchange to exchange anyway, the nonce, cut out.
std::string challenge_shape(Mechanism mechanism, std::string name, std::optional<Credentials> credentials) {
    SystemRandom random;
    Server server{terms_for(mechanism), random};
    Client client = client_for(mechanism);
    client.name = std::move(name);
    (void)server.start(client.first());
    const std::string challenge = challenge_of(server.provide(std::move(credentials)));
    return challenge.substr(challenge.find(','));
}

TEST_P(Scrams, AnswersUnknownUsersInTheFormOfKnownOnes) {
    const std::string known = challenge_shape(GetParam(), "user", test::pencil());
    const std::string unknown = challenge_shape(GetParam(), "nobody", std::nullopt);
    EXPECT_EQ(unknown.size(), known.size());
    EXPECT_EQ(Client::attribute(unknown, 'i'), Client::attribute(known, 'i'));
    EXPECT_EQ(Client::attribute(unknown, 's').size(), Client::attribute(known, 's').size());
    EXPECT_EQ(Client::attribute(unknown, 'h'), Client::attribute(known, 'h'));
}

TEST_P(Scrams, AsksAnUnknownUserForTheSameSaltEachTime) {
    const std::string once = challenge_shape(GetParam(), "nobody", std::nullopt);
    EXPECT_EQ(challenge_shape(GetParam(), "nobody", std::nullopt), once);
    EXPECT_NE(challenge_shape(GetParam(), "somebody", std::nullopt), once);
}

TEST(ScramBinding, BindsEveryTypeThatWasOffered) {
    for (const Mechanism mechanism : scram_mechanisms) {
        if (!binds_channel(mechanism)) continue;
        for (const Binding binding : {Binding::tls_exporter, Binding::tls_unique, Binding::tls_server_end_point}) {
            Terms terms = terms_for(mechanism);
            terms.offer = offer({.encrypted = true, .bindings = {binding}});
            terms.bindings = {"one", "two", "three"};
            SystemRandom random;
            Server server{terms, random};
            Client client = client_for(mechanism);
            client.gs2_header = "p=" + std::string{name(binding)} + ",,";
            client.binding_data = *terms.bindings.data(binding);
            const Step last = run(server, client, test::pencil());
            ASSERT_TRUE(std::holds_alternative<Success>(last)) << std::get<Refusal>(last).why;
            EXPECT_EQ(std::get<Success>(last).binding, binding);
        }
    }
}

TEST(ScramBinding, RefusesTheDataOfAnotherChannel) {
    SystemRandom random;
    Server server{terms_for(Mechanism::scram_sha256_plus), random};
    Client client = client_for(Mechanism::scram_sha256_plus);
    client.binding_data = "of a connection to somebody else";
    EXPECT_EQ(condition_of(run(server, client, test::pencil())), Failure::not_authorized);
}

TEST(ScramBinding, RefusesTypesThatWereNotOffered) {
    for (const std::string_view type : {"tls-unique", "tls-unknown", "TLS-EXPORTER"}) {
        SystemRandom random;
        Terms terms = terms_for(Mechanism::scram_sha256_plus);
        terms.bindings.tls_unique = "there, but not offered";
        Server server{terms, random};
        Client client = client_for(Mechanism::scram_sha256_plus);
        client.gs2_header = "p=" + std::string{type} + ",,";
        EXPECT_EQ(condition_of(server.start(client.first())), Failure::not_authorized);
    }
}

TEST(ScramBinding, TakesATypeThatIsToleratedAndNotOffered) {
    SystemRandom random;
    Terms terms = terms_for(Mechanism::scram_sha256_plus);
    terms.bindings.tls_unique = "there, but not offered";
    terms.offer.tolerated = {Binding::tls_unique};
    Server server{terms, random};
    Client client = client_for(Mechanism::scram_sha256_plus);
    client.gs2_header = "p=tls-unique,,";
    EXPECT_TRUE(std::holds_alternative<NeedCredentials>(server.start(client.first())));
}

TEST(ScramBinding, RefusesAClientThatWasNotShownPlus) {
    SystemRandom random;
    Server server{terms_for(Mechanism::scram_sha256), random};
    EXPECT_EQ(condition_of(server.start("y,,n=user,r=nonce")), Failure::not_authorized);
}

TEST(ScramBinding, AcceptsYWhereNoPlusWasOffered) {
    SystemRandom random;
    Terms terms = terms_for(Mechanism::scram_sha256);
    terms.offer = offer({.encrypted = true});
    Server server{terms, random};
    Client client;
    client.gs2_header = "y,,";
    EXPECT_TRUE(std::holds_alternative<Success>(run(server, client, test::pencil())));
}

TEST(ScramBinding, RefusesFlagsThatContradictTheMechanism) {
    SystemRandom random;
    for (const std::string_view header : {"n,,", "y,,"}) {
        Server server{terms_for(Mechanism::scram_sha256_plus), random};
        EXPECT_EQ(condition_of(server.start(std::string{header} + "n=user,r=nonce")), Failure::malformed_request);
    }
    Server server{terms_for(Mechanism::scram_sha256), random};
    EXPECT_EQ(condition_of(server.start("p=tls-exporter,,n=user,r=nonce")), Failure::malformed_request);
}

TEST(ScramBinding, SaysSoWhenTheDataOfAnOfferAreMissing) {
    SystemRandom random;
    Terms terms = terms_for(Mechanism::scram_sha256_plus);
    terms.bindings = {};
    Server server{terms, random};
    EXPECT_EQ(condition_of(server.start("p=tls-exporter,,n=user,r=nonce")), Failure::temporary_auth_failure);
}

TEST(ScramExchange, HandsTheAuthorizationIdentityOver) {
    SystemRandom random;
    Server server{terms_for(Mechanism::scram_sha256), random};
    Client client;
    client.gs2_header = "n,a=juliet@example.org=2Cx=3D,";
    const Step last = run(server, client, test::pencil());
    ASSERT_TRUE(std::holds_alternative<Success>(last));
    EXPECT_EQ(std::get<Success>(last).authzid, "juliet@example.org,x=");
}

TEST(ScramExchange, DecodesTheUserName) {
    SystemRandom random;
    Server server{terms_for(Mechanism::scram_sha256), random};
    Client client;
    client.name = "=3DJ\xc3\xbcrgen=2C=3D";
    const Step last = run(server, client, test::pencil());
    ASSERT_TRUE(std::holds_alternative<Success>(last));
    EXPECT_EQ(std::get<Success>(last).username, "=J\xc3\xbcrgen,=");
}

TEST(ScramExchange, IgnoresExtensionsItDoesNotKnow) {
    SystemRandom random;
    Server server{terms_for(Mechanism::scram_sha256), random};
    Client client;
    client.extension = ",x=a=b,y=z";
    EXPECT_TRUE(std::holds_alternative<Success>(run(server, client, test::pencil())));
}

TEST(ScramExchange, RefusesAnAccountWithoutKeysForTheHashLikeAnUnknownOne) {
    SystemRandom random;
    Server server{terms_for(Mechanism::scram_sha512), random};
    Client client = client_for(Mechanism::scram_sha512);
    const Step last = run(server, client, test::pencil(Hash::sha1));
    EXPECT_EQ(condition_of(last), Failure::not_authorized);
    EXPECT_EQ(std::get<Refusal>(last).why, "account has no keys for this hash");
}

TEST(ScramExchange, TellsOnlyTheRightPasswordThatTheAccountIsBarred) {
    for (const bool right : {true, false}) {
        SystemRandom random;
        Server server{terms_for(Mechanism::scram_sha256), random};
        Client client;
        client.password = right ? "pencil" : "pen";
        (void)server.start(client.first());
        const Account account{.credentials = test::pencil(), .barred = Failure::account_disabled};
        const Step last = server.respond(client.final(challenge_of(server.provide(account))));
        EXPECT_EQ(condition_of(last), right ? Failure::account_disabled : Failure::not_authorized);
    }
}

TEST(ScramExchange, MakesDecoysByTheNameThatTheStoreKnows) {
    const auto salt_of = [](std::string_view sent) {
        SystemRandom random;
        Server server{terms_for(Mechanism::scram_sha256), random};
        Client client;
        client.name = sent;
        (void)server.start(client.first());
        return Client::attribute(challenge_of(server.provide(Account{.name = "nobody"})), 's');
    };
    EXPECT_EQ(salt_of("NoBody"), salt_of("nobody"));
}

TEST(ScramExchange, NeverUsesANonceTwice) {
    SystemRandom random;
    const auto nonce = [&] {
        Server server{terms_for(Mechanism::scram_sha256), random};
        Client client;
        (void)server.start(client.first());
        return Client::attribute(challenge_of(server.provide(test::pencil())), 'r');
    };
    const std::string once = nonce();
    EXPECT_GE(once.size(), std::string_view{"client-nonce"}.size() + 24);
    EXPECT_NE(nonce(), once);
}

TEST(Authzid, MayBeEmptyOrTheAccountItself) {
    EXPECT_TRUE(acts_for_itself("", "juliet@example.org"));
    EXPECT_TRUE(acts_for_itself("juliet@example.org", "juliet@example.org"));
    EXPECT_FALSE(acts_for_itself("romeo@example.org", "juliet@example.org"));
    EXPECT_FALSE(acts_for_itself("juliet", "juliet@example.org"));
}

}  // namespace
}  // namespace aldis::sasl
