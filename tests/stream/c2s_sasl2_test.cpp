// Logging in within one round trip: XEP-0388 with what stands inline.
#include "harness.h"

namespace aldis::stream::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::string_view client_id = "d4565fa7-4d72-4749-b3d3-740edbf87770";

std::string authenticate(std::string_view mechanism, std::string_view response, std::string_view inside = {}) {
    std::string xml = "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='" + std::string{mechanism} + "'>";
    xml.append("<initial-response>").append(base64_encode(response)).append("</initial-response>");
    return xml.append(inside).append("</authenticate>");
}
std::string plain(std::string_view inside = {}, std::string_view password = "pencil", std::string_view authzid = {}) {
    return authenticate("PLAIN", std::string{authzid}.append(1, '\0').append("user").append(1, '\0').append(password),
                        inside);
}
std::string response(std::string_view bytes) {
    return "<response xmlns='urn:xmpp:sasl:2'>" + base64_encode(bytes) + "</response>";
}
std::string failure(std::string_view condition) {
    return "<failure xmlns='urn:xmpp:sasl:2'><" + std::string{condition} +
           " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>";
}
std::string user_agent(std::string_view id = client_id) {
    return "<user-agent id='" + std::string{id} + "'><software>AwesomeXMPP</software><device>Kiva's Phone</device>" +
           "</user-agent>";
}
std::string success(std::string_view identity, std::string_view rest = {}) {
    return "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>" + std::string{identity} +
           "</authorization-identifier>" + std::string{rest} + "</success>";
}
constexpr std::string_view bind2 = "<bind xmlns='urn:xmpp:bind:0'><tag>AwesomeXMPP</tag></bind>";
constexpr std::string_view abort_it = "<abort xmlns='urn:xmpp:sasl:2'/>";

/// What stands between the first <name> and </name>.
std::string inside(const std::string& xml, std::string_view name) {
    const std::size_t at = xml.find("<" + std::string{name});
    const std::size_t begin = xml.find('>', at) + 1;
    const std::size_t end = xml.find("</" + std::string{name}, begin);
    return at == std::string::npos || end == std::string::npos ? "nothing" : xml.substr(begin, end - begin);
}
std::string decoded(const std::string& text) { return base64_decode(text).value_or("not base64"); }

std::string header_from(std::string_view from) {
    return std::string{header.substr(0, header.size() - 1)}.append(" from='").append(from).append("'>");
}

struct Login : House {
    explicit Login(std::string_view opening = header) : talk{*this, TlsMode::direct, true} {
        desk.domain.token_lifetime = std::chrono::days{21};
        desk.domain.inline_features = {"urn:xmpp:carbons:2"};
        features = talk.say(opening);
    }
    Talk talk;
    std::string features;
};

TEST(ClientStreamSasl2, IsOfferedBesideTheOldProfile) {
    Login login;
    EXPECT_THAT(login.features, HasSubstr("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"));
    EXPECT_THAT(login.features,
                HasSubstr("<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-512-PLUS</mechanism>"));
    EXPECT_THAT(login.features,
                HasSubstr("<inline><bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:sm:3'/>"
                          "<feature var='urn:xmpp:carbons:2'/></inline></bind><sm xmlns='urn:xmpp:sm:3'/>"
                          "<fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-EXPR</mechanism>"
                          "<mechanism>HT-SHA-256-NONE</mechanism></fast></inline>"));
    EXPECT_THAT(login.features, HasSubstr("<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-256</upgrade>"));
    EXPECT_EQ(login.features.find("<sasl-channel-binding "), login.features.rfind("<sasl-channel-binding "));
}

TEST(ClientStreamSasl2, IsNotOfferedWithoutTls) {
    PlainHouse house;
    Talk talk{house, TlsMode::none};
    EXPECT_THAT(talk.say(header), Not(HasSubstr("urn:xmpp:")));
    EXPECT_EQ(talk.say(plain()), failure("encryption-required"));
}

