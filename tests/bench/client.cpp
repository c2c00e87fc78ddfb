#include "client.h"

#include <stdexcept>

namespace load {
namespace {

unsigned count_of(std::string_view text, std::string_view part) {
    unsigned count = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

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

}  // namespace

Client::Client(const Surroundings& surroundings, unsigned index)
    : around_{surroundings},
      connection_{surroundings.loop, *this},
      user_{user_name(surroundings.options, index + 1)},
      index_{index} {}

void Client::log_in() {
    step_ = &Client::before_login;
    connection_.open(around_.server);
}

void Client::log_out() {
    leaving_ = true;
    ready_ = false;
    send("</stream:stream>");
}

void Client::connected() {
    if (around_.options.tls == TlsMode::direct) return connection_.start_tls(around_.tls, around_.options.domain, true);
    open_stream();
}

void Client::secured() {
    is_secure_ = true;
    open_stream();
}

void Client::open_stream() {
    scanner_.restart();
    send("<?xml version='1.0'?><stream:stream to='" + around_.options.domain +
         "' version='1.0' xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
}

std::size_t Client::received(std::string_view bytes) {
    std::size_t taken = 0;
    while (connection_.is_open()) {
        const Scanner::Piece piece = scanner_.next(bytes.substr(taken));
        if (piece.kind == Scanner::Kind::none) break;
        const std::string_view text = bytes.substr(taken + piece.begin, piece.end - piece.begin);
        taken += piece.end;
        if (piece.kind == Scanner::Kind::element) element(text);
        if (piece.kind == Scanner::Kind::stream_end) {
            fail("the server closed the stream");
            break;
        }
    }
    return connection_.is_open() ? taken : bytes.size();
}

void Client::closed(std::string_view why) { fail(why); }

void Client::element(std::string_view element) {
    if (element.starts_with("<stream:error")) return fail(element);
    if (element.starts_with("<iq")) {
        const std::string_view type = attribute(element, "type");
        if (type == "get" || type == "set") return answer_request(element);
    }
    if (ready_ && handler_ != nullptr) return handler_->stanza(*this, element);
    if (!ready_ && !leaving_) take_step(element);
}

void Client::take_step(std::string_view element) {
    try {
        (this->*step_)(element);
    } catch (const std::runtime_error& error) {
        fail(error.what());
    }
}

/// Pings and roster pushes; to anything else an empty result does no harm here.
void Client::answer_request(std::string_view iq) {
    const std::string_view from = attribute(iq, "from");
    std::string answer = "<iq type='result' id='" + std::string{attribute(iq, "id")} + "'";
    if (!from.empty()) answer += " to='" + std::string{from} + "'";
    send(answer + "/>");
}

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

void Client::authenticate(std::string_view features) {
    const std::string mechanism = choose_mechanism(features, around_.options.mechanism);
    std::string initial{'\0'};
    if (mechanism == "PLAIN") {
        initial += user_ + '\0' + around_.options.password;
    } else {
        scram_.emplace(mechanism, user_, around_.options.password);
        initial = scram_->first_message();
    }
    step_ = &Client::challenge;
    send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='" + mechanism + "'>" + to_base64(initial) +
         "</auth>");
}

void Client::challenge(std::string_view answer) {
    const std::string text = from_base64(content_of(answer)).value_or("");
    if (answer.starts_with("<challenge") && scram_) {
        const std::string response = scram_->final_message(text);
        return send("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + to_base64(response) + "</response>");
    }
    if (!answer.starts_with("<success")) return fail(answer);
    if (scram_ && !scram_->accepts(text)) return fail("the server does not know the password");
    scram_.reset();
    step_ = &Client::after_login;
    open_stream();
}

void Client::after_login(std::string_view features) {
    needs_session_ = requires_session(features);
    step_ = &Client::bound;
    send(
        "<iq type='set' id='bind'><bind "
        "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>load</resource></bind></iq>");
}

void Client::bound(std::string_view iq) {
    jid_ = text_of(iq, "jid");
    if (attribute(iq, "type") != "result" || jid_.empty()) return fail(iq);
    if (!needs_session_) return settle();
    step_ = &Client::session_begun;
    send("<iq type='set' id='session'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
}

void Client::session_begun(std::string_view iq) {
    if (attribute(iq, "type") != "result") return fail(iq);
    settle();
}

/// The ping is answered when all before it has been handled; whether it is understood does not matter.
void Client::settle() {
    step_ = &Client::settled;
    send(
        "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>"
        "<presence/>"
        "<iq type='get' id='settled' to='" +
        around_.options.domain + "'><ping xmlns='urn:xmpp:ping'/></iq>");
}

void Client::settled(std::string_view stanza) {
    if (!stanza.starts_with("<iq")) return;  // presence, also our own
    const std::string_view id = attribute(stanza, "id");
    if (id == "roster") contacts_ = count_of(stanza, "subscription='both'") + count_of(stanza, "subscription=\"both\"");
    if (id == "settled") ready_ = true;
}

void Client::fail(std::string_view why) {
    ready_ = false;
    if (failure_.empty() && !leaving_) failure_ = user_ + ": " + std::string{why};
    connection_.close();
}

}  // namespace load
