#include "session/session.h"

#include <algorithm>

#include "session/account.h"
#include "session/home.h"
#include "xml/writer.h"

namespace aldis::session {

Session::Session(Account& account, std::uint64_t id, Jid jid, std::unique_ptr<stream::ClientStream> stream)
    : account_{account}, id_{id}, jid_{std::move(jid)}, stream_{std::move(stream)} {}

Session::~Session() = default;

TaskGroup& Session::tasks() {
    if (!tasks_) {
        tasks_ = std::make_unique<TaskGroup>([log = account_.home().log(), jid = jid_](std::exception_ptr fault) {
            try {
                std::rethrow_exception(fault);
            } catch (const std::exception& error) {
                log.error("a request failed", kv("jid", jid), kv("cause", error.what()));
            }
        });
    }
    return *tasks_;
}

bool Session::has_told(const Jid& other) const {
    return directed_ && std::ranges::any_of(*directed_, [&](const Jid& told) {
               return told == other || (told.is_bare() && told.same_bare(other));
           });
}

void Session::send(const Bytes& stanza) { stream_->send(*stanza); }

void Session::send_to(const Bytes& wire, const Jid& to) {
    const std::size_t name_end = wire->find_first_of(" />", 1);
    std::string out;
    out.reserve(wire->size() + to.text().size() + 8);
    out.append(*wire, 0, name_end).append(" to='");
    xml::escape_attribute(out, to.text());
    stream_->send(out.append(1, '\'').append(*wire, name_end));
}

void Session::end(stream::StreamCondition condition, std::string_view text) { stream_->end(condition, text); }
void Session::end() { stream_->end(); }

void Session::receive(AnyStanza stanza) {
    stanza::Stanza& base = stanza::base_of(stanza);
    account_.home().counters().received[stanza.index()].add();
    // RFC 6120 section 8.1.2.1: a client speaks for itself only.
    if (!base.from().empty() && base.from() != jid_ && base.from() != account_.jid())
        throw stream::StreamError{stream::StreamCondition::invalid_from};
    base.set_from(jid_);
    if (must_wait(stanza)) {
        // RFC 6120 section 10.1: what comes later on a stream takes effect later.
        waiting_ = std::make_unique<AnyStanza>(std::move(stanza));
        stream_->pause();
        return;
    }
    take(std::move(stanza));
}

bool Session::must_wait(const AnyStanza& stanza) const {
    if (blocking_ > 0) return true;
    // Messages overtake nothing: they follow each other to the disk.
    return in_flight_ > 0 && !std::holds_alternative<Message>(stanza);
}

void Session::take(AnyStanza stanza) {
    std::visit([this](auto& s) { take(std::move(s)); }, stanza);
}

void Session::take(Message message) { account_.outward(*this, std::move(message)); }
void Session::take(Presence presence) { account_.outward(*this, std::move(presence)); }
void Session::take(Iq iq) { account_.outward(*this, std::move(iq)); }

void Session::refuse(const xml::Document& element, const stanza::Error& error) {
    // An error is never answered with an error, a result neither (RFC 6120 sections 8.3.1 and 8.2.3).
    const std::string_view type = element.root().attribute_or("type", "");
    if (type == "error" || type == "result") return;
    xml::Document reply{element.root().name()};
    reply.root().set("type", "error");
    if (const auto id = element.root().attribute("id")) reply.root().set("id", *id);
    if (const auto to = element.root().attribute("to")) reply.root().set("from", *to);
    reply.root().set("to", jid_.text());
    stanza::add_error(reply.root(), error);
    send(make_bytes(xml::to_string(reply.root())));
}

void Session::stored() {
    --in_flight_;
    go_on();
}

void Session::unblock() {
    --blocking_;
    go_on();
}

void Session::go_on() {
    if (!waiting_ || must_wait(*waiting_)) return;
    const std::unique_ptr<AnyStanza> stanza = std::move(waiting_);
    take(std::move(*stanza));
    if (!waiting_) stream_->unpause();
}

void Session::stream_ended(std::string_view why) {
    waiting_.reset();  // too late: it would make the session seem alive
    account_.home().log().info("session ended", kv("jid", jid_), kv("why", why));
    account_.leave(*this);
}

void Session::stream_released() { account_.drop(*this); }

}  // namespace aldis::session