TEST(ClientStreamSasl2, GoesOnWithoutANewStream) {
    Login login;
    const std::string answer = login.talk.say(plain());
    EXPECT_TRUE(answer.starts_with(success("user@example.org") + "<stream:features>")) << answer;
    EXPECT_THAT(answer, HasSubstr("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"));
    EXPECT_THAT(answer, Not(HasSubstr("<authentication")));
    EXPECT_THAT(login.talk.say(bind_request), HasSubstr("<jid>user@example.org/balcony</jid>"));
    EXPECT_THAT(login.desk.succeeded, ElementsAre("PLAIN"));
}

TEST(ClientStreamSasl2, TellsWhoHasArrived) {
    Login login;
    login.talk.say(plain(user_agent()));
    ASSERT_THAT(login.desk.arrived, SizeIs(1));
    const Arrival& arrival = login.desk.arrived[0];
    EXPECT_EQ(arrival.account.text(), "user@example.org");
    EXPECT_EQ(arrival.client, client_id);
    EXPECT_EQ(arrival.software, "AwesomeXMPP");
    EXPECT_EQ(arrival.device, "Kiva's Phone");
    EXPECT_EQ(arrival.address, "192.0.2.1");
    EXPECT_EQ(arrival.mechanism, sasl::Mechanism::plain);
    EXPECT_FALSE(arrival.shown);
    EXPECT_FALSE(arrival.token_for);
}

TEST(ClientStreamSasl2, ChallengesAndProvesItself) {
    Login login;
    sasl::test::Client client;
    client.gs2_header = "p=tls-exporter,,";
    client.binding_data = "exporter data";
    const std::string challenge = login.talk.say(authenticate("SCRAM-SHA-256-PLUS", client.first()));
    EXPECT_TRUE(challenge.starts_with("<challenge xmlns='urn:xmpp:sasl:2'>")) << challenge;
    const std::string bytes = decoded(inside(challenge, "challenge"));
    EXPECT_EQ(sasl::test::Client::attribute(bytes, 't'), "0304");  // XEP-0515
    EXPECT_NE(sasl::test::Client::attribute(bytes, 'h'), "");      // XEP-0474
    const std::string answer = login.talk.say(response(client.final(bytes)));
    EXPECT_TRUE(client.trusts(decoded(inside(answer, "additional-data")))) << answer;
    EXPECT_THAT(answer, HasSubstr("<stream:features>"));
}

TEST(ClientStreamSasl2, AsksForWhatWasNotSentAtOnce) {
    Login login;
    EXPECT_EQ(login.talk.say("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>"),
              "<challenge xmlns='urn:xmpp:sasl:2'/>");
    EXPECT_THAT(login.talk.say("<response xmlns='urn:xmpp:sasl:2'>\n AHVzZXIAcGVuY2ls\n</response>"),
                HasSubstr(success("user@example.org")));
}

TEST(ClientStreamSasl2, RefusesWhatIsOutOfForm) {
    const std::pair<std::string, const char*> cases[] = {
        {"<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>=</initial-response>"
         "</authenticate>",
         "incorrect-encoding"},
        {"<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response/></authenticate>",
         "malformed-request"},
        {"<authenticate xmlns='urn:xmpp:sasl:2'/>", "invalid-mechanism"},
        {authenticate("CRAM-MD5", ""), "invalid-mechanism"},
        {authenticate("HT-SHA-256-NONE", "user"), "malformed-request"},  // without <fast/>
        {authenticate("EXTERNAL", ""), "invalid-mechanism"},
        {authenticate("ANONYMOUS", ""), "invalid-mechanism"},
        {plain(user_agent("not-a-uuid")), "malformed-request"},
        {plain("<fast xmlns='urn:xmpp:fast:0' count='-1'/>"), "malformed-request"},
        {plain("<fast xmlns='urn:xmpp:fast:0' invalidate='perhaps'/>"), "malformed-request"},
        {plain({}, "wrong"), "not-authorized"},
        {plain({}, "pencil", "other@example.org"), "invalid-authzid"},
        {response("x"), "malformed-request"},
        {std::string{abort_it}, "aborted"},
        {"<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-256'/>", "malformed-request"},
        {"<task-data xmlns='urn:xmpp:sasl:2'/>", "malformed-request"},
    };
    for (const auto& [element, condition] : cases) {
        Login login;
        EXPECT_EQ(login.talk.say(element), failure(condition)) << element;
        EXPECT_TRUE(login.talk.stream().account().empty());
        EXPECT_THAT(login.desk.arrived, IsEmpty());
        EXPECT_THAT(login.talk.say(plain()), HasSubstr("<success ")) << element;
    }
}

