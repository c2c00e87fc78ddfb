#include <gtest/gtest.h>

#include "client.h"
#include "sasl/scram_messages.h"
#include "sasl/server.h"

namespace aldis::sasl {
namespace {

using namespace std::string_literals;
using test::condition_of;
using test::terms_for;

Step run(const std::string& message, const Account& account, Terms terms = terms_for(Mechanism::plain)) {
    SystemRandom random;
    Server server{std::move(terms), random};
    const Step asked = server.start(message);
    return std::holds_alternative<NeedCredentials>(asked) ? server.provide(account) : asked;
}

TEST(Plain, LetsTheRightPasswordIn) {
    const Step last = run("\0user\0pencil"s, {.credentials = test::pencil()});
    ASSERT_TRUE(std::holds_alternative<Success>(last));
    EXPECT_EQ(std::get<Success>(last).username, "user");
    EXPECT_EQ(std::get<Success>(last).authzid, "");
    EXPECT_EQ(std::get<Success>(last).additional_data, "");
    EXPECT_FALSE(std::get<Success>(last).upgraded);
}

TEST(Plain, AsksForTheMessageWhenThereWasNone) {
    SystemRandom random;
    Server server{terms_for(Mechanism::plain), random};
    EXPECT_EQ(test::challenge_of(server.start(std::nullopt)), "");
    ASSERT_TRUE(std::holds_alternative<NeedCredentials>(server.respond("\0user\0pencil"s)));
    EXPECT_TRUE(std::holds_alternative<Success>(server.provide(test::pencil())));
    EXPECT_EQ(condition_of(server.respond("\0user\0pencil"s)), Failure::malformed_request);
}

TEST(Plain, HandsTheAuthorizationIdentityOver) {
    const Step last = run("juliet@example.org\0user\0pencil"s, {.credentials = test::pencil()});
    ASSERT_TRUE(std::holds_alternative<Success>(last));
    EXPECT_EQ(std::get<Success>(last).authzid, "juliet@example.org");
}

TEST(Plain, RefusesWrongPasswordsAndUnknownUsersAlike) {
    EXPECT_EQ(condition_of(run("\0user\0pen"s, {.credentials = test::pencil()})), Failure::not_authorized);
    EXPECT_EQ(condition_of(run("\0user\0pencil"s, {})), Failure::not_authorized);
    EXPECT_EQ(condition_of(run("\0user\0pencil"s, {.credentials = Credentials{}})), Failure::not_authorized);
}

TEST(Plain, TellsOnlyTheRightPasswordThatTheAccountIsBarred) {
    const Account barred{.credentials = test::pencil(), .barred = Failure::credentials_expired};
    EXPECT_EQ(condition_of(run("\0user\0pencil"s, barred)), Failure::credentials_expired);
    EXPECT_EQ(condition_of(run("\0user\0pen"s, barred)), Failure::not_authorized);
}

TEST(Plain, RefusesMalformedMessages) {
    for (const std::string& bad :
         {""s, "\0"s, "\0\0"s, "user\0pencil"s, "\0user"s, "\0user\0"s, "\0\0pencil"s, "\0user\0pen\0cil"s,
          "\0user\0pencil\0"s, "\0us\xff\0pencil"s, "\0user\0\xc3"s, "\xed\xa0\x80\0user\0pencil"s,
          "\0"s + std::string(largest_username + 1, 'u') + "\0pencil"s, "\0user\0"s + std::string(1024, 'p'),
          std::string(largest_authzid + 1, 'a') + "\0user\0pencil"s,
          std::string(largest_message, 'a') + "\0user\0pencil"s})
        EXPECT_EQ(condition_of(run(bad, {.credentials = test::pencil()})), Failure::malformed_request);
}

TEST(Plain, TakesTheLargestNamesAndPasswords) {
    const std::string user(largest_username, 'u');
    EXPECT_EQ(condition_of(run('\0' + user + '\0' + std::string(1023, 'p'), {})), Failure::not_authorized);
}

TEST(Plain, DerivesTheFamiliesThatAreMissing) {
    const Credentials imported = test::pencil(Hash::sha1);
    const Step last = run("\0user\0pencil"s, {.credentials = imported});
    ASSERT_TRUE(std::holds_alternative<Success>(last));
    const std::optional<Credentials>& upgraded = std::get<Success>(last).upgraded;
    ASSERT_TRUE(upgraded);
    EXPECT_EQ(upgraded->find(Hash::sha1)->salt, imported.find(Hash::sha1)->salt);
    for (const Hash hash : all_hashes) {
        Credentials single;
        single.set(hash, *upgraded->find(hash));
        EXPECT_TRUE(verify("pencil", single));
    }
}

TEST(Plain, DerivesNothingAfterAWrongPassword) {
    const Step last = run("\0user\0pen"s, {.credentials = test::pencil(Hash::sha1)});
    EXPECT_TRUE(std::holds_alternative<Refusal>(last));
}

Result<std::string> lower_case(std::string_view password) {
    if (password == "forbidden") return refuse(Condition::bad_request, ErrorType::modify);
    std::string lowered{password};
    std::ranges::transform(lowered, lowered.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lowered;
}

TEST(Plain, PreparesThePasswordAsItIsTold) {
    Terms terms = terms_for(Mechanism::plain);
    terms.prepare = lower_case;
    EXPECT_TRUE(std::holds_alternative<Success>(run("\0user\0PENCIL"s, {.credentials = test::pencil()}, terms)));
    EXPECT_EQ(condition_of(run("\0user\0forbidden"s, {.credentials = test::pencil()}, terms)), Failure::not_authorized);
}

}  // namespace
}  // namespace aldis::sasl
