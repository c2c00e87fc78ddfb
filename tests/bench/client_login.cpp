// How a client gets from a connection to a session: RFC 6120 with XEP-0198, and XEP-0388 with XEP-0386 and XEP-0484.
#include "client.h"
#include "sasl2.h"

namespace load {
namespace {

const std::string xmlns_sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
const std::string xmlns_sasl2 = "urn:xmpp:sasl:2";

/// The best mechanism that is offered. PLAIN is the last resort.
std::string choose_mechanism(std::string_view features, const std::string& wished) {
    for (const std::string_view name : {"SCRAM-SHA-256", "SCRAM-SHA-1", "SCRAM-SHA-512", "PLAIN"}) {
        if (!wished.empty() && wished != name) continue;
        if (features.contains("<mechanism>" + std::string{name} + "</mechanism>")) return std::string{name};
    }
    throw std::runtime_error{"no SASL mechanism in common: " + std::string{features}};
}

/// RFC 3921's session request is for servers that do not mark it as optional.
bool requires_session(std::string_view features) {
    const std::size_t begin = features.find("<session");
    if (begin == features.npos) return false;
    return !features.substr(begin, features.find("</session>", begin) - begin).contains("<optional");
}

void require(std::string_view features, std::string_view what, const char* name) {
    if (!features.contains(what)) throw NotOffered{std::string{name} + " is not offered"};
}

}  // namespace

void Client::before_login(std::string_view features) {
    if (around_.options.tls != TlsMode::starttls || is_secure_) return authenticate(features);
    if (!features.contains("urn:ietf:params:xml:ns:xmpp-tls")) return fail("STARTTLS is not offered");
    step_ = &Client::proceed;
    send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
}

void Client::proceed(std::string_view answer) {
    if (!answer.starts_with("<proceed")) return fail(answer);
    step_ = &Client::before_login;
    connection_.start_tls(around_.tls, around_.options.domain, false);
}

std::string Client::first_message(const std::string& mechanism) {
    if (mechanism == "PLAIN") return '\0' + user_ + '\0' + around_.options.password;
    scram_.emplace(mechanism, user_, around_.options.password);
    return scram_->first_message();
}

void Client::authenticate(std::string_view features) {
    const std::string& wished = around_.options.mechanism;
    if (login_.auth == Auth::sasl1) {
        const std::string mechanism = choose_mechanism(features, wished);
        step_ = &Client::challenge;
        return send("<auth xmlns='" + xmlns_sasl + "' mechanism='" + mechanism + "'>" +
                    to_base64(first_message(mechanism)) + "</auth>");
    }
    require(features, xmlns_sasl2, "SASL2");
    require(features, "urn:xmpp:bind:0", "Bind 2");
    const bool wants_token = login_.auth == Auth::fast;
    if (wants_token) require(features, fast_mechanism, "FAST");
    if (login_.manage) require(features, "urn:xmpp:sm:3", "stream management");
    const std::string mechanism = choose_mechanism(features.substr(features.find("<authentication")), wished);
    step_ = &Client::authenticated;
    send(to_xml({.mechanism = mechanism,
                 .initial_response = first_message(mechanism),
                 .client = index_,
                 .wants_token = wants_token,
                 .manage = login_.manage,
                 .resume = login_.resume ? management_.resume() : ""}));
}

void Client::authenticate_with_token() {
    uses_token_ = true;
    step_ = &Client::authenticated;
    send(to_xml({.mechanism = std::string{fast_mechanism},
                 .initial_response = fast_response(user_, token_),
                 .client = index_,
                 .with_token = true,
                 .manage = login_.manage,
                 .resume = login_.resume ? management_.resume() : ""}));
}

void Client::respond(std::string_view challenge, const std::string& xmlns) {
    const std::string response = scram_->final_message(from_base64(content_of(challenge)).value_or(""));
    send("<response xmlns='" + xmlns + "'>" + to_base64(response) + "</response>");
}

void Client::challenge(std::string_view answer) {
    if (is_named(answer, "challenge") && scram_) return respond(answer, xmlns_sasl);
    if (!is_named(answer, "success")) return fail(answer);
    if (scram_ && !scram_->accepts(from_base64(content_of(answer)).value_or("")))
        return fail("the server does not know the password");
    scram_.reset();
    step_ = &Client::after_login;
    open_stream();
}

/// The answers of XEP-0388; with a token, the features come first, for nobody has waited for them.
void Client::authenticated(std::string_view answer) {
    if (is_named(answer, "stream:features")) return;
    if (is_named(answer, "challenge") && scram_) return respond(answer, xmlns_sasl2);
    if (!is_named(answer, "success")) return fail(answer);
    const Sasl2Success success = parse_success(answer);
    const bool knows = uses_token_ ? fast_accepts(token_, success.additional_data)
                                   : !scram_ || scram_->accepts(success.additional_data);
    if (!knows) return fail("the server does not know the secret");
    scram_.reset();
    if (!success.token.empty()) token_ = success.token;
    if (login_.resume && management_.resumed(success.resumed)) {
        was_resumed_ = true;
        return become_ready();
    }
    if (success.jid.find('/') == success.jid.npos) return fail(answer);
    jid_ = success.jid;
    if (login_.manage && !management_.enabled(success.enabled)) return fail("sessions cannot be resumed");
    if (!login_.settle) return become_ready();
    settle();
}

void Client::after_login(std::string_view features) {
    needs_session_ = requires_session(features);
    if (login_.manage) require(features, "urn:xmpp:sm:3", "stream management");
    if (!login_.resume || !management_.can_resume()) return bind();
    step_ = &Client::resumed;
    send(management_.resume());
}

/// XEP-0198 "Resumption": when it fails, a resource is bound as usual.
void Client::resumed(std::string_view answer) {
    if (is_named(answer, "failed")) return bind();
    if (!management_.resumed(answer)) return fail(answer);
    was_resumed_ = true;
    become_ready();
}

void Client::bind() {
    management_ = {};
    step_ = &Client::bound;
    send(
        "<iq type='set' id='bind'><bind "
        "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>load</resource></bind></iq>");
}

void Client::bound(std::string_view iq) {
    jid_ = text_of(iq, "jid");
    if (attribute(iq, "type") != "result" || jid_.empty()) return fail(iq);
    if (!needs_session_) return begin();
    step_ = &Client::session_begun;
    send("<iq type='set' id='session'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
}

void Client::session_begun(std::string_view iq) {
    if (attribute(iq, "type") != "result") return fail(iq);
    begin();
}

void Client::begin() {
    if (!login_.manage) return login_.settle ? settle() : become_ready();
    step_ = &Client::managed;
    send(StreamManagement::enable);
}

void Client::managed(std::string_view answer) {
    if (is_named(answer, "presence") || is_named(answer, "message")) return;  // from others, who know the resource
    if (!management_.enabled(answer)) return fail(answer);
    login_.settle ? settle() : become_ready();
}

/// The ping is answered when all before it has been handled; whether it is understood does not matter.
void Client::settle() {
    step_ = &Client::settled;
    contacts_.clear();
    send(
        "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>"
        "<presence/>"
        "<iq type='get' id='settled' to='" +
        around_.options.domain + "'><ping xmlns='urn:xmpp:ping'/></iq>");
}

void Client::settled(std::string_view stanza) {
    if (!is_named(stanza, "iq")) return;  // presence, also our own
    const std::string_view id = attribute(stanza, "id");
    if (id == "roster") note_contacts(stanza);
    if (id == "settled") become_ready();
}

void Client::become_ready() {
    ready_ = true;
    login_took_ = clock_now() - login_began_;
}

}  // namespace load
