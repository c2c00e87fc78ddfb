// Logging in: RFC 6120 section 6.
#include "harness.h"

namespace aldis::stream::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view sasl_ns = "urn:ietf:params:xml:ns:xmpp-sasl";

std::string auth(std::string_view mechanism, std::string_view text) {
    return "<auth xmlns='" + std::string{sasl_ns} + "' mechanism='" + std::string{mechanism} + "'>" +
           std::string{text} + "</auth>";
}
std::string response(std::string_view bytes) {
    return "<response xmlns='" + std::string{sasl_ns} + "'>" + base64_encode(bytes) + "</response>";
}
std::string failure(std::string_view condition) {
    return "<failure xmlns='" + std::string{sasl_ns} + "'><" + std::string{condition} + "/></failure>";
}
const std::string success = "<success xmlns='" + std::string{sasl_ns} + "'/>";

/// The bytes inside <challenge/> or <success/>.
std::string bytes_in(const std::string& answer) {
    const std::size_t begin = answer.find('>') + 1;
    return base64_decode(std::string_view{answer}.substr(begin, answer.rfind("</") - begin)).value_or("not base64");
}

struct Login : PlainHouse {
    explicit Login(TlsMode mode = TlsMode::none, bool secured = false) : talk{*this, mode, secured} {
        talk.say(header);
    }
    Talk talk;
};

std::string plain(std::string_view authzid, std::string_view name, std::string_view password) {
    std::string bytes{authzid};
    bytes.append(1, '\0').append(name).append(1, '\0').append(password);
    return base64_encode(bytes);
}

TEST(ClientStreamSasl, LogsInWithPlain) {
    Login login;
    EXPECT_EQ(login.talk.login(), success);
    EXPECT_EQ(login.talk.stream().account().text(), "user@example.org");
    EXPECT_THAT(login.desk.succeeded, ElementsAre("PLAIN"));
}

TEST(ClientStreamSasl, AsksForWhatPlainDidNotBring) {
    Login login;
    EXPECT_EQ(login.talk.say(auth("PLAIN", "")), "<challenge xmlns='" + std::string{sasl_ns} + "'/>");
    EXPECT_EQ(login.talk.say(response(std::string_view{"\0user\0pencil", 12})), success);
}

TEST(ClientStreamSasl, LogsInWithEveryFormOfScram) {
    for (const auto& [name, hash] : {std::pair{"SCRAM-SHA-1", sasl::Hash::sha1},
                                     {"SCRAM-SHA-256", sasl::Hash::sha256},
                                     {"SCRAM-SHA-512", sasl::Hash::sha512}}) {
        Login login;
        sasl::test::Client client;
        client.hash = hash;
        const std::string challenge = login.talk.say(auth(name, base64_encode(client.first())));
        const std::string answer = login.talk.say(response(client.final(bytes_in(challenge))));
        EXPECT_TRUE(client.trusts(bytes_in(answer))) << answer;
        EXPECT_THAT(login.desk.succeeded, ElementsAre(name));
    }
}

TEST(ClientStreamSasl, BindsTheChannel) {
    Login login{TlsMode::direct, true};
    sasl::test::Client client;
    client.gs2_header = "p=tls-exporter,,";
    client.binding_data = "exporter data";
    const std::string challenge = login.talk.say(auth("SCRAM-SHA-256-PLUS", base64_encode(client.first())));
    const std::string answer = login.talk.say(response(client.final(bytes_in(challenge))));
    EXPECT_TRUE(client.trusts(bytes_in(answer))) << answer;
}

TEST(ClientStreamSasl, LetsAnotherTryFollowAFailure) {
    Login login;
    EXPECT_EQ(login.talk.login("wrong"), failure("not-authorized"));
    EXPECT_EQ(login.talk.say(auth("PLAIN", plain("", "nobody", "pencil"))), failure("not-authorized"));
    EXPECT_EQ(login.talk.login(), success);
    EXPECT_THAT(login.desk.failed, ElementsAre("PLAIN", "PLAIN"));
}

TEST(ClientStreamSasl, EndsAfterThreeFailures) {
    Login login;
    login.talk.login("wrong");
    login.talk.login("wrong");
    const std::string answer = login.talk.login("wrong");
    EXPECT_TRUE(answer.starts_with(failure("not-authorized")));
    EXPECT_THAT(answer, EndsWithError("policy-violation"));
    EXPECT_EQ(login.talk.login(), "");
}

TEST(ClientStreamSasl, CountsAbortedExchangesToo) {
    Login login;
    sasl::test::Client client;
    const std::string abort = "<abort xmlns='" + std::string{sasl_ns} + "'/>";
    for (int i = 0; i < 2; ++i) {
        EXPECT_THAT(login.talk.say(auth("SCRAM-SHA-256", base64_encode(client.first()))), HasSubstr("<challenge"));
        EXPECT_EQ(login.talk.say(abort), failure("aborted"));
    }
    EXPECT_THAT(login.talk.say(abort), EndsWithError("policy-violation"));
    EXPECT_THAT(login.desk.failed, IsEmpty());  // the address did nothing wrong
}

