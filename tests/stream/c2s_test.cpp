// What a client's stream offers and refuses on its way to a bound resource: RFC 6120 sections 4, 5 and 7.
#include "harness.h"

namespace aldis::stream::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.rfind(from), from.size(), to);
}

TEST(ClientStreamHeader, IsAnswered) {
    House house;
    Talk talk{house, TlsMode::required};
    const std::string answer =
        talk.say(replaced(std::string{header}, " to=", " from='User@example.org/r' xml:lang='de' to="));
    EXPECT_THAT(answer, StartsWith("<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
                                   "xmlns:stream='http://etherx.jabber.org/streams' from='example.org' "
                                   "to='user@example.org' id='"));
    EXPECT_THAT(answer, HasSubstr("' version='1.0' xml:lang='en'><stream:features>"));
    EXPECT_EQ(talk.wire().preferred_domain(), "example.org");
}

TEST(ClientStreamHeader, HasAnIdOfItsOwnEachTime) {
    House house;
    const auto id_of = [](const std::string& answer) { return answer.substr(answer.find(" id='"), 28); };
    Talk one{house, TlsMode::required};
    Talk two{house, TlsMode::required};
    EXPECT_NE(id_of(one.say(header)), id_of(two.say(header)));
}

TEST(ClientStreamHeader, IsRefusedInAStream) {  // RFC 6120 section 4.9.1.2
    const struct {
        const char* from;
        const char* to;
        const char* condition;
    } cases[] = {
        {"to='example.org'", "", "improper-addressing"},
        {"to='example.org'", "to='example.net'", "host-unknown"},
        {"to='example.org'", "to='user@example.org'", "host-unknown"},
        {"to='example.org'", "to='example.org/r'", "host-unknown"},
        {"to='example.org'", "to='&quot;'", "host-unknown"},
        {"version='1.0'", "", "unsupported-version"},
        {"version='1.0'", "version='0.9'", "unsupported-version"},
        {"version='1.0'", "version='one.two'", "unsupported-version"},
        {"'http://etherx.jabber.org/streams'", "'urn:other'", "invalid-namespace"},
        {"'jabber:client'", "'jabber:server'", "invalid-namespace"},
        {"stream:stream ", "stream:river ", "bad-format"},
        {"<?xml version='1.0'?>", "<!DOCTYPE x>", "restricted-xml"},
        {"<?xml version='1.0'?>", "<?xml version='1.0' encoding='ISO-8859-1'?>", "unsupported-encoding"},
        {"<?xml version='1.0'?><", "GET / HTTP/1.1\r\n", "not-well-formed"},
    };
    for (const auto& one : cases) {
        House house;
        Talk talk{house, TlsMode::required};
        const std::string answer = talk.say(replaced(std::string{header}, one.from, one.to));
        EXPECT_THAT(answer, StartsWith("<?xml version='1.0'?><stream:stream ")) << one.to;
        EXPECT_THAT(answer, EndsWithError(one.condition)) << one.to;
        EXPECT_TRUE(talk.wire().closed()) << one.to;
        EXPECT_THAT(house.desk.gone, ElementsAre(&talk.stream())) << one.to;
    }
}

TEST(ClientStreamHeader, MayBeOfALaterVersion) {
    House house;
    for (const char* const version : {"version='1.10'>", "version='2.0'>"}) {
        Talk later{house, TlsMode::required};
        EXPECT_THAT(later.say(replaced(std::string{header}, "version='1.0'>", version)),
                    HasSubstr("<stream:features>"));
    }
}

TEST(ClientStreamHeader, CannotChangeTheDomainAfterLogin) {
    PlainHouse house;
    Talk talk{house, TlsMode::none};
    talk.say(header);
    talk.login();
    EXPECT_THAT(talk.say(replaced(std::string{header}, "example.org", "example.net")), EndsWithError("host-unknown"));
}

// ---- Registration: XEP-0077 ----

constexpr std::string_view register_get =
    "<iq type='get' id='r1' to='example.org'><query xmlns='jabber:iq:register'/></iq>";