TEST(ClientStreamSasl2, CountsFailuresLikeTheOldProfile) {
    Login login;
    login.talk.say(plain({}, "wrong"));
    login.talk.login("wrong");
    EXPECT_THAT(login.talk.say(plain({}, "wrong")), EndsWithError("policy-violation"));
    EXPECT_THAT(login.desk.failed, ElementsAre("PLAIN", "PLAIN", "PLAIN"));
}

TEST(ClientStreamSasl2, AsksWhetherTheAddressMayTry) {
    Login login;
    login.desk.tries_allowed = false;
    EXPECT_EQ(login.talk.say(plain()), failure("temporary-auth-failure"));
}

TEST(ClientStreamSasl2, MayFailAfterTheMechanismHasSucceeded) {
    Login login;
    login.desk.admission_for = [](const Arrival&) {
        return Admission{.refused = sasl::Refusal{sasl::Failure::not_authorized, "revoked meanwhile"}};
    };
    EXPECT_EQ(login.talk.say(plain(bind2)), failure("not-authorized"));
    EXPECT_TRUE(login.talk.stream().account().empty());
    EXPECT_THAT(login.desk.bound, IsEmpty());
    EXPECT_THAT(login.desk.succeeded, IsEmpty());
}

// ---- "During Authentication" ----

TEST(ClientStreamSasl2, EndsTheStreamOfWhoTalksOfOtherThings) {
    for (const std::string_view other :
         {std::string_view{"<message/>"}, std::string_view{"<iq type='get' id='x'/>"}, starttls,
          std::string_view{"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>"},
          std::string_view{"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"},
          std::string_view{"<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>"},
          std::string_view{"<hello xmlns='urn:xmpp:sasl:2'/>"}}) {
        Login login;
        login.talk.say(authenticate("SCRAM-SHA-256", sasl::test::Client{}.first()));
        EXPECT_THAT(login.talk.say(other), HasSubstr("<stream:error>")) << other;
        EXPECT_FALSE(login.talk.stream().open());
    }
}

TEST(ClientStreamSasl2, EndsTheStreamOfWhoMixesTheProfiles) {
    Login login;
    login.talk.say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>");
    EXPECT_THAT(login.talk.say(response("x")), EndsWithError("policy-violation"));
}

TEST(ClientStreamSasl2, IsAskedForOnce) {  // "Multiple Authentication"
    Login login;
    login.talk.say(plain());
    EXPECT_THAT(login.talk.say(plain()), EndsWithError("policy-violation"));
    Login bound;
    bound.talk.say(plain(bind2));
    EXPECT_THAT(bound.talk.say(plain()), EndsWithError("unsupported-stanza-type"));
}

TEST(ClientStreamSasl2, MayBeAborted) {
    Login login;
    login.talk.say(authenticate("SCRAM-SHA-256", sasl::test::Client{}.first()));
    EXPECT_EQ(login.talk.say(abort_it), failure("aborted"));
    EXPECT_THAT(login.desk.failed, IsEmpty());
    EXPECT_THAT(login.talk.say(plain()), HasSubstr("<success "));
}

// ---- Whom the stream is from ----

TEST(ClientStreamSasl2, RefusesAStreamFromAnotherDomain) {
    Login login{header_from("user@elsewhere.example")};
    EXPECT_THAT(login.features, EndsWithError("invalid-from"));
}

TEST(ClientStreamSasl2, ComparesTheAuthzidWithWhomTheStreamIsFrom) {
    Login right{header_from("user@example.org/home")};
    EXPECT_THAT(right.talk.say(plain({}, "pencil", "user@example.org")), HasSubstr("<success "));
    Login other{header_from("other@example.org")};
    EXPECT_EQ(other.talk.say(plain({}, "pencil", "user@example.org")), failure("invalid-authzid"));
    EXPECT_THAT(other.talk.say(plain()), HasSubstr("<success "));  // from is a hint, and no authzid was sent
}

// ---- XEP-0386 and XEP-0198 ----