TEST(ClientStreamSasl, RefusesWhatIsOutOfForm) {
    const std::pair<std::string, const char*> cases[] = {
        {auth("PLAIN", "not base64!"), "incorrect-encoding"},
        {auth("PLAIN", "AHVzZXIAcGVuY2ls\n"), "incorrect-encoding"},
        {auth("PLAIN", "="), "malformed-request"},
        {auth("CRAM-MD5", ""), "invalid-mechanism"},
        {auth("scram-sha-256", ""), "invalid-mechanism"},
        {auth("SCRAM-SHA-256", base64_encode("n,,r=x")), "malformed-request"},
        {auth("SCRAM-SHA-256-PLUS", base64_encode("p=tls-exporter,,n=user,r=x")), "invalid-mechanism"},
        {response("x"), "malformed-request"},
        {"<hello xmlns='" + std::string{sasl_ns} + "'/>", "malformed-request"},
        {auth("PLAIN", plain("other@example.org", "user", "pencil")), "invalid-authzid"},
        {auth("PLAIN", plain("user", "user", "pencil")), "invalid-authzid"},
    };
    for (const auto& [element, condition] : cases) {
        Login login;
        EXPECT_EQ(login.talk.say(element), failure(condition)) << element;
        EXPECT_TRUE(login.talk.stream().account().empty());
        EXPECT_EQ(login.talk.login(), success) << element;
    }
}

TEST(ClientStreamSasl, LetsAUserNameHimself) {
    Login login;
    EXPECT_EQ(login.talk.say(auth("PLAIN", plain("USER@example.org", "user", "pencil"))), success);
}

TEST(ClientStreamSasl, NeedsTlsWhereItIsRequired) {
    Login login{TlsMode::required};
    EXPECT_EQ(login.talk.login(), failure("encryption-required"));
    EXPECT_TRUE(login.desk.waiting.empty());
}

TEST(ClientStreamSasl, StartsOneExchangeAtATime) {
    Login login;
    sasl::test::Client client;
    login.talk.say(auth("SCRAM-SHA-256", base64_encode(client.first())));
    EXPECT_EQ(login.talk.say(auth("SCRAM-SHA-256", base64_encode(client.first()))), failure("malformed-request"));
}

TEST(ClientStreamSasl, ForgetsWithStarttlsWhatWasBegunInTheClear) {  // RFC 6120 section 5.4.3.3
    Login login{TlsMode::optional};
    sasl::test::Client client;
    const std::string challenge = login.talk.say(auth("SCRAM-SHA-256", base64_encode(client.first())));
    login.talk.say(starttls);
    login.talk.say(header);
    EXPECT_EQ(login.talk.say(response(client.final(bytes_in(challenge)))), failure("malformed-request"));
    EXPECT_EQ(login.talk.login(), success);
}

TEST(ClientStreamSasl, AsksWhetherTheAddressMayTry) {
    Login login;
    login.desk.tries_allowed = false;
    EXPECT_EQ(login.talk.login(), failure("temporary-auth-failure"));
    login.desk.tries_allowed = true;
    EXPECT_EQ(login.talk.login(), success);
}

TEST(ClientStreamSasl, ReadsNothingWhileTheAccountIsLookedUp) {
    Login login;
    login.desk.answers = false;
    EXPECT_EQ(login.talk.login(), "");
    EXPECT_TRUE(login.talk.wire().reading_paused());
    EXPECT_EQ(login.talk.say(header), "");
    login.desk.answer_all();
    EXPECT_FALSE(login.talk.wire().reading_paused());
    const std::string answer = login.talk.heard();
    EXPECT_TRUE(answer.starts_with(success));
    EXPECT_THAT(answer, HasSubstr("<bind "));
}

TEST(ClientStreamSasl, ForgetsAnAnswerThatComesTooLate) {
    Login login;
    login.desk.answers = false;
    login.talk.login();
    login.talk.wire().receive_end();
    login.talk.heard();
    EXPECT_THAT(login.desk.gone, ElementsAre(&login.talk.stream()));
    login.desk.answer_all();
    EXPECT_EQ(login.talk.heard(), "");
    EXPECT_THAT(login.desk.succeeded, IsEmpty());
}

// ---- The time to log in ----

TEST(ClientStreamTime, IsLimitedUntilTheResourceIsBound) {
    using namespace std::chrono_literals;
    Login login;
    login.clock.advance(14'800ms);
    EXPECT_EQ(login.talk.heard(), "");
    login.talk.login();
    EXPECT_EQ(login.talk.say(" "), "");
    login.clock.advance(400ms);
    EXPECT_THAT(login.talk.heard(), EndsWithError("connection-timeout"));
    EXPECT_TRUE(login.talk.wire().closed());
}

TEST(ClientStreamTime, RunsWhileTheStreamIsHeldAndBeforeTheHeader) {
    using namespace std::chrono_literals;
    Login login;
    login.desk.answers = false;
    login.talk.login();
    Talk silent{login, TlsMode::none};
    login.clock.advance(15'200ms);
    EXPECT_THAT(login.talk.heard(), EndsWithError("connection-timeout"));
    EXPECT_THAT(silent.heard(), EndsWithError("connection-timeout"));
    login.desk.answer_all();
    EXPECT_EQ(login.talk.heard(), "");
}

TEST(ClientStreamTime, IsNotLimitedAfterBinding) {
    using namespace std::chrono_literals;
    Login login;
    login.talk.login();
    login.talk.say(header);
    login.talk.say(bind_request);
    EXPECT_EQ(login.shard.timers().size(), 0u);
    login.clock.advance(24h);
    EXPECT_EQ(login.talk.heard(), "");
    EXPECT_TRUE(login.talk.stream().open());
}

}  // namespace
}  // namespace aldis::stream::test
