#include "sasl/hashed_token.h"

#include <gtest/gtest.h>

#include "client.h"
#include "sasl/scram_messages.h"
#include "sasl/server.h"

namespace aldis::sasl {
namespace {

using namespace std::string_literals;
using test::condition_of;
using enum Mechanism;

// XEP-0484 "Server provides token to client".
constexpr std::string_view secret = "WXZzciBwYmFmdmZnZiBqdmd1IGp2eXFhcmZm";

std::string bytes_of(std::string_view hexadecimal) {
    std::string bytes;
    for (std::size_t at = 0; at < hexadecimal.size(); at += 2)
        bytes += static_cast<char>(std::stoi(std::string{hexadecimal.substr(at, 2)}, nullptr, 16));
    return bytes;
}

/// Made with Python's hmac and hashlib.
const std::string proof = bytes_of("9097787461a184e0fa84ec00c1381190b6c4d16a8ec4453c7b2ac5e7fcf935ed");
const std::string answer = bytes_of("4e513409631474863b986c9f3e8c1e27ca29d1d7ab9ed4097e7afd6007bf9c62");
/// The same, bound to "end point data".
const std::string bound_proof = bytes_of("90c04458ba7f0ff96c95ea4ddd5888c4ddde9ac5c6f6a535f550f4f5758b1cf8");
const std::string bound_answer = bytes_of("56373ee79bbb71d46a2e80c64088877498e4a31badec1788b58c645f7be38d40");

const std::string message = "user\0"s + proof;
const std::string bound_message = "user\0"s + bound_proof;

Terms terms_with(Mechanism mechanism) {
    Terms terms = test::terms_for(mechanism);
    terms.offer = offer({.encrypted = true, .bindings = bindings_of_tls(true), .fast = true});
    terms.bindings.tls_server_end_point = "end point data";
    terms.fast = true;
    return terms;
}

Token token(Mechanism mechanism, std::string_view text = secret) {
    return {.secret = std::string{text}, .mechanism = mechanism};
}

Step run(const std::string& text, const Account& account, Terms terms = terms_with(ht_sha256_none)) {
    test::CountingRandom random;
    Server server{std::move(terms), random};
    const Step asked = server.start(text);
    return std::holds_alternative<NeedCredentials>(asked) ? server.provide(account) : asked;
}

TEST(HashedToken, LetsWhoHasTheTokenIn) {
    const Step last = run(message, {.tokens = {token(ht_sha256_none)}});
    ASSERT_TRUE(std::holds_alternative<Success>(last));
    const auto& success = std::get<Success>(last);
    EXPECT_EQ(success.username, "user");
    EXPECT_EQ(success.authzid, "");
    EXPECT_EQ(success.additional_data, answer);
    EXPECT_EQ(success.token, 0);
    EXPECT_FALSE(success.binding);
}

TEST(HashedToken, BindsTheChannel) {
    const Step last = run(bound_message, {.tokens = {token(ht_sha256_endp)}}, terms_with(ht_sha256_endp));
    ASSERT_TRUE(std::holds_alternative<Success>(last));
    EXPECT_EQ(std::get<Success>(last).additional_data, bound_answer);
    EXPECT_EQ(std::get<Success>(last).binding, Binding::tls_server_end_point);

    Terms between = terms_with(ht_sha256_endp);
    between.bindings.tls_server_end_point = "data of somebody in between";
    EXPECT_EQ(condition_of(run(bound_message, {.tokens = {token(ht_sha256_endp)}}, between)), Failure::not_authorized);
}

TEST(HashedToken, AsksForTheTokensOfTheClient) {
    test::CountingRandom random;
    Server server{terms_with(ht_sha256_none), random};
    const Step asked = server.start(message);
    ASSERT_TRUE(std::holds_alternative<NeedCredentials>(asked));
    EXPECT_EQ(std::get<NeedCredentials>(asked).username, "user");
    EXPECT_EQ(std::get<NeedCredentials>(asked).kind, NeedCredentials::Kind::tokens);
}

TEST(HashedToken, SaysWhichTokenWasShown) {
    const Step last = run(message, {.tokens = {token(ht_sha256_none, "the new one"), token(ht_sha256_none)}});
    ASSERT_TRUE(std::holds_alternative<Success>(last));
    EXPECT_EQ(std::get<Success>(last).token, 1);
}

// XEP-0484: "an attempt to use a mechanism without channel binding MUST fail even if the token would otherwise be
// accepted by that mechanism".
TEST(HashedToken, IsGoodForItsMechanismOnly) {
    EXPECT_EQ(condition_of(run(message, {.tokens = {token(ht_sha256_endp)}})), Failure::not_authorized);
    EXPECT_EQ(condition_of(run(bound_message, {.tokens = {token(ht_sha256_none)}}, terms_with(ht_sha256_endp))),
              Failure::not_authorized);
}

TEST(HashedToken, TellsOnlyWhoHasItThatItHasExpired) {
    Token expired = token(ht_sha256_none);
    expired.expired = true;
    EXPECT_EQ(condition_of(run(message, {.tokens = {expired}})), Failure::credentials_expired);
    EXPECT_EQ(condition_of(run("user\0guessed"s, {.tokens = {expired}})), Failure::not_authorized);
    EXPECT_EQ(condition_of(run(message, {.barred = Failure::account_disabled, .tokens = {token(ht_sha256_none)}})),
              Failure::account_disabled);
}

TEST(HashedToken, RefusesUnknownAccountsAndWrongTokensAlike) {
    const Step unknown = run(message, {});
    EXPECT_EQ(unknown.index(), run(message, {.tokens = {token(ht_sha256_none, "another")}}).index());
    EXPECT_EQ(condition_of(unknown), Failure::not_authorized);
    EXPECT_EQ(condition_of(run("user\0"s + proof.substr(1), {.tokens = {token(ht_sha256_none)}})),
              Failure::not_authorized);
}

TEST(HashedToken, NeverTakesAnEmptyTokenOrTheDecoy) {
    const auto proof_of = [](std::string_view key) {
        return "user\0"s + std::string{hmac(Hash::sha256, key, "Initiator").view()};
    };
    EXPECT_EQ(condition_of(run(proof_of(""), {.tokens = {token(ht_sha256_none, "")}})), Failure::not_authorized);
    EXPECT_EQ(condition_of(run(proof_of("a secret of the server"), {.tokens = {token(ht_sha256_none, "")}})),
              Failure::not_authorized);
}

TEST(HashedToken, RefusesMalformedMessages) {
    for (const std::string& bad :
         {""s, "\0"s, "user"s, "user\0"s, "\0proof"s, "us\xff\0proof"s,
          std::string(largest_username + 1, 'u') + "\0proof"s, "user\0"s + std::string(largest_message, 'p')})
        EXPECT_EQ(condition_of(run(bad, {.tokens = {token(ht_sha256_none)}})), Failure::malformed_request);
}

TEST(HashedToken, IsRefusedWithoutFast) {
    Terms terms = terms_with(ht_sha256_none);
    terms.fast = false;
    EXPECT_EQ(condition_of(run(message, {.tokens = {token(ht_sha256_none)}}, terms)), Failure::malformed_request);
    terms.fast = true;
    terms.offer.fast.clear();
    EXPECT_EQ(condition_of(run(message, {.tokens = {token(ht_sha256_none)}}, terms)), Failure::invalid_mechanism);
}

TEST(HashedToken, IsNotForTheChannelThatIsMissing) {
    Terms terms = terms_with(ht_sha256_endp);
    terms.bindings.tls_server_end_point.reset();
    EXPECT_EQ(condition_of(run(bound_message, {.tokens = {token(ht_sha256_endp)}}, terms)),
              Failure::temporary_auth_failure);
}

TEST(HashedToken, ComesFromTheRandomSource) {
    SystemRandom random;
    const std::string one = make_token(random);
    EXPECT_EQ(one.size(), 32);
    EXPECT_NE(one, make_token(random));
}

}  // namespace
}  // namespace aldis::sasl
