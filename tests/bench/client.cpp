#include "client.h"

namespace load {

Client::Client(const Surroundings& surroundings, unsigned index)
    : around_{surroundings},
      connection_{surroundings.loop, *this},
      user_{user_name(surroundings.options, index + 1)},
      index_{index} {}

void Client::log_in(const Login& how) {
    login_ = how;
    if (!how.resume) management_ = {};
    step_ = &Client::before_login;
    ready_ = leaving_ = is_secure_ = uses_token_ = was_resumed_ = false;
    login_began_ = clock_now();
    connection_.open(around_.server);
}

void Client::log_out() {
    leaving_ = true;
    ready_ = false;
    send("</stream:stream>");
}

void Client::cut() {
    leaving_ = true;
    ready_ = false;
    connection_.cut();
}

void Client::check() const {
    if (not_offered_) throw NotOffered{failure_};
    if (has_failed()) throw std::runtime_error{failure_};
}

void Client::connected() {
    if (around_.options.tls == TlsMode::direct) return connection_.start_tls(around_.tls, around_.options.domain, true);
    open_stream();
}

void Client::secured() {
    is_secure_ = true;
    open_stream();
    // XEP-0484: who has a token knows what the server offers and needs one round trip only.
    if (login_.auth == Auth::fast && !token_.empty()) authenticate_with_token();
}

/// XEP-0484 section 6.1 asks for the 'from', which RFC 6120 section 4.7.1 allows on streams that are encrypted.
void Client::open_stream() {
    scanner_.restart();
    const std::string from = is_secure_ && login_.auth != Auth::sasl1 ? "from='" + bare_jid() + "' " : "";
    send("<?xml version='1.0'?><stream:stream " + from + "to='" + around_.options.domain +
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
    if (is_named(element, "r")) return send(management_.acknowledgement());
    management_.count(element);
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
    } catch (const NotOffered& error) {
        not_offered_ = true;
        fail(error.what());
    } catch (const std::runtime_error& error) {
        fail(error.what());
    }
}

/// Pings, roster pushes, disco#info; to anything else an empty result does no harm here.
void Client::answer_request(std::string_view iq) {
    if (attribute(tag_of(iq, "query"), "xmlns") == "jabber:iq:roster") note_contacts(iq);
    const std::string_view from = attribute(iq, "from");
    std::string answer = "<iq type='result' id='" + std::string{attribute(iq, "id")} + "'";
    if (!from.empty()) answer += " to='" + std::string{from} + "'";
    const std::string_view query = tag_of(iq, "query");
    if (attribute(query, "xmlns") != "http://jabber.org/protocol/disco#info") return send(answer + "/>");
    send(answer + "><query xmlns='http://jabber.org/protocol/disco#info' node='" +
         std::string{attribute(query, "node")} + "'>" + disco_ + "</query></iq>");
}

void Client::note_contacts(std::string_view roster) {
    for (std::size_t at = roster.find("<item"); at != roster.npos; at = roster.find("<item", at + 1)) {
        const std::string_view item = tag_of(roster.substr(at), "item");
        if (attribute(item, "subscription") == "both") contacts_.emplace(attribute(item, "jid"));
    }
}

void Client::fail(std::string_view why) {
    ready_ = false;
    if (failure_.empty() && !leaving_) failure_ = user_ + ": " + std::string{why};
    connection_.close();
}

}  // namespace load
