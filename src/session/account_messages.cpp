// The way of messages and IQs through an account: RFC 6121 sections 8.1 and 8.5.
#include <algorithm>

#include "session/account.h"
#include "session/home.h"

namespace aldis::session {
namespace {

constexpr stanza::Error not_here{Condition::service_unavailable, ErrorType::cancel, {}};

}  // namespace

mod::Step Account::run(mod::Direction direction, mod::Phase phase, Transit& transit) {
    for (const mod::MessageHandler& handler : host_.handlers().of(direction, phase)) {
        mod::Step step = handler(transit);
        if (!step || *step == mod::Flow::taken) return step;
    }
    return mod::Flow::pass;
}

void Account::outward(Session& session, Message message) {
    // RFC 6121 section 8.1.1.1: a message to nobody is one to oneself.
    if (message.to().empty()) message.set_to(jid_);
    Transfer transfer{.stanza = std::move(message),
                      .origin = {.session = session.id(), .shard = home_.shard().index()}};
    const metrics::Counter& received = home_.counters().received[0];
    if (received.value() % 16 == 0) transfer.received = home_.shard().clock().steady();
    Message& ours = std::get<Message>(transfer.stanza);
    Transit transit{.message = ours,
                    .account = *this,
                    .direction = mod::Direction::outward,
                    .unit = transfer.unit,
                    .session = &session,
                    .to_self = ours.to().same_bare(jid_)};
    ++session.in_flight_;
    using enum mod::Phase;
    for (const mod::Phase phase : {screen, amend, archive, copy, deliver}) {
        const mod::Step step = run(mod::Direction::outward, phase, transit);
        if (!step) return home_.refuse(std::move(transfer), step.error());
        if (*step == mod::Flow::taken) return home_.done(std::move(transfer));
    }
    home_.route(std::move(transfer));
}

void Account::outward(Session& session, Iq iq) {
    if (iq.is_request()) {
        // RFC 6120 section 8.2.3: an id, and exactly one child.
        const auto children = iq.element().children();
        const bool one = iq.payload() != nullptr && std::next(children.begin()) == children.end();
        if (!one || !iq.id() || iq.id()->empty())
            return home_.refuse(Transfer{.stanza = std::move(iq)}, {Condition::bad_request, ErrorType::modify,
                                                                    "A request has an id and exactly one child."});
    }
    if (iq.to().empty() || iq.to() == jid_) {
        // RFC 6120 section 10.3.3: a server handles on the account's behalf what is addressed to nobody.
        if (iq.is_request()) home_.answer(host_, std::move(iq), mod::For::own_account, this, &session);
        return;
    }
    if (iq.is_request() && iq.to() == host_.jid())
        return home_.answer(host_, std::move(iq), mod::For::server, this, &session);
    home_.route(AnyStanza{std::move(iq)});
}

void Account::inward(Transfer transfer) {
    if (std::holds_alternative<Message>(transfer.stanza)) {
        inward_message(std::move(transfer));
    } else if (std::holds_alternative<Presence>(transfer.stanza)) {
        inward_presence(std::move(transfer));
    } else {
        inward_iq(std::move(transfer));
    }
}

void Account::inward_message(Transfer transfer) {
    Message& message = std::get<Message>(transfer.stanza);
    Transit transit{.message = message,
                    .account = *this,
                    .direction = mod::Direction::inward,
                    .unit = transfer.unit,
                    .to_self = message.from().same_bare(jid_)};
    const Audience audience = session::audience(message.type(), message.to().is_bare(), presences(message.to()));
    if (audience == Audience::refused) return home_.refuse(std::move(transfer), not_here);

    using enum mod::Phase;
    const std::size_t brought = transfer.unit.size();  // by the sender's account
    for (const mod::Phase phase : {screen, amend, archive}) {
        const mod::Step step = run(mod::Direction::inward, phase, transit);
        if (!step) return home_.refuse(std::move(transfer), step.error());
        if (*step == mod::Flow::taken) return home_.commit(std::move(transfer), *this);
    }
    const bool archived = transfer.unit.size() > brought;
    if (audience == Audience::fall_back) {
        const std::size_t before = transfer.unit.size();
        const mod::Step step = run(mod::Direction::inward, fall_back, transit);
        if (!step) return home_.refuse(std::move(transfer), step.error());
        // In the receiver's archive is as good as in the offline storage: there is a copy that he will find.
        transfer.kept = *step == mod::Flow::taken || transfer.unit.size() > before || archived;
        if (!transfer.kept) return home_.refuse(std::move(transfer), not_here);
    }
    if (audience == Audience::non_negative && (waking_ > 0 || draining_)) queue_behind(transfer, transit);
    home_.commit(std::move(transfer), *this);
}

/// What waited for the account is still being sent: so that nothing overtakes it, this waits as well, if it can.
void Account::queue_behind(Transfer& transfer, Transit& transit) {
    if (transit.message.type() == MessageType::headline) return;
    const std::size_t before = transfer.unit.size();
    const mod::Step step = run(mod::Direction::inward, mod::Phase::fall_back, transit);
    transfer.kept = step && transfer.unit.size() > before;
}

void Account::inward_iq(Transfer transfer) {
    Iq& iq = std::get<Iq>(transfer.stanza);
    const Audience audience = session::audience(iq.type(), iq.to().is_bare(), presences(iq.to()));
    if (audience == Audience::account) {
        const mod::For target = iq.from().same_bare(jid_) ? mod::For::own_account : mod::For::account;
        return home_.answer(host_, std::move(iq), target, this, nullptr);
    }
    if (audience == Audience::exact && iq.is_request() && !may_ask(iq.from(), iq.to()))
        return home_.refuse(std::move(transfer), not_here);
    home_.commit(std::move(transfer), *this);
}

/// RFC 6121 section 8.5.3.1: a request reaches a resource only from those it shares its presence with. To others the
/// resource is not there.
bool Account::may_ask(const Jid& from, const Jid& to) const {
    if (from.same_bare(jid_) || !from.has_local() || contacts_.subscribed_from(from.bare_text())) return true;
    const Session* const session = find(to.resource());
    return session != nullptr && session->has_told(from);
}

void Account::deliver(Transfer transfer) {
    if (auto* const message = std::get_if<Message>(&transfer.stanza)) return deliver_message(transfer, *message);
    stanza::Stanza& stanza = stanza::base_of(transfer.stanza);
    const Presences seen = presences(stanza.to());
    Audience audience = Audience::nobody;
    if (const auto* const presence = std::get_if<Presence>(&transfer.stanza)) {
        audience = session::audience(presence->type(), stanza.to().is_bare(), seen);
    } else {
        audience = session::audience(std::get<Iq>(transfer.stanza).type(), stanza.to().is_bare(), seen);
    }
    if (audience == Audience::refused) return home_.refuse(std::move(transfer), not_here);
    const std::size_t kind = transfer.stanza.index();
    to_audience(audience, stanza.to(), [&](Session& session) {
        home_.counters().delivered[kind].add();
        session.send(stanza);
    });
}

void Account::deliver_message(Transfer& transfer, Message& message) {
    if (transfer.kept) return;  // whoever comes next finds it in the store
    const Audience audience = session::audience(message.type(), message.to().is_bare(), presences(message.to()));
    Transit transit{.message = message,
                    .account = *this,
                    .direction = mod::Direction::inward,
                    .unit = transfer.unit,
                    .to_self = message.from().same_bare(jid_)};
    if (audience == Audience::refused) return home_.refuse(std::move(transfer), not_here);
    if (audience == Audience::fall_back) {
        // They were here when it came, and left while it was being written.
        const mod::Step step = run(mod::Direction::inward, mod::Phase::fall_back, transit);
        if (!step) return home_.refuse(std::move(transfer), step.error());
        if (*step != mod::Flow::taken && transfer.unit.empty()) return home_.refuse(std::move(transfer), not_here);
        transfer.kept = true;
        return home_.commit(std::move(transfer), *this);
    }
    for (const mod::Phase phase : {mod::Phase::copy, mod::Phase::deliver}) {
        const mod::Step step = run(mod::Direction::inward, phase, transit);
        if (!step || *step == mod::Flow::taken) return;
    }
    if (transfer.received)
        home_.counters().route_time.observe(
            std::chrono::duration<double>(home_.shard().clock().steady() - *transfer.received).count());
    const Bytes wire = message.wire();
    to_audience(audience, message.to(), [&](Session& session) {
        home_.counters().delivered[0].add();
        session.send(wire);
    });
}

}  // namespace aldis::session