constexpr std::string_view register_set =
    "<iq type='set' id='r2'><query xmlns='jabber:iq:register'><username>bill</username>"
    "<password>Calliope</password></query></iq>";

TEST(ClientStreamRegistration, IsOfferedWhereItIsAllowedAndSafe) {
    House house;
    Talk off{house, TlsMode::direct, true};
    EXPECT_THAT(off.say(header), Not(HasSubstr("iq-register")));
    EXPECT_THAT(off.say(register_get), HasSubstr("<service-unavailable "));

    house.desk.domain.may_register = [](std::string_view) { return true; };
    Talk tls{house, TlsMode::direct, true};
    EXPECT_THAT(tls.say(header), HasSubstr("<register xmlns='http://jabber.org/features/iq-register'/>"));
    for (const TlsMode mode : {TlsMode::required, TlsMode::optional}) {
        Talk clear{house, mode};
        EXPECT_THAT(clear.say(header), Not(HasSubstr("iq-register")));
        EXPECT_THAT(clear.say(register_get), HasSubstr("<policy-violation "));
    }
    house.desk.domain.may_register = [](std::string_view) { return false; };
    Talk stranger{house, TlsMode::direct, true};
    EXPECT_THAT(stranger.say(header), Not(HasSubstr("iq-register")));
    EXPECT_THAT(stranger.say(register_get), HasSubstr("<forbidden "));
    EXPECT_THAT(house.desk.registering, IsEmpty());
}

TEST(ClientStreamRegistration, MakesOneAccountAStream) {
    House house;
    house.desk.domain.may_register = [](std::string_view) { return true; };
    Talk talk{house, TlsMode::direct, true};
    talk.say(header);
    EXPECT_THAT(talk.say(register_get), HasSubstr("type='result' id='r1'"));
    EXPECT_THAT(talk.say(register_set), HasSubstr("type='result' id='r2'"));
    EXPECT_THAT(talk.say(register_set), HasSubstr("<not-acceptable "));
    EXPECT_EQ(house.desk.registering.size(), 2u);
}

TEST(ClientStreamRegistration, EndsTheStreamOfWhoAsksTooOften) {
    House house;
    house.desk.domain.may_register = [](std::string_view) { return true; };
    Talk talk{house, TlsMode::direct, true};
    talk.say(header);
    for (int i = 0; i < 10; ++i) EXPECT_THAT(talk.say(register_get), HasSubstr("type='result'"));
    EXPECT_THAT(talk.say(register_get), EndsWithError("policy-violation"));
}

TEST(ClientStreamRegistration, IsTheOnlyStanzaBeforeTheLogin) {
    for (const std::string_view other :
         {"<iq type='get' id='x' to='other.org'><query xmlns='jabber:iq:register'/></iq>",
          "<iq type='get' id='x'><query xmlns='jabber:iq:roster'/></iq>",
          "<iq type='get'><query xmlns='jabber:iq:register'/></iq>",
          "<iq type='result' id='x'><query xmlns='jabber:iq:register'/></iq>"}) {
        House house;
        house.desk.domain.may_register = [](std::string_view) { return true; };
        Talk talk{house, TlsMode::direct, true};
        talk.say(header);
        EXPECT_THAT(talk.say(other), EndsWithError("not-authorized")) << other;
    }
}

// ---- Features ----

TEST(ClientStreamFeatures, AreTlsAloneWhereItIsRequired) {
    House house;
    house.desk.domain.offered = {{.needs = 0, .forbids = 0, .xml = "<always/>"},
                                 {.needs = authenticated, .forbids = 0, .xml = "<later/>"}};
    Talk talk{house, TlsMode::required};
    const std::string answer = talk.say(header);
    EXPECT_TRUE(
        answer.ends_with("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
                         "<always/></stream:features>"))
        << answer;
}