TEST(ClientStreamBind2, BindsBeforeItTellsOfSuccess) {
    Login login;
    login.desk.on_enter = [&](ClientStream& stream, const Jid& account, Entry& entry) {
        EXPECT_TRUE(entry.bind);
        EXPECT_FALSE(entry.resume);
        EXPECT_EQ(entry.client, client_id);
        EXPECT_FALSE(entry.resource_fixed);
        EXPECT_EQ(xml::to_string(entry.bind2.root()), bind2);
        login.shard.post([&, full = *account.with_resource("AwesomeXMPP/1")] {
            stream.attach(login.talk.sink);
            stream.bind_to(full, "<bound xmlns='urn:xmpp:bind:0'><x xmlns='urn:example'/></bound>");
            stream.unpause();
        });
    };
    const std::string answer = login.talk.say(plain(user_agent() + std::string{bind2}));
    EXPECT_TRUE(answer.starts_with(
        success("user@example.org/AwesomeXMPP/1", "<bound xmlns='urn:xmpp:bind:0'><x xmlns='urn:example'/></bound>") +
        "<stream:features>"))
        << answer;
    EXPECT_THAT(answer, HasSubstr("<sm xmlns='urn:xmpp:sm:3'/>"));
    EXPECT_THAT(answer, Not(HasSubstr("urn:ietf:params:xml:ns:xmpp-bind")));
    login.talk.say("<message/>");
    EXPECT_THAT(login.talk.sink.got, SizeIs(1));
}

TEST(ClientStreamBind2, DoesNothingIfTheLoginFails) {
    Login login;
    EXPECT_EQ(login.talk.say(plain(bind2, "wrong")), failure("not-authorized"));
    EXPECT_THAT(login.desk.bound, IsEmpty());
}

TEST(ClientStreamBind2, LeavesTheResourceToTheClientIfItCannotBind) {
    Login login;
    login.desk.on_enter = [](ClientStream& stream, const Jid&, Entry&) {
        stream.refuse_bind({Condition::resource_constraint, ErrorType::wait, {}});
    };
    const std::string answer = login.talk.say(plain(bind2));
    EXPECT_TRUE(answer.starts_with(success("user@example.org") + "<stream:features>")) << answer;
    EXPECT_THAT(login.talk.say(bind_request), HasSubstr("<resource-constraint "));
}

TEST(ClientStreamResume, IsTriedFirstAndSendsNoFeatures) {
    Login login;
    login.desk.on_enter = [&](ClientStream& stream, const Jid& account, Entry& entry) {
        ASSERT_TRUE(entry.resume);
        EXPECT_EQ(entry.resume->previd, "some-id");
        EXPECT_EQ(entry.resume->h, 5u);
        EXPECT_TRUE(entry.bind);
        stream.attach(login.talk.sink);
        stream.resume_on(*account.with_resource("balcony"), "<resumed xmlns='urn:xmpp:sm:3' h='1' previd='some-id'/>");
    };
    EXPECT_EQ(login.talk.say(plain(std::string{bind2} + "<resume xmlns='urn:xmpp:sm:3' previd='some-id' h='5'/>")),
              success("user@example.org/balcony", "<resumed xmlns='urn:xmpp:sm:3' h='1' previd='some-id'/>"));
}

TEST(ClientStreamResume, TellsOfItsFailureTogetherWithTheNewResource) {
    Login login;
    login.desk.on_enter = [&](ClientStream& stream, const Jid& account, Entry&) {
        stream.refuse_resume("<failed xmlns='urn:xmpp:sm:3'/>");
        Desk::take(stream, *account.with_resource("balcony"), login.talk.sink, empty_bound);
    };
    EXPECT_THAT(login.talk.say(plain(std::string{bind2} + "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>")),
                HasSubstr(success("user@example.org/balcony",
                                  "<failed xmlns='urn:xmpp:sm:3'/><bound xmlns='urn:xmpp:bind:0'/>")));
}

TEST(ClientStreamResume, MayFailWithoutAResource) {
    Login login;
    login.desk.on_enter = [](ClientStream& stream, const Jid&, Entry&) {
        stream.refuse_resume("<failed xmlns='urn:xmpp:sm:3'/>");
    };
    EXPECT_THAT(login.talk.say(plain("<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>")),
                HasSubstr(success("user@example.org", "<failed xmlns='urn:xmpp:sm:3'/>") + "<stream:features>"));
    EXPECT_THAT(login.talk.say(bind_request), Not(IsEmpty()));
}

