// Presence: RFC 6121 sections 3 and 4.
#include <algorithm>
#include <unordered_set>

#include "session/account.h"
#include "session/blocked.h"
#include "session/home.h"
#include "xml/parser.h"

namespace aldis::session {
namespace {

/// XEP-0175 "Recommendations": what is gone with its session has no lasting relationships.
constexpr stanza::Error no_contacts{Condition::not_allowed, ErrorType::cancel, "Guests have no contacts."};

/// What is kept of a request that nobody has answered: all of it, unless it is made to fill our memory.
Bytes kept_request(const Presence& request) {
    constexpr std::size_t enough = 1024;
    if (request.wire()->size() <= enough) return request.wire();
    return Presence{{.from = request.from(), .to = request.to(), .type = request.type()}}.wire();
}

using Jids = std::unordered_set<Jid>;

/// Single resources that are blocked, of contacts that see who is here.
Jids blocked_resources(Account& account) {
    Jids found;
    account.blocklist().for_each([&](std::string_view address) {
        const std::size_t slash = address.find('/');
        if (slash == std::string_view::npos || !account.contacts().subscribed_from(address.substr(0, slash))) return;
        if (Result<Jid> jid = Jid::parse(address)) found.insert(std::move(*jid));
    });
    return found;
}

/// To all resources of some accounts, but for those.
void fan_out_but_to(Home& home, const Jid& from, const Bytes& wire, const std::vector<Jid>& to, const Jids& hidden) {
    home.by_home(to, [from, wire, hidden](Home& there, const std::vector<Jid>& part) {
        for (const Jid& jid : part) {
            Account* const account = there.find(jid);
            if (account == nullptr || account->blocks(from)) continue;
            for (const auto& session : account->sessions()) {
                const bool sees = session->available() && session->reachable();
                if (sees && !hidden.contains(session->jid())) session->send_to(wire, jid);
            }
        }
    });
}

/// What a resource of the account says to its contacts: a single resource of one of them may be blocked.
void tell(Account& account, const Jid& from, const Bytes& wire, std::vector<Jid> to) {
    const Jids hidden = blocked_resources(account);
    if (!hidden.empty()) {
        Jids owners;
        for (const Jid& resource : hidden) owners.insert(resource.bare());
        const auto rest = std::ranges::partition(to, [&](const Jid& contact) { return !owners.contains(contact); });
        fan_out_but_to(account.home(), from, wire, {rest.begin(), rest.end()}, hidden);
        to.erase(rest.begin(), rest.end());
    }
    account.home().fan_out(from, wire, to);
}

}  // namespace

/// Those who are blocked are left out: to them, nobody is here.
std::vector<Jid> Account::contacts_with(Subscription direction) const {
    std::vector<Jid> found;
    contacts_.for_each([&](std::string_view contact, Subscription subscription) {
        if (subscription != direction && subscription != Subscription::both) return;
        Result<Jid> jid = Jid::parse(contact);
        if (jid && !blocks(*jid)) found.push_back(std::move(*jid));
    });
    return found;
}

void Account::amend(Session& session, Presence& presence) {
    for (const mod::PresenceHandler& handler : host_.handlers().presences) handler(session, presence);
}

void Account::outward(Session& session, Presence presence) {
    if (!presence.to().empty() && blocks(presence.to()))
        return refuse_blocked(home_, session, Transfer{.stanza = std::move(presence)});
    if (presence.is_error()) {
        if (!presence.to().empty()) home_.route(AnyStanza{std::move(presence)});
        return;
    }
    if (presence.is_subscription()) return subscription(session, std::move(presence));
    if (!presence.to().empty()) return directed(session, std::move(presence));
    if (presence.type() == PresenceType::unavailable) {
        if (session.available() || session.directed_) gone(session, &presence);
        return;
    }
    if (presence.type() != PresenceType::available) return;  // a probe to nobody

    amend(session, presence);
    const bool initial = !session.available();
    session.presence_ = presence.wire();
    session.priority_ = static_cast<std::int8_t>(presence.priority());
    broadcast(session, session.presence_, false);
    if (initial) {
        probe_contacts(session);
        // Section 3.1.3, rule 4: requests that nobody has answered are shown again.
        for (const db::RosterRequest& request : contacts_.requests())
            if (const Result<Jid> asking = Jid::parse(request.contact); asking && !blocks(*asking))
                session.send(stanza::Kind::presence, make_bytes(request.stanza));
    }
    if (session.priority() >= 0 && !std::exchange(session.greeted_, true)) became_available(session);
}

void Account::became_available(Session& session) {
    // What is still on its way to the disk must be there before somebody looks for it.
    ++keep_;
    ++waking_;
    home_.after_commits([this, id = session.id()] {
        --keep_;
        --waking_;
        Session* const there = find(id);
        if (there == nullptr || !there->available()) return;
        for (const mod::SessionHandler& handler : host_.handlers().available) handler(*there);
    });
}

/// Section 4.2.2: to those with a subscription, and to the account's own resources.
void Account::broadcast(Session& session, const Bytes& wire, bool unavailable) {
    tell(*this, session.jid(), wire, contacts_with(Subscription::from));
    for (const auto& other : sessions_) {
        if (!other->available() || !other->reachable()) continue;
        if (other.get() == &session && unavailable) continue;
        other->send_to(wire, other->jid());
    }
}

/// Section 4.3: what the contacts, and the account's other resources, have said last.
void Account::probe_contacts(Session& session) {
    for (const auto& other : sessions_)
        if (other.get() != &session && other->available()) session.send_to(other->presence(), session.jid());
    home_.probe(session.jid(), contacts_with(Subscription::to));
}

/// Section 4.6.
void Account::directed(Session& session, Presence presence) {
    const Jid to = presence.to();
    if (presence.type() == PresenceType::probe) {
        home_.route(AnyStanza{std::move(presence)});
        return;
    }
    const bool available = presence.type() == PresenceType::available;
    if (available) amend(session, presence);
    if (!session.directed_ && available) session.directed_ = std::make_unique<std::vector<Jid>>();
    if (session.directed_) {
        std::erase(*session.directed_, to);
        if (available && session.directed_->size() >= home_.limits().directed)
            return home_.refuse(Transfer{.stanza = std::move(presence)},
                                {Condition::resource_constraint, ErrorType::wait, "Too many directed presences."});
        if (available) session.directed_->push_back(to);
        if (session.directed_->empty()) session.directed_.reset();
    }
    home_.route(AnyStanza{std::move(presence)});
}

void Account::gone(Session& session, const Presence* said) {
    Bytes wire;
    if (said != nullptr) {
        wire = said->wire();
    } else {
        wire = Presence{{.from = session.jid(), .type = PresenceType::unavailable}}.wire();
    }
    const bool was_available = session.available();
    const std::unique_ptr<std::vector<Jid>> others = std::move(session.directed_);
    session.presence_.reset();
    session.priority_ = 0;
    session.greeted_ = false;
    if (was_available) broadcast(session, wire, true);
    if (others) {
        // Section 4.6.3, rule 2; contacts have been told with everybody else.
        if (was_available)
            std::erase_if(*others, [&](const Jid& told) { return contacts_.subscribed_from(told.bare_text()); });
        std::erase_if(*others, [&](const Jid& told) { return blocks(told); });  // was told then
        tell(*this, session.jid(), wire, *others);
    }
    if (was_available)
        for (const mod::SessionHandler& handler : host_.handlers().unavailable) handler(session);
    if (was_available && !has_available())
        for (const mod::GoneHandler& handler : host_.handlers().last_gone) handler(*this, said);
}

void Account::show_again(Session& session) {
    if (!session.available()) return;
    const Bytes said = session.presence();
    xml::Document document = xml::parse_document(*said, xml::client_ns, {.stanza_bytes = said->size()});
    auto stanza = stanza::read(document);
    if (!stanza || !std::holds_alternative<Presence>(*stanza)) return;
    auto& presence = std::get<Presence>(*stanza);
    amend(session, presence);
    if (*presence.wire() == *said) return;
    session.presence_ = presence.wire();
    broadcast(session, session.presence_, false);
}

void Account::show(const Bytes& wire) {
    for (const auto& session : sessions_)
        if (session->available() && session->reachable()) {
            home_.counters().delivered[1].add();
            session->send_to(wire, jid_);
        }
}

void Account::answer_probe(const Jid& from) {
    if (blocks(from)) return;
    if (!from.same_bare(jid_) && !contacts_.subscribed_from(from.bare_text())) {
        // Section 4.3.2, rule 1.
        home_.route(AnyStanza{Presence{{.from = jid_, .to = from, .type = PresenceType::unsubscribed}}});
        return;
    }
    bool any = false;
    for (const auto& session : sessions_) {
        if (!session->available()) continue;
        any = true;
        home_.fan_out(session->jid(), session->presence(), {from});
    }
    if (!any) home_.fan_out(jid_, Presence{{.from = jid_, .type = PresenceType::unavailable}}.wire(), {from});
}

/// XEP-0191 section 3.3: nothing of somebody who is blocked arrives. @return true: it was dealt with
bool Account::blocked(Transfer& transfer) {
    const stanza::Stanza& stanza = stanza::base_of(transfer.stanza);
    if (!blocks(stanza.from())) return false;
    const auto* const message = std::get_if<Message>(&transfer.stanza);
    const bool silent = std::holds_alternative<Presence>(transfer.stanza) ||
                        (message != nullptr && message->type() == MessageType::headline);
    if (silent) {
        home_.drop(std::move(transfer));
    } else {
        home_.refuse(std::move(transfer), {Condition::service_unavailable, ErrorType::cancel, {}});
    }
    return true;
}

void Account::inward_presence(Transfer transfer) {
    Presence& presence = std::get<Presence>(transfer.stanza);
    if (presence.type() == PresenceType::probe) return answer_probe(presence.from());
    if (presence.is_subscription()) return inward_subscription(std::move(transfer));
    home_.commit(std::move(transfer), *this);
}

// ---- Subscriptions: section 3 ----

/// What the roster remembers of a subscription, in memory and in the unit. @return the item, if it is another one now
std::optional<db::RosterItem> Account::apply(db::Unit& unit, const std::string& contact,
                                             const SubscriptionState& before, const SubscriptionState& next) {
    if (before.pending_in && !next.pending_in) {
        contacts_.erase_request(contact);
        db::Roster::remove_request(unit, jid_.text(), contact);
    }
    if (next.in_roster() == before.in_roster()) return std::nullopt;
    db::RosterItem item =
        contacts_.find(contact).value_or(db::RosterItem{.contact = contact, .name = {}, .groups = {}});
    item.subscription = next.subscription;
    item.ask = next.pending_out;
    item.approved = next.approved;
    return change(unit, std::move(item));
}

/// Sections 3.1.5 and 3.2.2: a new subscriber sees who is here; one who was cut off sees everybody leave.
void Account::show_resources(const Jid& to, bool visible) {
    for (const auto& session : sessions_) {
        if (!session->available()) continue;
        const Presence gone{{.from = session->jid(), .type = PresenceType::unavailable}};
        tell(*this, session->jid(), visible ? session->presence() : gone.wire(), {to});
    }
}

bool Account::roster_is_full_for(const std::string& contact, const SubscriptionState& next) const {
    const bool added = next.in_roster() != SubscriptionState{}.in_roster() && !contacts_.find(contact);
    return added && contacts_.size() >= home_.limits().roster_items;
}

void Account::subscription(Session& session, Presence presence) {
    // One has a subscription to oneself anyway.
    if (presence.to().empty() || presence.to().same_bare(jid_)) return;
    if (host_.domain().anonymous) return home_.refuse(Transfer{.stanza = std::move(presence)}, no_contacts);
    const std::string contact{presence.to().bare_text()};
    const SubscriptionState before = contacts_.state(contact);
    const SubscriptionStep step = session::outbound(before, presence.type());
    if (roster_is_full_for(contact, step.next))
        return home_.refuse(Transfer{.stanza = std::move(presence)},
                            {Condition::resource_constraint, ErrorType::cancel, "The roster is full."});

    // Section 3.1.2: from the bare address, to the bare address.
    const Jid to = presence.to().bare();
    presence.set_to(to);
    presence.set_from(jid_);
    Transfer transfer{.stanza = std::move(presence), .origin = {.shard = home_.shard().index()}};
    std::optional<db::RosterItem> changed = apply(transfer.unit, contact, before, step.next);
    session.block();
    ++keep_;
    auto then = [this, id = session.id(), changed = std::move(changed), to, was_seen = before.from(),
                 is_seen = step.next.from(), was = before.subscription, is = step.next.subscription](bool stored) {
        --keep_;
        if (Session* const there = find(id)) there->unblock();
        if (!stored) return load_contacts_again();
        if (changed) push(*changed);
        if (was_seen != is_seen) show_resources(to, is_seen);
        subscription_changed(to, was, is);
    };
    if (!step.route) return home_.commit(std::move(transfer.unit), std::move(then));
    transfer.then = std::move(then);
    home_.route(std::move(transfer));
}

void Account::inward_subscription(Transfer transfer) {
    if (host_.domain().anonymous) return home_.refuse(std::move(transfer), no_contacts);
    Presence& presence = std::get<Presence>(transfer.stanza);
    const std::string contact{presence.from().bare_text()};
    const SubscriptionState before = contacts_.state(contact);
    const SubscriptionStep step = session::inbound(before, presence.type());

    if (presence.type() == PresenceType::subscribe && !before.from() && !step.auto_reply) {
        for (const mod::RequestHandler& handler : host_.handlers().requests) {
            const mod::Step allowed = handler(*this, presence);
            if (!allowed) return home_.refuse(std::move(transfer), allowed.error());
            if (*allowed == mod::Flow::taken) return home_.drop(std::move(transfer));
        }
    }
    if (step.next.pending_in && !before.pending_in) {
        if (contacts_.requests().size() >= home_.limits().pending_requests)
            return home_.refuse(std::move(transfer), {Condition::resource_constraint, ErrorType::wait, {}});
        const Bytes kept = kept_request(presence);
        contacts_.put_request(contact, *kept);
        db::Roster::put_request(transfer.unit, jid_.text(), contact, kept);
    }
    std::optional<db::RosterItem> changed = apply(transfer.unit, contact, before, step.next);
    ++keep_;
    db::Unit unit = std::exchange(transfer.unit, {});
    home_.commit(std::move(unit), [this, transfer = std::move(transfer), step, changed = std::move(changed),
                                   before](bool stored) mutable {
        --keep_;
        if (stored) return subscription_stored(std::move(transfer), step, before, changed);
        load_contacts_again();
        home_.refuse(std::move(transfer), {Condition::internal_server_error, ErrorType::wait, {}});
    });
}

void Account::subscription_changed(const Jid& contact, Subscription before, Subscription after) {
    if (before == after) return;
    for (const mod::SubscriptionHandler& handler : host_.handlers().subscriptions)
        handler(*this, contact, before, after);
}

/// What follows here from a contact's subscription stanza, now that it is on disk; what follows at the contact's own
/// home is in the transfer.
void Account::subscription_stored(Transfer transfer, const SubscriptionStep& step, const SubscriptionState& before,
                                  const std::optional<db::RosterItem>& changed) {
    const Jid from = stanza::base_of(transfer.stanza).from();
    if (step.deliver) to_audience(Audience::available, jid_, [&](Session& session) { session.send(transfer.stanza); });
    if (changed) push(*changed);
    if (step.auto_reply) {
        home_.route(AnyStanza{Presence{{.from = jid_, .to = from, .type = PresenceType::subscribed}}});
        show_resources(from, true);
    }
    if (before.from() && !step.next.from()) show_resources(from, false);
    subscription_changed(from.bare(), before.subscription, step.next.subscription);
    home_.done(std::move(transfer));
}

}  // namespace aldis::session