TEST(ClientStreamFeatures, WithOptionalTlsHaveNoPasswordInTheClear) {
    House house;
    Talk talk{house, TlsMode::optional};
    const std::string answer = talk.say(header);
    EXPECT_THAT(answer, HasSubstr("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'></starttls>"));
    EXPECT_THAT(answer, HasSubstr("<mechanism>SCRAM-SHA-256</mechanism>"));
    EXPECT_THAT(answer, Not(HasSubstr("PLAIN")));
    EXPECT_THAT(answer, Not(HasSubstr("-PLUS")));
}

TEST(ClientStreamFeatures, UnderTlsBindTheChannel) {
    House house;
    Talk talk{house, TlsMode::direct, true};
    const std::string answer = talk.say(header);
    EXPECT_THAT(answer, Not(HasSubstr("starttls")));
    EXPECT_THAT(answer, HasSubstr("<mechanism>SCRAM-SHA-256-PLUS</mechanism>"));
    EXPECT_THAT(answer, HasSubstr("<mechanism>PLAIN</mechanism>"));
    EXPECT_THAT(answer, HasSubstr("<channel-binding type='tls-exporter'/>"));
}

TEST(ClientStreamFeatures, AfterLoginAreBindAndWhatModulesOffer) {
    PlainHouse house;
    house.desk.domain.offered = {{.needs = authenticated, .forbids = bound, .xml = "<later/>"},
                                 {.needs = 0, .forbids = authenticated, .xml = "<before/>"}};
    Talk talk{house, TlsMode::none};
    EXPECT_THAT(talk.say(header), HasSubstr("<before/>"));
    talk.login();
    const std::string answer = talk.say(header);
    EXPECT_TRUE(
        answer.ends_with("<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm "
                         "xmlns='urn:xmpp:sm:3'/><later/></stream:features>"))
        << answer;
}

TEST(ClientStreamFeatures, HaveNoTlsWithoutACertificate) {
    House house;
    house.desk.domain.tls = false;
    Talk talk{house, TlsMode::optional};
    EXPECT_THAT(talk.say(header), Not(HasSubstr("starttls")));
}

// ---- STARTTLS ----