TEST(ClientStreamResume, FailsIfItIsNotWellMade) {
    Login login;
    EXPECT_THAT(login.talk.say(plain("<resume xmlns='urn:xmpp:sm:3' previd='x'/>")),
                HasSubstr(success("user@example.org",
                                  "<failed xmlns='urn:xmpp:sm:3'>"
                                  "<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>")));
}

// ---- XEP-0509 ----

TEST(ClientStreamPipelining, KeepsTheOrderOfWhatComesInOneGo) {
    for (const bool at_once : {false, true}) {
        Login login{""};
        login.desk.at_once = at_once;
        std::string dialogue{header};
        dialogue.append(plain(bind2)).append("<message id='1'/><message id='2'/>");
        const std::string answer = login.talk.say(dialogue);
        EXPECT_THAT(answer, HasSubstr("<success "));
        EXPECT_THAT(login.talk.sink.got, SizeIs(2));
        EXPECT_FALSE(login.talk.wire().reading_paused());
    }
}

TEST(ClientStreamPipelining, GoesOnWithALaterBinding) {
    for (const bool at_once : {false, true}) {
        Login login{""};
        login.desk.at_once = at_once;
        std::string dialogue{header};
        dialogue.append(plain()).append(bind_request).append("<message/>");
        EXPECT_THAT(login.talk.say(dialogue), HasSubstr("<jid>user@example.org/balcony</jid>"));
        EXPECT_THAT(login.talk.sink.got, SizeIs(1));
    }
}

TEST(ClientStreamPipelining, StopsWithAStreamThatItsSessionHasStopped) {
    Login login{""};
    login.desk.at_once = true;
    login.talk.sink.on_stanza = [&] { login.talk.stream().pause(); };
    std::string dialogue{header};
    dialogue.append(plain()).append(bind_request).append("<message/><message/>");
    login.talk.say(dialogue);
    EXPECT_THAT(login.talk.sink.got, SizeIs(1));
    login.talk.stream().unpause();
    login.talk.heard();
    EXPECT_THAT(login.talk.sink.got, SizeIs(2));
}

TEST(ClientStreamPipelining, DependsOnTheFeaturesThatTheClientKnows) {
    Login login;
    const std::size_t at = login.features.find("<config-version xmlns='urn:xmpp:iap:0' scheme='opaque' value='");
    ASSERT_NE(at, std::string::npos) << login.features;
    const std::string known = login.features.substr(at, login.features.find('>', at) + 1 - at);
    Login again{""};
    EXPECT_THAT(again.talk.say(std::string{header} + plain(known)), HasSubstr("<success "));
    Login other{""};
    other.desk.domain.plain = false;
    EXPECT_THAT(other.talk.say(std::string{header} + plain(known)),
                HasSubstr("<failure xmlns='urn:xmpp:sasl:2'><aborted xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
                          "<config-version-mismatch xmlns='urn:xmpp:iap:0'/>"));
    for (int i = 0; i < 5; ++i) other.talk.say(plain(known));
    EXPECT_TRUE(other.talk.stream().open());  // "without prejudice"
    EXPECT_THAT(other.desk.failed, IsEmpty());
}

// ---- XEP-0484 ----

std::string token_proof(std::string_view secret, std::string_view binding = {}) {
    std::string bytes{"user"};
    return bytes.append(1, '\0').append(
        sasl::hmac(sasl::Hash::sha256, secret, std::string{"Initiator"}.append(binding)).view());
}

struct TokenLogin : Login {
    TokenLogin() {
        desk.client = client_id;
        desk.tokens = {{.secret = "a-token", .mechanism = sasl::Mechanism::ht_sha256_expr}};
    }
};

