// The way of messages and IQs through an account: RFC 6121 sections 8.1 and 8.5.
#include <algorithm>

#include "session/account.h"
#include "session/blocked.h"
#include "session/home.h"
#include "session/unreached.h"
#include "xep/xep0203_delay.h"
#include "xep/xep0359_stanza_ids.h"
#include "xml/parser.h"

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

void Account::outward(Session& session, Message message, std::uint64_t number) {
    // RFC 6121 section 8.1.1.1: a message to nobody is one to oneself.
    if (message.to().empty()) message.set_to(jid_);
    Transfer transfer{
        .stanza = std::move(message),
        .origin = {
            .session = session.id(), .number = number, .order = sending_.begin(), .shard = home_.shard().index()}};
    if (blocks(stanza::base_of(transfer.stanza).to())) return refuse_blocked(home_, session, std::move(transfer));
    const metrics::Counter& received = home_.counters().received[0];
    if (received.value() % 16 == 0) transfer.received = home_.shard().clock().steady();
    Message& ours = std::get<Message>(transfer.stanza);
    Transit transit{.message = ours,
                    .account = *this,
                    .direction = mod::Direction::outward,
                    .unit = transfer.unit,
                    .session = &session,
                    .to_self = ours.to().same_bare(jid_)};
    using enum mod::Phase;
    for (const mod::Phase phase : {screen, amend, archive, tally}) {
        const mod::Step step = run(mod::Direction::outward, phase, transit);
        if (!step) return home_.refuse(std::move(transfer), step.error());
        if (*step == mod::Flow::taken) return take_repeat(std::move(transfer));
    }
    if (sessions_.size() > 1 || !host_.handlers().of(mod::Direction::outward, deliver).empty()) {
        transfer.sent = ours.wire();
        transfer.sent_id = transit.archived;
    }
    home_.route(std::move(transfer));
}

/// Sent again: it is acknowledged like the first, when that is on disk. The first may have come through another
/// session, and be lost yet; so whether this is a repeat is looked at once more when all that came before it is done
/// with.
void Account::take_repeat(Transfer transfer) {
    const std::uint64_t order = transfer.origin.order;
    if (sending_.finished() + 1 >= order) return home_.done(std::move(transfer));
    if (!repeats_) repeats_ = std::make_unique<std::vector<Repeat>>();
    repeats_->push_back({.after = order - 1, .transfer = std::move(transfer)});
    sending_.finish(order);
}

void Account::finish_sending(std::uint64_t order) {
    if (order == 0) return;  // no message
    sending_.finish(order);
    if (!repeats_ || repeats_->front().after > sending_.finished()) return;
    // What refuses the first is on its way here, and comes before this.
    ++keep_;
    home_.shard().post([this] {
        --keep_;
        look_at_repeats();
    });
}

void Account::look_at_repeats() {
    const std::unique_ptr<std::vector<Repeat>> all = std::move(repeats_);
    if (!all) return;
    for (Repeat& repeat : *all) {
        if (repeat.after > sending_.finished()) {
            if (!repeats_) repeats_ = std::make_unique<std::vector<Repeat>>();
            repeats_->push_back(std::move(repeat));
            continue;
        }
        const Origin& origin = repeat.transfer.origin;
        // Whoever has gone has not been told that it was taken.
        if (Session* const session = find(origin.session))
            outward(*session, std::move(std::get<Message>(repeat.transfer.stanza)), origin.number);
    }
}

void Account::sent(std::uint64_t session, const Bytes& wire, std::optional<db::ArchiveId> id) {
    xml::Document document = xml::parse_document(*wire, xml::client_ns, {.stanza_bytes = wire->size()});
    auto stanza = stanza::read(document);
    if (!stanza || !std::holds_alternative<Message>(*stanza)) return;
    Message& message = std::get<Message>(*stanza);
    db::Unit none;
    Transit transit{.message = message,
                    .account = *this,
                    .direction = mod::Direction::outward,
                    .unit = none,
                    .session = find(session),
                    .to_self = message.to().same_bare(jid_),
                    .archived = id};
    for (const mod::Phase phase : {mod::Phase::copy, mod::Phase::deliver}) {
        const mod::Step step = run(mod::Direction::outward, phase, transit);
        if (!step || *step == mod::Flow::taken) return;
    }
}