TEST(ClientStreamTls, BeginsAnewAndDropsWhatCameInTheClear) {
    House house;
    Talk talk{house, TlsMode::required};
    talk.say(header);
    EXPECT_EQ(talk.say(std::string{starttls} + std::string{header} + "<injected/><half"),
              "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    const std::string answer = talk.say(header);
    EXPECT_THAT(answer, StartsWith("<?xml version='1.0'?><stream:stream "));
    EXPECT_THAT(answer, HasSubstr("PLAIN"));
    EXPECT_THAT(answer, Not(HasSubstr("starttls")));
    EXPECT_THAT(answer, Not(HasSubstr("error")));
}

TEST(ClientStreamTls, IsRefusedWhereThereIsNone) {
    PlainHouse house;
    Talk talk{house, TlsMode::none};
    talk.say(header);
    EXPECT_EQ(talk.say(starttls), "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
    EXPECT_TRUE(talk.wire().closed());
}

TEST(ClientStreamTls, IsNotNegotiatedTwice) {
    House house;
    Talk talk{house, TlsMode::direct, true};
    talk.say(header);
    EXPECT_THAT(talk.say(starttls), EndsWithError("policy-violation"));
}

// ---- Order ----

TEST(ClientStreamOrder, StanzasComeAfterLoginAndBinding) {
    PlainHouse house;
    for (const std::string_view stanza :
         {std::string_view{"<message/>"}, std::string_view{"<iq type='get' id='1'/>"}, bind_request}) {
        Talk talk{house, TlsMode::none};
        talk.say(header);
        EXPECT_THAT(talk.say(stanza), EndsWithError("not-authorized"));
    }
    Talk talk{house, TlsMode::none};
    talk.say(header);
    talk.login();
    talk.say(header);
    EXPECT_THAT(talk.say("<presence/>"), EndsWithError("not-authorized"));
    EXPECT_THAT(talk.sink.got, IsEmpty());
}

TEST(ClientStreamOrder, WhatNobodyKnowsIsNoStanza) {
    PlainHouse house;
    Talk talk{house, TlsMode::none};
    talk.say(header);
    EXPECT_THAT(talk.say("<hello xmlns='urn:example'/>"), EndsWithError("unsupported-stanza-type"));
}

TEST(ClientStreamOrder, LoggingInTwiceIsNotPossible) {
    PlainHouse house;
    Talk talk{house, TlsMode::none};
    talk.say(header);
    talk.login();
    talk.say(header);
    EXPECT_THAT(talk.login(), EndsWithError("policy-violation"));
}

// ---- Binding ----

struct BoundTalk : PlainHouse {
    BoundTalk() {
        talk.say(header);
        talk.login();
        talk.say(header);
        bound = talk.say(bind_request);
    }
    Talk talk{*this, TlsMode::none};
    std::string bound;
};

TEST(ClientStreamBind, SaysTheFullAddress) {
    BoundTalk house;
    EXPECT_EQ(house.bound,
              "<iq type='result' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
              "<jid>user@example.org/balcony</jid></bind></iq>");
    EXPECT_THAT(house.desk.bound, ElementsAre("user@example.org balcony"));
}

TEST(ClientStreamBind, LetsTheServerChoose) {
    PlainHouse house;
    Talk talk{house, TlsMode::none};
    talk.say(header);
    talk.login();
    talk.say(header);
    EXPECT_THAT(talk.say("<iq type='set' id='x'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"),
                HasSubstr("<jid>user@example.org/made-here</jid>"));
}

TEST(ClientStreamBind, NeedsAnId) {  // RFC 6120 section 8.2.3
    PlainHouse house;
    Talk talk{house, TlsMode::none};
    talk.say(header);
    talk.login();
    talk.say(header);
    EXPECT_THAT(talk.say("<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"),
                HasSubstr("<bad-request "));
    EXPECT_THAT(house.desk.bound, IsEmpty());
    EXPECT_THAT(talk.say(bind_request), HasSubstr("user@example.org/balcony"));
}

TEST(ClientStreamBind, MayBeRefusedAndTriedAgain) {
    PlainHouse house;
    Talk talk{house, TlsMode::none};
    talk.say(header);
    talk.login();
    talk.say(header);
    house.desk.on_enter = [&](ClientStream& stream, const Jid&, Entry&) {
        house.shard.post([&] { stream.refuse_bind({Condition::conflict, ErrorType::cancel, {}}); });
    };
    EXPECT_THAT(talk.say(bind_request), HasSubstr("<iq type='error' id='b1'><error type='cancel'><conflict "));
    house.desk.on_enter = nullptr;
    EXPECT_THAT(talk.say(bind_request), HasSubstr("user@example.org/balcony"));
}

TEST(ClientStreamStanzas, GoToTheSinkInOrder) {
    BoundTalk house;
    house.talk.say(
        "<message to='a@example.org'><body>1</body></message> \n <presence/><iq type='get' id='1'><q xmlns='x'/></iq>");
    ASSERT_EQ(house.talk.sink.got.size(), 3u);
    EXPECT_THAT(house.talk.sink.got[0], HasSubstr("<body>1</body>"));
    EXPECT_THAT(house.talk.sink.got[2], StartsWith("<iq "));
}

TEST(ClientStreamStanzas, ThatAreNoneEndTheStream) {
    BoundTalk house;
    EXPECT_THAT(house.talk.say("<massage/>"), EndsWithError("unsupported-stanza-type"));
    EXPECT_THAT(house.talk.sink.ended, ElementsAre("unsupported-stanza-type"));
}

TEST(ClientStreamStanzas, WithABadAddressAreAnswered) {
    BoundTalk house;
    EXPECT_EQ(house.talk.say("<message to='@example.org'/>"), "");
    EXPECT_EQ(house.talk.sink.refused.size(), 1u);
    EXPECT_TRUE(house.talk.stream().open());
    EXPECT_THAT(house.talk.say("<message from='@example.org'/>"), EndsWithError("invalid-from"));
}

}  // namespace
}  // namespace aldis::stream::test