TEST(ClientStreamFast, LogsInWithAToken) {
    TokenLogin login;
    const std::string answer =
        login.talk.say(authenticate("HT-SHA-256-EXPR", token_proof("a-token", "exporter data"),
                                    user_agent() + "<fast xmlns='urn:xmpp:fast:0' count='7' invalidate='true'/>"));
    EXPECT_EQ(decoded(inside(answer, "additional-data")),
              sasl::hmac(sasl::Hash::sha256, "a-token", "Responderexporter data").view());
    ASSERT_THAT(login.desk.arrived, SizeIs(1));
    ASSERT_TRUE(login.desk.arrived[0].shown);
    EXPECT_EQ(login.desk.arrived[0].shown->secret, "a-token");
    EXPECT_EQ(login.desk.arrived[0].shown->count, 7u);
    EXPECT_TRUE(login.desk.arrived[0].shown->invalidate);
    EXPECT_EQ(login.desk.looked_up[0].client, client_id);
}

TEST(ClientStreamFast, NeedsTheClientTheElementAndTheMechanism) {
    const std::string fast = "<fast xmlns='urn:xmpp:fast:0'/>";
    const std::string proof = token_proof("a-token", "exporter data");
    for (const std::string& attempt :
         {authenticate("HT-SHA-256-EXPR", proof, fast), authenticate("HT-SHA-256-EXPR", proof, user_agent()),
          authenticate("HT-SHA-256-EXPR", token_proof("b-token", "exporter data"), user_agent() + fast),
          authenticate("HT-SHA-256-NONE", token_proof("a-token"), user_agent() + fast),
          authenticate("HT-SHA-256-ENDP", token_proof("a-token"), user_agent() + fast)}) {
        TokenLogin login;
        EXPECT_THAT(login.talk.say(attempt), HasSubstr("<failure ")) << attempt;
        EXPECT_THAT(login.desk.arrived, IsEmpty());
        EXPECT_THAT(login.desk.failed, SizeIs(1));
    }
}

TEST(ClientStreamFast, IsForTheNewProfileOnly) {
    TokenLogin login;
    EXPECT_THAT(login.talk.say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='HT-SHA-256-EXPR'>" +
                               base64_encode(token_proof("a-token", "exporter data")) + "</auth>"),
                HasSubstr("<invalid-mechanism/>"));
}

TEST(ClientStreamFast, HandsOutATokenWithTheSuccess) {
    Login login;
    login.desk.admission_for = [](const Arrival& arrival) {
        EXPECT_EQ(arrival.token_for, sasl::Mechanism::ht_sha256_none);
        return Admission{.token = NewToken{.text = "made", .expiry = Timestamp{std::chrono::days{1}}}};
    };
    const std::string request = "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/>";
    EXPECT_THAT(login.talk.say(plain(request + std::string{bind2})),
                HasSubstr("<bound xmlns='urn:xmpp:bind:0'/><token xmlns='urn:xmpp:fast:0' "
                          "expiry='1970-01-02T00:00:00Z' token='made'/>"
                          "</success>"));
}

TEST(ClientStreamFast, HasNoTokensForMechanismsThatWereNotOffered) {
    for (const std::string name : {"HT-SHA-256-ENDP", "PLAIN", "none", ""}) {
        Login login;
        login.talk.say(plain("<request-token xmlns='urn:xmpp:fast:0' mechanism='" + name + "'/>"));
        ASSERT_THAT(login.desk.arrived, SizeIs(1));
        EXPECT_FALSE(login.desk.arrived[0].token_for) << name;
    }
}

// ---- XEP-0480 ----

const std::string upgrades =
    "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-256</upgrade>"
    "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512</upgrade>";

struct OldAccount : Login {
    OldAccount() { desk.accounts["user@example.org"] = sasl::test::pencil(sasl::Hash::sha1); }
    /// Up to the first task; what the server says.
    std::string begin(const std::string& wanted = upgrades) {
        sasl::test::Client client;
        client.hash = sasl::Hash::sha1;
        const std::string challenge =
            talk.say(authenticate("SCRAM-SHA-1", client.first(), wanted + std::string{bind2}));
        const std::string answer = talk.say(response(client.final(decoded(inside(challenge, "challenge")))));
        EXPECT_TRUE(client.trusts(decoded(inside(answer, "additional-data")))) << answer;
        return answer;
    }
    static std::string next(std::string_view task) {
        return "<next xmlns='urn:xmpp:sasl:2' task='" + std::string{task} + "'/>";
    }
    /// Does what <task-data/> asks for.
    std::string salted(const std::string& data, sasl::Hash hash) {
        const std::size_t at = data.find("iterations='") + 12;
        const auto iterations = static_cast<std::uint32_t>(std::stoul(data.substr(at)));
        const sasl::Digest salted = sasl::pbkdf2(hash, "pencil", decoded(inside(data, "salt")), iterations);
        return "<task-data xmlns='urn:xmpp:sasl:2'><hash xmlns='urn:xmpp:scram-upgrade:0'>" +
               base64_encode(salted.view()) + "</hash></task-data>";
    }
};