void Account::outward(Session& session, Iq iq) {
    if (!iq.is_request() && home_.questions().answered(session, iq)) return;
    if (!iq.to().empty() && blocks(iq.to())) return refuse_blocked(home_, session, Transfer{.stanza = std::move(iq)});
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
    if (blocked(transfer)) return;
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
    transit.audience = audience;
    if (audience == Audience::refused) return home_.refuse(std::move(transfer), not_here);

    mod::Step step;
    try {
        step = prepare(transfer, transit);
    } catch (const std::exception& error) {
        // Here, not at the shard: its sender waits for it to be done with.
        home_.log().error("a message failed", kv("account", jid_), kv("cause", error.what()));
        step = std::unexpected{stanza::Error{Condition::internal_server_error, ErrorType::wait, {}}};
    }
    if (!step) return home_.refuse(std::move(transfer), step.error());
    home_.commit(std::move(transfer), *this);
}

/// What happens before the commit.
mod::Step Account::prepare(Transfer& transfer, Transit& transit) {
    using enum mod::Phase;
    for (const mod::Phase phase : {screen, amend, archive, tally}) {
        const mod::Step step = run(mod::Direction::inward, phase, transit);
        if (!step) return step;
        transfer.kept = *step == mod::Flow::taken;
        if (transfer.kept) return step;
    }
    transfer.tracked = std::move(transit.tracked);
    if (transit.audience == Audience::fall_back) {
        const std::size_t before = transfer.unit.size();
        const mod::Step step = run(mod::Direction::inward, fall_back, transit);
        if (!step) return step;
        // In the receiver's archive is as good as in the offline storage: there is a copy that he will find.
        transfer.kept = *step == mod::Flow::taken || transfer.unit.size() > before || transit.archived;
        if (!transfer.kept) return std::unexpected{not_here};
    }
    if (transit.audience == Audience::non_negative && (waking_ > 0 || draining_)) queue_behind(transfer, transit);
    if (!transfer.kept && !transit.archived) transfer.backup = back_up(transit);
    return mod::Flow::pass;
}

/// What is in an archive is found there. What is not must not be lost with us, as long as those who get it have not
/// said that they have it; whoever has no means to say so has it when it is sent.
std::shared_ptr<const Backup> Account::back_up(Transit& transit) {
    Backups* const backups = host_.handlers().backups;
    if (backups == nullptr) return nullptr;
    bool any = false;
    bool all_say = true;
    to_audience(transit.audience, transit.message.to(), [&](const Session& session) {
        any = true;
        all_say = all_say && session.management() != nullptr;
    });
    return any && all_say ? backups->make(transit) : nullptr;
}

void Account::taken(Delivery& delivery) {
    delivery.taken = true;
    if (const auto backup = std::exchange(delivery.backup, nullptr)) host_.handlers().backups->taken(*this, *backup);
}

/// It waits where its backup is.
void Account::release(Transfer& transfer) {
    host_.handlers().backups->release(*this, *std::exchange(transfer.backup, nullptr));
    transfer.kept = true;
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
    if (audience == Audience::exact && iq.is_request() && !may_ask(iq.from(), iq.to())) {
        const stanza::Error error = unreached(iq);
        return home_.refuse(std::move(transfer), error);
    }
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
        const Iq& iq = std::get<Iq>(transfer.stanza);
        audience = session::audience(iq.type(), stanza.to().is_bare(), seen);
        if (audience == Audience::refused) {
            const stanza::Error error = may_ask(iq.from(), iq.to()) ? not_here : unreached(iq);
            return home_.refuse(std::move(transfer), error);
        }
    }
    const std::size_t kind = transfer.stanza.index();
    to_audience(audience, stanza.to(), [&](Session& session) {
        home_.counters().delivered[kind].add();
        session.send(transfer.stanza);
    });
}

/// What a client had not acknowledged when its session ended: XEP-0198 "Acks". Messages go on as if they came for a
/// resource that is not there, unless another resource has them; requests are answered for it.
void Account::rescue(const std::vector<Unacknowledged::Stanza>& lost) {
    for (const Unacknowledged::Stanza& stanza : lost) {
        try {
            rescue(stanza);
        } catch (const std::exception& error) {
            home_.log().error("a stanza that was not acknowledged is lost", kv("account", jid_),
                              kv("cause", error.what()));
        }
    }
}

