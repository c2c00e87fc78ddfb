#include "stanza/stanza.h"

#include <gtest/gtest.h>

#include "xep/xep0203_delay.h"
#include "xep/xep0359_stanza_ids.h"
#include "xml/parser.h"

namespace aldis::stanza {
namespace {

std::expected<AnyStanza, StanzaFault> read(std::string_view text, std::string_view content_ns = xml::client_ns) {
    xml::Document document = xml::parse_document(text, content_ns);
    return stanza::read(document, content_ns);
}

template <class S>
S read_as(std::string_view text) {
    return std::get<S>(std::move(*read(text)));
}

Jid jid(std::string_view text) { return *Jid::parse(text); }

template <class Fault>
bool refused(std::string_view text) {
    const auto stanza = read(text);
    return !stanza && std::holds_alternative<Fault>(stanza.error());
}

TEST(Stanza, IsOneOfThreeKinds) {
    EXPECT_TRUE(std::holds_alternative<Message>(*read("<message/>")));
    EXPECT_TRUE(std::holds_alternative<Presence>(*read("<presence/>")));
    EXPECT_TRUE(std::holds_alternative<Iq>(*read("<iq type='get'/>")));
    for (const char* text : {"<messages/>", "<message xmlns='jabber:server'/>", "<message xmlns=''/>", "<a/>"})
        EXPECT_TRUE(refused<NotAStanza>(text)) << text;
}

TEST(Stanza, HasItsAddressesParsed) {
    const auto message = read_as<Message>("<message from='Romeo@Example.org/a' to='juliet@example.net' id='1'/>");
    EXPECT_EQ(message.from(), jid("romeo@example.org/a"));
    EXPECT_EQ(message.to(), jid("juliet@example.net"));
    EXPECT_EQ(message.id(), "1");
    EXPECT_TRUE(read_as<Message>("<message/>").to().empty());
    EXPECT_TRUE(refused<BadFrom>("<message from='@x'/>"));
    EXPECT_TRUE(refused<BadFrom>("<message from=''/>"));
    EXPECT_TRUE(refused<Error>("<message to='@x'/>"));
    EXPECT_EQ(std::get<Error>(read("<message to=''/>").error()).condition, Condition::jid_malformed);
}

TEST(Stanza, HasAType) {
    EXPECT_EQ(read_as<Message>("<message/>").type(), MessageType::normal);
    EXPECT_EQ(read_as<Message>("<message type='chat'/>").type(), MessageType::chat);
    EXPECT_EQ(read_as<Message>("<message type='strange'/>").type(), MessageType::normal);
    EXPECT_EQ(read_as<Presence>("<presence/>").type(), PresenceType::available);
    EXPECT_EQ(read_as<Presence>("<presence type='probe'/>").type(), PresenceType::probe);
    EXPECT_EQ(read_as<Iq>("<iq type='set'/>").type(), IqType::set);
    for (const char* text : {"<presence type='available'/>", "<presence type=''/>", "<iq/>", "<iq type='GET'/>"})
        EXPECT_TRUE(refused<Error>(text)) << text;
}

TEST(Stanza, TellsWhatItsKindKnows) {
    EXPECT_EQ(read_as<Message>("<message><body>a<b/>b</body><body>c</body></message>").body(), "ab");
    EXPECT_EQ(read_as<Message>("<message><body xmlns='other'>a</body></message>").body(), std::nullopt);
    EXPECT_TRUE(read_as<Message>("<message type='error'/>").is_error());
    EXPECT_EQ(read_as<Presence>("<presence><priority> -5\n</priority></presence>").priority(), -5);
    EXPECT_EQ(read_as<Presence>("<presence><priority>128</priority></presence>").priority(), 0);
    EXPECT_EQ(read_as<Presence>("<presence/>").priority(), 0);
    EXPECT_TRUE(read_as<Presence>("<presence type='unsubscribed'/>").is_subscription());
    EXPECT_FALSE(read_as<Presence>("<presence type='probe'/>").is_subscription());
    EXPECT_FALSE(read_as<Presence>("<presence type='error'/>").is_subscription());
    EXPECT_EQ(read_as<Iq>("<iq type='get'>x<a/><b/></iq>").payload()->local(), "a");
    EXPECT_EQ(read_as<Iq>("<iq type='result'/>").payload(), nullptr);
}

TEST(Stanza, OfAnotherStreamComesIntoTheClientNamespace) {
    auto stanza = read("<message><body>x</body><a xmlns='u'><b xmlns='jabber:server'/></a></message>", "jabber:server");
    ASSERT_TRUE(stanza);
    EXPECT_EQ(std::get<Message>(*stanza).body(), "x");
    EXPECT_EQ(*base_of(*stanza).wire(), "<message><body>x</body><a xmlns='u'><b xmlns='jabber:client'/></a></message>");
}

TEST(Stanza, IsSerialisedOnceAndAnewAfterAChange) {
    auto message = read_as<Message>("<message from='a@b' to='c@d'><body>x</body></message>");
    const Bytes first = message.wire();
    EXPECT_EQ(message.wire(), first);
    message.set_from(jid("e@f/g"));
    message.set_to({});
    EXPECT_EQ(*first, "<message from='a@b' to='c@d'><body>x</body></message>");
    EXPECT_EQ(*message.wire(), "<message from='e@f/g'><body>x</body></message>");
}

TEST(Stanza, IsMadeFromItsParts) {
    Message message{{.from = jid("a@b"), .to = jid("c@d/e"), .type = MessageType::chat, .id = "<1>"}};
    EXPECT_EQ(*message.wire(), "<message from='a@b' to='c@d/e' type='chat' id='&lt;1&gt;'/>");
    EXPECT_EQ(*(Presence{{.type = PresenceType::available}}.wire()), "<presence/>");
    EXPECT_EQ(*(Iq{{.type = IqType::set, .id = "2"}}.wire()), "<iq type='set' id='2'/>");
    EXPECT_EQ(*Message{{}}.wire(), "<message/>");
}

TEST(Stanza, IsAnnotatedWithoutBeingWrittenAnew) {
    for (const char* text : {"<message/>", "<message><body>&lt;/</body></message>", "<message>x</message>",
                             "<message><a xmlns='u'><message xmlns='u'/></a></message>"}) {
        auto annotated = read_as<Message>(text);
        auto added = read_as<Message>(text);
        static_cast<void>(annotated.wire());
        for (const char* id : {"1", "2"}) {
            annotated.annotate(xep::StanzaId{.id = id, .by = jid("a@b")});
            added.add(xep::StanzaId{.id = id, .by = jid("a@b")});
        }
        EXPECT_EQ(*annotated.wire(), *added.wire());
        EXPECT_EQ(*annotated.wire(), xml::to_string(annotated.element()));
    }
}

TEST(Stanza, GivesItsPayloads) {
    Message message{{}};
    EXPECT_FALSE(message.has<xep::Delay>());
    message.add(xep::Delay{.stamp = {}, .reason = "why"});
    EXPECT_TRUE(message.has<xep::Delay>());
    EXPECT_EQ(message.get<xep::Delay>()->reason, "why");
    const auto malformed = read_as<Message>("<message><delay xmlns='urn:xmpp:delay' stamp='now'/></message>");
    EXPECT_TRUE(malformed.has<xep::Delay>());
    EXPECT_FALSE(malformed.get<xep::Delay>());
}

constexpr Error gone{Condition::gone, ErrorType::cancel, "It is <gone>."};

TEST(StanzaError, AnswersTheSender) {
    const auto message = read_as<Message>("<message from='a@b/c' to='d@e' id='7' type='chat'><body/></message>");
    const std::optional<AnyStanza> reply = error_reply(message, gone);
    ASSERT_TRUE(reply);
    EXPECT_EQ(*base_of(*reply).wire(),
              "<message from='d@e' to='a@b/c' type='error' id='7'><error type='cancel'><gone "
              "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' "
              "xml:lang='en'>It is &lt;gone&gt;.</text></error></message>");
    EXPECT_EQ(error_of(base_of(*reply).element())->condition, Condition::gone);
}

// XEP-0077 "Error Handling", with the codes of XEP-0086
TEST(StanzaError, OfARegistrationHasTheOldCode) {
    const auto request = read_as<Iq>("<iq type='set' id='r'><query xmlns='jabber:iq:register'/></iq>");
    const auto code_of = [&](Condition condition) {
        const auto reply = error_reply(request, {condition, ErrorType::cancel, {}});
        return std::string{base_of(*reply).element().first_element()->attribute_or("code", "none")};
    };
    EXPECT_EQ(code_of(Condition::conflict), "409");
    EXPECT_EQ(code_of(Condition::not_acceptable), "406");
    EXPECT_EQ(code_of(Condition::bad_request), "400");
    EXPECT_EQ(code_of(Condition::not_authorized), "401");
    EXPECT_EQ(code_of(Condition::not_allowed), "405");
    EXPECT_EQ(code_of(Condition::policy_violation), "none");
    EXPECT_EQ(code_of(Condition::subscription_required), "407");
    EXPECT_EQ(code_of(Condition::unexpected_request), "400");
    auto refusal = read_as<Iq>("<iq type='error' id='r'><query xmlns='jabber:iq:register'/></iq>");
    add_error(refusal.edit(), {Condition::forbidden, ErrorType::auth, {}});
    EXPECT_NE(refusal.wire()->find(" code='403'"), std::string::npos);
}

TEST(StanzaError, OfANodeHasTheOldCode) {
    const auto request = read_as<Iq>("<iq type='get' id='r'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>");
    const auto reply = error_reply(request, {Condition::item_not_found, ErrorType::cancel, {}});
    EXPECT_EQ(base_of(*reply).element().first_element()->attribute_or("code", "none"), "404");
    const auto other = error_reply(read_as<Iq>("<iq type='get' id='r'><query xmlns='urn:x'/></iq>"), gone);
    EXPECT_EQ(base_of(*other).element().first_element()->attribute_or("code", "none"), "none");
}

// RFC 6120 sections 8.3.1 and 8.2.3
TEST(StanzaError, IsNotAnsweredNorIsAResult) {
    for (const char* text :
         {"<message type='error'/>", "<presence type='error'/>", "<iq type='error'/>", "<iq type='result'/>"})
        EXPECT_FALSE(error_reply(*read(text), gone)) << text;
    for (const char* text : {"<message/>", "<presence type='probe'/>", "<iq type='get'/>", "<iq type='set'/>"})
        EXPECT_TRUE(error_reply(*read(text), gone)) << text;
}

TEST(StanzaError, IsReadBackWhateverItIs) {
    for (int condition = 0; condition < 22; ++condition) {
        for (int type = 0; type < 5; ++type) {
            const Error error{static_cast<Condition>(condition), static_cast<ErrorType>(type)};
            Message message{{.type = MessageType::error}};
            add_error(message.edit(), error);
            EXPECT_EQ(error_of(message.element()), error);
        }
    }
    EXPECT_EQ(error_of(read_as<Message>("<message type='error'/>").element()), std::nullopt);
    EXPECT_EQ(error_of(read_as<Message>("<message type='error'><error type='x'><y/></error></message>").element()),
              Error{});
}

TEST(Iq, IsAnsweredByAResultWithTheSameId) {
    const auto request = read_as<Iq>("<iq from='a@b/c' to='d' id='9' type='get'><x xmlns='u'/></iq>");
    EXPECT_EQ(*result_of(request).wire(), "<iq from='d' to='a@b/c' type='result' id='9'/>");
}

}  // namespace
}  // namespace aldis::stanza