TEST(ClientStreamUpgrade, DoesOneTaskAfterTheOther) {
    OldAccount old;
    EXPECT_TRUE(old.begin().ends_with("<tasks><task>UPGR-SCRAM-SHA-256</task></tasks></continue>"));
    EXPECT_THAT(old.desk.arrived, IsEmpty());
    std::string data = old.talk.say(OldAccount::next("UPGR-SCRAM-SHA-256"));
    EXPECT_TRUE(data.starts_with("<task-data xmlns='urn:xmpp:sasl:2'><salt xmlns='urn:xmpp:scram-upgrade:0'")) << data;
    EXPECT_EQ(old.talk.say(old.salted(data, sasl::Hash::sha256)),
              "<continue xmlns='urn:xmpp:sasl:2'><tasks><task>UPGR-SCRAM-SHA-512</task></tasks></continue>");
    data = old.talk.say(OldAccount::next("UPGR-SCRAM-SHA-512"));
    EXPECT_TRUE(old.talk.say(old.salted(data, sasl::Hash::sha512))
                    .starts_with(success("user@example.org/made-here", "<bound xmlns='urn:xmpp:bind:0'/>")));
    ASSERT_THAT(old.desk.arrived, SizeIs(1));
    const sasl::Credentials& renewed = *old.desk.arrived[0].renewed;
    EXPECT_NE(renewed.find(sasl::Hash::sha1), nullptr);
    ASSERT_NE(renewed.find(sasl::Hash::sha256), nullptr);
    ASSERT_NE(renewed.find(sasl::Hash::sha512), nullptr);
    EXPECT_TRUE(sasl::verify("pencil", renewed));
}

TEST(ClientStreamUpgrade, IsNotForWhatIsThereOrWasNotAskedFor) {
    Login login;
    EXPECT_THAT(login.talk.say(plain(upgrades)), HasSubstr("<success "));
    OldAccount old;
    EXPECT_THAT(old.begin("<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-BLOOP2</upgrade>"), HasSubstr("<success "));
}

TEST(ClientStreamUpgrade, FailsWithTheWholeLogin) {
    const std::string empty = "<task-data xmlns='urn:xmpp:sasl:2'><hash xmlns='urn:xmpp:scram-upgrade:0'/></task-data>";
    for (const auto& [element, condition] : {std::pair{OldAccount::next("UPGR-SCRAM-SHA-512"), "malformed-request"},
                                             {OldAccount::next(""), "malformed-request"},
                                             {empty, "malformed-request"},
                                             {response("x"), "malformed-request"},
                                             {std::string{abort_it}, "aborted"}}) {
        OldAccount old;
        old.begin();
        EXPECT_EQ(old.talk.say(element), failure(condition)) << element;
        EXPECT_THAT(old.desk.arrived, IsEmpty());
        EXPECT_THAT(old.talk.say(plain()), EndsWithError("policy-violation"));  // "Multiple Authentication"
    }
}

TEST(ClientStreamUpgrade, RefusesAHashThatIsNone) {
    OldAccount old;
    old.begin();
    old.talk.say(OldAccount::next("UPGR-SCRAM-SHA-256"));
    EXPECT_THAT(old.talk.say("<task-data xmlns='urn:xmpp:sasl:2'><hash xmlns='urn:xmpp:scram-upgrade:0'>AAAA</hash>"
                             "</task-data>"),
                HasSubstr("<failure "));
}

// ---- XEP-0175, XEP-0178 ----