void Account::rescue(const Unacknowledged::Stanza& stanza) {
    if (stanza.kind == stanza::Kind::presence) return;
    Bytes wire = stanza.wire;
    if (stanza.delivery) {
        if (--stanza.delivery->waiting > 0 || stanza.delivery->taken) return;
        wire = stanza.delivery->original;
    }
    xml::Document document = xml::parse_document(*wire, xml::client_ns, {.stanza_bytes = wire->size()});
    auto read = stanza::read(document);
    if (!read) return;
    const Jid& from = stanza::base_of(*read).from();
    // Our own answers, pushes and copies: whoever comes next asks again.
    if (from.empty() || from == jid_ || from == host_.jid()) return;
    if (auto* const iq = std::get_if<Iq>(&*read)) {
        if (iq->is_request()) home_.refuse(Transfer{.stanza = std::move(*read)}, not_here);
    } else if (auto* const message = std::get_if<Message>(&*read)) {
        auto backup = stanza.delivery ? std::exchange(stanza.delivery->backup, nullptr) : nullptr;
        // XEP-0191: whenever it came.
        if (!blocks(from)) return deliver_again(std::move(*message), stanza.at, std::move(backup));
        if (backup) host_.handlers().backups->taken(*this, *backup);
    }
}

void Account::deliver_again(Message message, Timestamp sent_at, std::shared_ptr<const Backup> backup) {
    if (!message.has<xep::Delay>()) message.add(xep::Delay{.from = host_.jid(), .stamp = sent_at});
    const bool archived = xep::stanza_id_by(message, jid_).has_value();
    Transfer transfer{.stanza = std::move(message), .backup = std::move(backup)};
    Message& ours = std::get<Message>(transfer.stanza);
    Transit transit{.message = ours,
                    .account = *this,
                    .direction = mod::Direction::inward,
                    .unit = transfer.unit,
                    .to_self = ours.from().same_bare(jid_)};
    transit.audience = session::audience(ours.type(), ours.to().is_bare(), presences(ours.to()));
    const bool waits = transit.audience == Audience::fall_back ||
                       (transit.audience == Audience::non_negative && (waking_ > 0 || draining_));
    if (transfer.backup && waits) return release(transfer);
    if (transit.audience == Audience::refused) {
        if (transfer.backup) host_.handlers().backups->taken(*this, *transfer.backup);
        return home_.refuse(std::move(transfer), not_here);
    }
    if (transit.audience == Audience::fall_back) {
        const mod::Step step = run(mod::Direction::inward, mod::Phase::fall_back, transit);
        transfer.kept = archived || (step && (*step == mod::Flow::taken || !transfer.unit.empty()));
        if (!transfer.kept) return home_.refuse(std::move(transfer), step ? not_here : step.error());
    }
    if (transit.audience == Audience::non_negative && (waking_ > 0 || draining_)) queue_behind(transfer, transit);
    home_.commit(std::move(transfer), *this);
}

void Account::deliver_message(Transfer& transfer, Message& message) {
    if (transfer.kept) return;  // whoever comes next finds it in the store
    const Audience audience = session::audience(message.type(), message.to().is_bare(), presences(message.to()));
    Transit transit{.message = message,
                    .account = *this,
                    .direction = mod::Direction::inward,
                    .unit = transfer.unit,
                    .to_self = message.from().same_bare(jid_),
                    .audience = audience};
    if (audience == Audience::refused) {
        if (transfer.backup) host_.handlers().backups->taken(*this, *transfer.backup);
        return home_.refuse(std::move(transfer), not_here);
    }
    if (audience == Audience::fall_back && transfer.backup) return release(transfer);
    if (audience == Audience::fall_back) {
        // They were here when it came, and left while it was being written.
        const mod::Step step = run(mod::Direction::inward, mod::Phase::fall_back, transit);
        if (!step) return home_.refuse(std::move(transfer), step.error());
        if (*step != mod::Flow::taken && transfer.unit.empty()) return home_.refuse(std::move(transfer), not_here);
        transfer.kept = true;
        return home_.commit(std::move(transfer), *this);
    }
    if (sessions_.size() > 1 || transfer.backup)
        transit.delivery =
            std::make_shared<Delivery>(Delivery{.original = message.wire(), .backup = std::move(transfer.backup)});
    for (const mod::Phase phase : {mod::Phase::copy, mod::Phase::deliver}) {
        const mod::Step step = run(mod::Direction::inward, phase, transit);
        if (!step || *step == mod::Flow::taken) return;
    }
    if (transfer.received)
        home_.counters().route_time.observe(
            std::chrono::duration<double>(home_.shard().clock().steady() - *transfer.received).count());
    to_audience(audience, message.to(), [&](Session& session) {
        home_.counters().delivered[0].add();
        session.send(message, transit.delivery, transfer.tracked);
    });
}

}  // namespace aldis::session
