#include <gtest/gtest.h>

#include "client.h"
#include "sasl/server.h"

namespace aldis::sasl {
namespace {

using namespace std::string_literals;
using test::condition_of;

std::optional<Identity> read_address(std::string_view text) {
    if (text.empty() || text == "@") return std::nullopt;
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return Identity{.account = std::string{text}};
    return Identity{.account = std::string{text.substr(0, slash)}, .resource = std::string{text.substr(slash + 1)}};
}

const Identity juliet{.account = "juliet@example.com"};
const Identity romeo{.account = "romeo@example.net"};
const Identity balcony{.account = "juliet@example.com", .resource = "balcony"};
const CertificateHolder juliet_named{.account = "juliet@example.com"};
const CertificateHolder romeo_named{.account = "romeo@example.net"};
const CertificateHolder juliet_enrolled{.account = "juliet@example.com", .enrolled = true};
const CertificateHolder romeo_enrolled{.account = "romeo@example.net", .enrolled = true};

Step run(const ClientCertificate& certificate, const std::string& authzid, std::vector<CertificateHolder> holders) {
    Terms terms = test::terms_for(Mechanism::external);
    terms.offer = offer({.encrypted = true, .certificate = true});
    terms.certificate = certificate;
    terms.read_address = &read_address;
    test::CountingRandom random;
    Server server{terms, random};
    const Step asked = server.start(authzid);
    if (!std::holds_alternative<NeedCredentials>(asked)) return asked;
    EXPECT_EQ(std::get<NeedCredentials>(asked).kind, NeedCredentials::Kind::holders);
    return server.provide({.holders = std::move(holders)});
}

ClientCertificate naming(std::vector<Identity> addresses) {
    return {.trusted = true, .addresses = std::move(addresses)};
}

std::string user_of(const Step& step) {
    const auto* success = std::get_if<Success>(&step);
    EXPECT_NE(success, nullptr) << std::get<Refusal>(step).why;
    return success != nullptr ? success->username : "";
}

std::string resource_of(const Step& step) {
    const auto* success = std::get_if<Success>(&step);
    EXPECT_NE(success, nullptr) << std::get<Refusal>(step).why;
    return success != nullptr ? success->resource : "";
}

TEST(Xep0178, LetsTheOneAddressInWithoutAuthzid) {
    EXPECT_EQ(user_of(run(naming({juliet}), "", {juliet_named})), "juliet");
}

TEST(Xep0178, TakesTheSameAddressAsAuthzidToo) {
    const Step last = run(naming({juliet}), "juliet@example.com", {juliet_named});
    EXPECT_EQ(user_of(last), "juliet");
    EXPECT_EQ(std::get<Success>(last).authzid, "");
}

TEST(Xep0178, RefusesAnotherAddressThanTheOne) {
    EXPECT_EQ(condition_of(run(naming({juliet}), "romeo@example.net", {juliet_named})), Failure::invalid_authzid);
}

TEST(Xep0178, WantsAnAuthzidWhereThereAreSeveralAddresses) {
    EXPECT_EQ(condition_of(run(naming({juliet, romeo}), "", {juliet_named, romeo_named})), Failure::invalid_authzid);
    EXPECT_EQ(user_of(run(naming({juliet, romeo}), "romeo@example.net", {juliet_named, romeo_named})), "romeo");
    EXPECT_EQ(condition_of(run(naming({juliet, romeo}), "nurse@example.com", {juliet_named, romeo_named})),
              Failure::invalid_authzid);
}

// "only one valid XMPP address that corresponds to a registered account on the server"
TEST(Xep0178, CountsOnlyAddressesThatAreAccounts) {
    EXPECT_EQ(user_of(run(naming({juliet, romeo}), "", {juliet_named})), "juliet");
    EXPECT_EQ(condition_of(run(naming({juliet}), "", {})), Failure::not_authorized);
    EXPECT_EQ(condition_of(run(naming({juliet}), "juliet@example.com", {})), Failure::not_authorized);
}

TEST(Xep0178, IgnoresTheAddressesOfACertificateThatNobodyVouchesFor) {
    const ClientCertificate self_signed{.trusted = false, .addresses = {juliet}};
    EXPECT_EQ(condition_of(run(self_signed, "", {juliet_named})), Failure::not_authorized);
}

TEST(Xep0178, IgnoresAccountsThatTheCertificateDoesNotName) {
    EXPECT_EQ(condition_of(run(naming({juliet}), "", {romeo_named})), Failure::not_authorized);
}

TEST(Xep0257, LetsASelfSignedCertificateInThatTheAccountHasEnrolled) {
    EXPECT_EQ(user_of(run({.addresses = {juliet}}, "", {juliet_enrolled})), "juliet");
    EXPECT_EQ(user_of(run({}, "juliet@example.com", {juliet_enrolled})), "juliet");
    EXPECT_EQ(condition_of(run({}, "romeo@example.net", {juliet_enrolled})), Failure::invalid_authzid);
}

// Whoever enrols the certificate of another must not catch his login, nor keep him from logging in.
TEST(Xep0257, TakesNobodyToAnAccountThatNeitherHeNorHisCertificateHasNamed) {
    EXPECT_EQ(condition_of(run({}, "", {romeo_enrolled})), Failure::not_authorized);
    EXPECT_EQ(condition_of(run({}, "", {juliet_enrolled, romeo_enrolled})), Failure::not_authorized);
    EXPECT_EQ(condition_of(run({.addresses = {juliet}}, "", {romeo_enrolled})), Failure::not_authorized);
    EXPECT_EQ(condition_of(run(naming({juliet}), "", {romeo_enrolled})), Failure::not_authorized);
    EXPECT_EQ(user_of(run({.addresses = {juliet}}, "", {romeo_enrolled, juliet_enrolled})), "juliet");
    EXPECT_EQ(user_of(run(naming({juliet}), "", {romeo_enrolled, juliet_named})), "juliet");
    EXPECT_EQ(user_of(run(naming({juliet}), "romeo@example.net", {romeo_enrolled, juliet_named})), "romeo");
}

TEST(Xep0257, TakesAnAccountThatIsBothNamedAndEnrolledForOne) {
    EXPECT_EQ(user_of(run(naming({juliet}), "", {juliet_named, juliet_enrolled})), "juliet");
}

TEST(Xep0257, RejectsAnExpiredCertificate) {
    EXPECT_EQ(condition_of(run({.expired = true}, "", {juliet_enrolled})), Failure::credentials_expired);
}

TEST(Xep0257, LeavesOnlyTheResourceOfAFullAddress) {
    EXPECT_EQ(resource_of(run(naming({balcony}), "", {juliet_named})), "balcony");
    EXPECT_EQ(resource_of(run(naming({balcony}), "juliet@example.com", {juliet_named})), "balcony");
    EXPECT_EQ(resource_of(run(naming({balcony, romeo}), "juliet@example.com/balcony", {juliet_named, romeo_named})),
              "balcony");
    EXPECT_EQ(resource_of(run(naming({balcony, juliet}), "", {juliet_named})), "");
    EXPECT_EQ(resource_of(run({.addresses = {balcony}}, "", {juliet_enrolled})), "balcony");
    EXPECT_EQ(condition_of(run(naming({balcony}), "juliet@example.com/chamber", {juliet_named})),
              Failure::invalid_authzid);
    const Identity chamber{.account = "juliet@example.com", .resource = "chamber"};
    EXPECT_EQ(condition_of(run(naming({balcony, chamber}), "", {juliet_named})), Failure::invalid_authzid);
    EXPECT_EQ(resource_of(run(naming({balcony, chamber}), "juliet@example.com/chamber", {juliet_named})), "chamber");
}

TEST(External, RefusesWhatIsNoAuthzid) {
    EXPECT_EQ(condition_of(run(naming({juliet}), "@", {juliet_named})), Failure::invalid_authzid);
    EXPECT_EQ(condition_of(run(naming({juliet}), "juliet\0@example.com"s, {juliet_named})), Failure::malformed_request);
    EXPECT_EQ(condition_of(run(naming({juliet}), "\xff", {juliet_named})), Failure::malformed_request);
    EXPECT_EQ(condition_of(run(naming({juliet}), std::string(5000, 'a'), {juliet_named})), Failure::malformed_request);
}

TEST(External, TellsThatTheAccountIsBarred) {
    CertificateHolder barred = juliet_enrolled;
    barred.barred = Failure::account_disabled;
    EXPECT_EQ(condition_of(run({}, "juliet@example.com", {barred})), Failure::account_disabled);
}

TEST(External, AsksForTheMessageWhenThereWasNone) {
    Terms terms = test::terms_for(Mechanism::external);
    terms.offer = offer({.encrypted = true, .certificate = true});
    terms.certificate = naming({juliet});
    test::CountingRandom random;
    Server server{terms, random};
    EXPECT_EQ(test::challenge_of(server.start(std::nullopt)), "");
    ASSERT_TRUE(std::holds_alternative<NeedCredentials>(server.respond("")));
    EXPECT_EQ(user_of(server.provide(Account{.holders = {juliet_named}})), "juliet");
}

TEST(External, IsOfferedOnlyToWhoHasACertificate) {
    EXPECT_EQ(offer({.encrypted = true, .certificate = true}).mechanisms.front(), Mechanism::external);
    EXPECT_FALSE(offer({.encrypted = true}).has(Mechanism::external));
    EXPECT_FALSE(offer({.certificate = true}).has(Mechanism::external));
    test::CountingRandom random;
    Server server{test::terms_for(Mechanism::external), random};
    EXPECT_EQ(condition_of(server.start("")), Failure::invalid_mechanism);
}

// ---- ANONYMOUS ----

Step enter(std::optional<std::string_view> trace) {
    Terms terms = test::terms_for(Mechanism::anonymous);
    terms.offer = offer({.encrypted = true, .anonymous = true});
    test::CountingRandom random;
    Server server{terms, random};
    return server.start(trace);
}

TEST(Xep0175, MakesUpAName) {
    const Step last = enter(std::nullopt);
    EXPECT_EQ(user_of(last), "00010203-0405-4607-8809-0a0b0c0d0e0f");
    EXPECT_TRUE(std::get<Success>(last).guest);
}

TEST(Xep0175, ForgetsTheTrace) { EXPECT_EQ(user_of(enter("sirhc")), user_of(enter(""))); }

TEST(Xep0175, RefusesATraceThatIsNone) {
    EXPECT_EQ(condition_of(enter("\xff")), Failure::malformed_request);
    EXPECT_EQ(condition_of(enter(std::string(1021, 'a'))), Failure::malformed_request);
}

TEST(Xep0175, IsAllThatAHostForGuestsOffers) {
    const Offer made = offer(
        {.encrypted = true, .bindings = bindings_of_tls(true), .certificate = true, .anonymous = true, .fast = true});
    EXPECT_EQ(made.mechanisms, std::vector{Mechanism::anonymous});
    EXPECT_TRUE(made.fast.empty());
    EXPECT_TRUE(made.bindings.empty());
    EXPECT_FALSE(offer({.encrypted = true}).has(Mechanism::anonymous));
}

}  // namespace
}  // namespace aldis::sasl