TEST(ClientStreamGuest, GetsANameAndNothingIsWrittenOfIt) {
    Login login{""};
    login.desk.domain.anonymous = true;
    const std::string features = login.talk.say(header);
    EXPECT_THAT(features,
                HasSubstr("<authentication xmlns='urn:xmpp:sasl:2'><mechanism>ANONYMOUS</mechanism><inline>"));
    EXPECT_THAT(features, Not(HasSubstr("<fast ")));
    EXPECT_THAT(features, Not(HasSubstr("<upgrade ")));
    const std::string answer = login.talk.say("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='ANONYMOUS'>" +
                                              user_agent() + std::string{bind2} + "</authenticate>");
    EXPECT_THAT(answer, HasSubstr("@example.org/made-here</authorization-identifier>"));
    EXPECT_THAT(login.desk.succeeded, ElementsAre("ANONYMOUS"));
    EXPECT_THAT(login.desk.arrived, IsEmpty());
    EXPECT_THAT(login.desk.looked_up, IsEmpty());
}

struct WithCertificate : Login {
    explicit WithCertificate(tls::PeerCertificate shown = {.xmpp_addrs = {},
                                                           .fingerprint = "AB:CD",
                                                           .valid_until = Timestamp{std::chrono::days{1}}})
        : Login{""} {
        desk.domain.certificates = true;
        auto certificate = std::make_shared<const tls::PeerCertificate>(std::move(shown));
        talk.wire().set_tls_info({.version = "TLSv1.3", .certificate = std::move(certificate)});
        talk.wire().start_tls();
        talk.wire().turn();
        features = talk.say(header);
    }
};

TEST(ClientStreamExternal, IsOfferedToWhoHasShownACertificate) {
    EXPECT_THAT(Login{}.features, Not(HasSubstr("EXTERNAL")));
    EXPECT_THAT(WithCertificate{}.features, HasSubstr("<mechanism>EXTERNAL</mechanism>"));
    WithCertificate off;
    off.desk.domain.certificates = false;
    EXPECT_EQ(off.talk.say(authenticate("EXTERNAL", "")), failure("invalid-mechanism"));
}

TEST(ClientStreamExternal, LogsInByFingerprint) {
    WithCertificate login;
    login.desk.holders = {"user@example.org"};
    login.desk.on_enter = [](ClientStream& stream, const Jid&, Entry& entry) {
        EXPECT_EQ(entry.fingerprint, "AB:CD");
        stream.refuse_bind({Condition::conflict, ErrorType::cancel, {}});
    };
    EXPECT_THAT(login.talk.say(authenticate("EXTERNAL", "user@example.org", bind2)),
                HasSubstr(success("user@example.org")));
    EXPECT_EQ(login.desk.looked_up[0].fingerprint, "AB:CD");
    EXPECT_EQ(login.desk.looked_up[0].domain, "example.org");
    EXPECT_THAT(login.desk.looked_up[0].addresses, IsEmpty());
    EXPECT_EQ(login.desk.arrived[0].mechanism, sasl::Mechanism::external);
}

TEST(ClientStreamExternal, TellsWhomATrustedCertificateNames) {
    WithCertificate login{{.verified = true,
                           .xmpp_addrs = {"user@example.org/phone", "user@elsewhere.example", "example.org", "@"},
                           .fingerprint = "AB:CD",
                           .valid_until = Timestamp{std::chrono::days{1}}}};
    login.desk.holders = {"user@example.org"};
    EXPECT_THAT(login.talk.say(authenticate("EXTERNAL", "", bind2)),
                HasSubstr(success("user@example.org/phone", "<bound xmlns='urn:xmpp:bind:0'/>")));
    EXPECT_THAT(login.desk.looked_up[0].addresses, ElementsAre("user@example.org"));
}

TEST(ClientStreamExternal, RefusesWhatIsExpiredOrNobodys) {
    WithCertificate expired{
        {.xmpp_addrs = {}, .fingerprint = "AB:CD", .valid_until = Timestamp{} - std::chrono::days{1}}};
    EXPECT_EQ(expired.talk.say(authenticate("EXTERNAL", "")), failure("credentials-expired"));
    WithCertificate nobodys;
    EXPECT_EQ(nobodys.talk.say(authenticate("EXTERNAL", "")), failure("not-authorized"));
}

}  // namespace
}  // namespace aldis::stream::test
