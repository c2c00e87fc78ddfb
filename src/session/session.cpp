#include "session/session.h"

#include <algorithm>

#include "session/account.h"
#include "session/home.h"
#include "xml/writer.h"

namespace aldis::session {

Session::Session(Account& account, std::uint64_t id, Jid jid) : account_{account}, id_{id}, jid_{std::move(jid)} {}

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

void Session::set_client(std::string client) {
    client_ = client.empty() ? nullptr : std::make_unique<std::string>(std::move(client));
}

// ---- What is sent to the client ----

void Session::send(stanza::Kind kind, const Bytes& wire) {
    if (gate_ != nullptr && gate_->keep(*this, kind, wire)) return;
    pass(kind, wire);
}

void Session::send(const AnyStanza& stanza) {
    std::visit([this](const auto& s) { send(s); }, stanza);
}

void Session::send(const Message& message, const std::shared_ptr<Delivery>& delivery,
                   const std::shared_ptr<const Tracked>& tracked) {
    if (gate_ != nullptr && gate_->keep(*this, stanza::Kind::message, message.wire())) return;
    pass({.wire = message.wire(), .delivery = delivery, .tracked = tracked});
}

void Session::send_to(const Bytes& wire, const Jid& to) {
    const std::size_t name_end = wire->find_first_of(" />", 1);
    std::string out;
    out.reserve(wire->size() + to.text().size() + 8);
    out.append(*wire, 0, name_end).append(" to='");
    xml::escape_attribute(out, to.text());
    out.append(1, '\'').append(*wire, name_end);
    if (gate_ == nullptr && !management_ && !holding_output_) {
        if (stream_) stream_->send(out);
        return;
    }
    send(stanza::Kind::presence, make_bytes(std::move(out)));
}

void Session::pass(Unacknowledged::Stanza stanza) {
    if (ended_) return;
    if (!holding_output_) return write(stanza);
    if (!held_output_) held_output_ = std::make_unique<HeldOutput>();
    // What is too much for a stream that waits is too much for one that is not there yet.
    const Resumption& bounds = account_.home().limits().resumption;
    const bool full = held_output_->bytes > bounds.bytes || held_output_->stanzas.size() >= bounds.stanzas;
    if (full) return end_soon("Too much was sent before the login was complete.");
    held_output_->bytes += stanza.wire->size();
    held_output_->stanzas.push_back(std::move(stanza));
}

void Session::release_output() {
    holding_output_ = false;
    const auto held = std::move(held_output_);
    if (!held) return;
    for (const Unacknowledged::Stanza& stanza : held->stanzas) write(stanza);
}

void Session::write(const Unacknowledged::Stanza& stanza) {
    if (stream_) stream_->send(*stanza.wire);
    if (!management_) {
        if (stanza.delivery && stream_) account_.taken(*stanza.delivery);
        return;
    }
    if (stanza.delivery) ++stanza.delivery->waiting;
    Unacknowledged::Stanza kept = stanza;
    kept.at = account_.home().shard().clock().now();
    check_bounds();
    management_->unacknowledged.add(std::move(kept));
    if (away_) account_.home().away_grew(stanza.wire->size());
    if (stream_) account_.home().count_connected(static_cast<std::ptrdiff_t>(stanza.wire->size()));
    ask_for_ack();
}

void Session::end(stream::StreamCondition condition, std::string_view text, std::string_view specific) {
    if (stream_) return stream_->end(condition, text, specific);
    // Nothing that concerns a connection can end it now.
    if (!ended_ && stream::ending_of(condition) == stream::Ending::refused)
        stream_ended(stream::Ending::refused, stream::name_of(condition));
}

void Session::end() {
    if (stream_) return stream_->end();
    if (!ended_) stream_ended(stream::Ending::closed, "closed");
}

// ---- What the client sends ----

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
    const Iq* const iq = std::get_if<Iq>(&stanza);
    if (iq != nullptr && iq->is_request() && tasks_ && tasks_->size() >= most_tasks) return true;
    // Messages overtake nothing: they follow each other to the disk.
    return in_flight_ > 0 && !std::holds_alternative<Message>(stanza);
}

void Session::take(AnyStanza stanza) {
    const std::uint64_t number = handled_.begin();
    if (auto* const message = std::get_if<Message>(&stanza)) {
        ++in_flight_;
        return account_.outward(*this, std::move(*message), number);
    }
    taken_ = number;
    const std::uint64_t submitted = account_.home().submitted();
    if (auto* const presence = std::get_if<Presence>(&stanza)) {
        account_.outward(*this, std::move(*presence));
    } else {
        account_.outward(*this, std::move(std::get<Iq>(stanza)));
    }
    if (taken_ == 0) return;
    if (account_.home().submitted() == submitted) return finish(defer());
    // Nobody waits for what it has stored, but it is not done with before that is on disk.
    account_.home().after_commits([&home = account_.home(), bare = account_.jid(), id = id_, number = defer()] {
        Account* const account = home.find(bare);
        if (Session* const session = account != nullptr ? account->find(id) : nullptr) session->finish(number);
    });
}

void Session::refuse(const xml::Document& element, const stanza::Error& error) {
    finish(handled_.begin());
    // An error is never answered with an error, a result neither (RFC 6120 sections 8.3.1 and 8.2.3).
    const std::string_view type = element.root().attribute_or("type", "");
    if (type == "error" || type == "result") return;
    xml::Document reply{element.root().name()};
    reply.root().set("type", "error");
    if (const auto id = element.root().attribute("id")) reply.root().set("id", *id);
    if (const auto to = element.root().attribute("to")) reply.root().set("from", *to);
    reply.root().set("to", jid_.text());
    stanza::add_error(reply.root(), error);
    const std::string_view name = element.root().local();
    const auto kind = name == "message"    ? stanza::Kind::message
                      : name == "presence" ? stanza::Kind::presence
                                           : stanza::Kind::iq;
    send(kind, make_bytes(xml::to_string(reply.root())));
}

void Session::stored(std::uint64_t number) {
    --in_flight_;
    finish(number);
    go_on();
}

void Session::block() {
    if (blocking_++ == 0) blocked_by_ = defer();
}

void Session::unblock() {
    if (--blocking_ == 0 && blocked_by_ != 0) finish(std::exchange(blocked_by_, 0));
    go_on();
}

void Session::finish(std::uint64_t number) {
    handled_.finish(number);
    if (!management_) return;
    if (management_->ack_due != 0) answer_ack_request();
    if (when_done_ && handled_.finished() == handled_.begun()) (*std::exchange(when_done_, nullptr))(true);
}

void Session::answered(std::uint64_t number) {
    finish(number);
    if (!waiting_) return;
    // Not from within the task that has answered: it would be what the next stanza is handled in.
    Home& home = account_.home();
    home.shard().post([&home, bare = account_.jid(), id = id_] {
        Account* const account = home.find(bare);
        if (Session* const session = account != nullptr ? account->find(id) : nullptr) session->go_on();
    });
}

void Session::go_on() {
    if (!waiting_ || must_wait(*waiting_)) return;
    const std::unique_ptr<AnyStanza> stanza = std::move(waiting_);
    take(std::move(*stanza));
    if (!waiting_ && stream_) stream_->unpause();
}

}  // namespace aldis::session
