#include "session/home.h"

#include <algorithm>
#include <array>

#include "session/unreached.h"
#include "xml/parser.h"
#include "xml/writer.h"

namespace aldis::session {
namespace {

constexpr std::chrono::seconds sweep_period{30};
constexpr stanza::Error remote{Condition::remote_server_not_found, ErrorType::cancel, {}};
constexpr stanza::Error not_here{Condition::service_unavailable, ErrorType::cancel, {}};
constexpr stanza::Error not_stored{Condition::internal_server_error, ErrorType::wait, "This could not be stored."};
constexpr stanza::Error busy{Condition::resource_constraint, ErrorType::wait, "The server is too busy."};

}  // namespace

Home::Home(net::Shard& shard, db::Stores& stores, const router::Router& router, Guard& guard,
           const stream::StreamLimits& stream_limits, const Limits& limits)
    : shard_{shard},
      stores_{stores},
      router_{router},
      guard_{guard},
      stream_limits_{stream_limits},
      limits_{limits},
      place_{shard, parsers_, &stream_limits_},
      questions_{shard},
      tasks_{[this](std::exception_ptr fault) {
          try {
              std::rethrow_exception(fault);
          } catch (const std::exception& error) {
              log_.error("a request failed", kv("cause", error.what()));
          }
      }},
      sweeper_{shard, [this] { sweep(); }} {
    sweeper_.start(sweep_period);
}

Home::~Home() {
    tasks_.clear();
    // Streams speak of their end to accounts, accounts to modules: let them go in that order.
    unbound_.clear();
    accounts_.clear();
}

Host& Home::add_host(Jid jid) {
    std::string name{jid.domain()};
    return *hosts_.emplace(std::move(name), std::make_unique<Host>(std::move(jid))).first->second;
}

Host* Home::host(std::string_view domain) {
    const auto place = hosts_.find(std::string{domain});
    return place == hosts_.end() ? nullptr : place->second.get();
}

void Home::set_limits(const stream::StreamLimits& stream_limits, const Limits& limits) {
    // In place: streams that are open look at them too.
    stream_limits_ = stream_limits;
    limits_ = limits;
}

// ---- Routing ----

void Home::route(Transfer transfer) {
    const Jid& to = stanza::base_of(transfer.stanza).to();
    if (to.empty()) return serve(std::move(transfer));
    const router::Destination destination = router_.find(to);
    switch (destination.kind) {
        case router::Kind::remote: return refuse_remote(std::move(transfer));
        case router::Kind::server: return serve(std::move(transfer));
        case router::Kind::account:
        case router::Kind::service: break;
    }
    const auto arrive = [service = destination.kind == router::Kind::service](Home& home, Transfer&& stanza) {
        service ? home.serve(std::move(stanza)) : home.deliver(std::move(stanza));
    };
    if (destination.shard == shard_.index()) return arrive(*this, std::move(transfer));
    Home& other = *peers_[destination.shard];
    shard_.send_to(other.shard_,
                   [&other, arrive, transfer = std::move(transfer)]() mutable { arrive(other, std::move(transfer)); });
}

/// Federation comes later. What the sender's own roster remembers of a contact far away is kept all the same.
void Home::refuse_remote(Transfer transfer) {
    if (!std::holds_alternative<Presence>(transfer.stanza) || transfer.unit.empty())
        return refuse(std::move(transfer), remote);
    db::Unit unit = std::exchange(transfer.unit, {});
    commit(std::move(unit), [this, transfer = std::move(transfer)](bool stored) mutable {
        settle(transfer, stored);
        refuse(std::move(transfer), remote);
    });
}

void Home::deliver(Transfer transfer) {
    const Jid& to = stanza::base_of(transfer.stanza).to();
    if (Account* const account = find(to); account != nullptr && account->usable())
        return account->inward(std::move(transfer));
    const Jid bare = to.bare();  // `to` goes with the transfer
    with(bare, [this, transfer = std::move(transfer)](Account* account, Missing why) mutable {
        if (account != nullptr) return account->inward(std::move(transfer));
        why == Missing::nobody ? deliver_to_nobody(std::move(transfer)) : refuse(std::move(transfer), busy);
    });
}

/// RFC 6121 section 8.5.1: there is no such account. No answer tells more than one of a stranger would.
void Home::deliver_to_nobody(Transfer transfer) {
    if (auto* const iq = std::get_if<Iq>(&transfer.stanza)) {
        if (iq->is_request() && iq->to().is_bare())
            return answer(*host(iq->to().domain()), std::move(*iq), mod::For::nobody, nullptr, nullptr);
        const stanza::Error error = unreached(*iq);
        return refuse(std::move(transfer), error);
    }
    const auto* const presence = std::get_if<Presence>(&transfer.stanza);
    if (presence == nullptr) return refuse(std::move(transfer), not_here);
    if (presence->type() == PresenceType::probe)
        route(AnyStanza{
            Presence{{.from = presence->to().bare(), .to = presence->from(), .type = PresenceType::unsubscribed}}});
    drop(std::move(transfer));
}

void Home::drop(Transfer transfer) {
    if (transfer.unit.empty()) return settle(transfer, true);
    db::Unit unit = std::exchange(transfer.unit, {});
    commit(std::move(unit), [this, transfer = std::move(transfer)](bool stored) mutable { settle(transfer, stored); });
}

/// Stanzas for the domain itself, and all that are for a service.
void Home::serve(Transfer transfer) {
    Iq* const iq = std::get_if<Iq>(&transfer.stanza);
    Host* const here = host(stanza::base_of(transfer.stanza).to().domain());
    const bool asked =
        iq != nullptr && iq->is_request() && here != nullptr && iq->to().is_bare() && !iq->to().has_local();
    const auto& others = here != nullptr ? here->handlers().stanza : nullptr;
    if (asked && (!others || handler_of(*here, *iq, mod::For::server) != nullptr))
        return answer(*here, std::move(*iq), mod::For::server, nullptr, nullptr);
    if (others) return guarded([&] { others(transfer); });
    // A message to the domain has no reader here; presence to it means nothing.
    if (std::holds_alternative<Presence>(transfer.stanza)) return drop(std::move(transfer));
    refuse(std::move(transfer), not_here);
}

void Home::refuse(Transfer transfer, const stanza::Error& error) {
    counters_.refused.add();
    std::optional<AnyStanza> reply = stanza::error_reply(transfer.stanza, error);
    settle(transfer, false);
    if (reply && !stanza::base_of(*reply).to().empty() &&
        router_.find(stanza::base_of(*reply).to()).kind != router::Kind::remote)
        route(std::move(*reply));
}

/// Tells the session that a stanza came from that it is done with.
void Home::settle(Transfer& transfer, bool stored) {
    const Origin origin = std::exchange(transfer.origin, {});
    if (transfer.then) {
        if (origin.shard == shard_.index()) {
            std::exchange(transfer.then, nullptr)(stored);
        } else {
            shard_.send_to(peers_[origin.shard]->shard_,
                           [then = std::move(transfer.then), stored]() mutable { then(stored); });
        }
        return;
    }
    if (origin.session == 0) return;
    const Jid& from = stanza::base_of(transfer.stanza).from();
    Bytes sent = stored ? std::move(transfer.sent) : Bytes{};
    if (origin.shard == shard_.index()) return hear(from, origin, sent, transfer.sent_id);
    Home& other = *peers_[origin.shard];
    shard_.send_to(other.shard_, [&other, from, origin, sent = std::move(sent), id = transfer.sent_id] {
        other.hear(from, origin, sent, id);
    });
}

/// What came from here is done with.
void Home::hear(const Jid& from, const Origin& origin, const Bytes& sent, std::optional<db::ArchiveId> sent_id) {
    Account* const account = find(from);
    if (account == nullptr) return;
    if (sent) guarded([&] { account->sent(origin.session, sent, sent_id); });
    account->finish_sending(origin.order);
    if (Session* const session = account->find(origin.session)) session->stored(origin.number);
}

void Home::run_at(const Jid& address, std::move_only_function<void(Home&)> work) {
    Home& home = *peers_[router_.home_of(address)];
    if (&home == this) return work(home);
    shard_.send_to(home.shard_, [&home, work = std::move(work)]() mutable { work(home); });
}

void Home::by_home(const std::vector<Jid>& accounts, const PerHome& work) {
    std::vector<std::vector<Jid>> parts(peers_.size());
    for (const Jid& jid : accounts) {
        const router::Destination destination = router_.find(jid);
        if (destination.kind == router::Kind::account) parts[destination.shard].push_back(jid);
    }
    for (std::size_t shard = 0; shard < parts.size(); ++shard) {
        if (parts[shard].empty()) continue;
        Home& home = *peers_[shard];
        if (&home == this) {
            work(home, parts[shard]);
        } else {
            shard_.send_to(home.shard_, [&home, part = std::move(parts[shard]), work] { work(home, part); });
        }
    }
}

void Home::fan_out(const Jid& from, const Bytes& wire, const std::vector<Jid>& to) {
    if (to.empty()) return;
    by_home(to, [from, wire](Home& home, const std::vector<Jid>& part) { home.fan_out_here(from, wire, part); });
    to_services(wire, to);
}

/// Services see each presence as a stanza of its own.
void Home::to_services(const Bytes& wire, const std::vector<Jid>& to) {
    for (const Jid& jid : to) {
        if (router_.find(jid).kind != router::Kind::service) continue;
        xml::Document document = xml::parse_document(*wire, xml::client_ns, {.stanza_bytes = wire->size()});
        auto stanza = stanza::read(document);
        if (!stanza) continue;
        stanza::base_of(*stanza).set_to(jid);
        route(std::move(*stanza));
    }
}

void Home::fan_out_here(const Jid& from, const Bytes& wire, const std::vector<Jid>& to) {
    for (const Jid& jid : to) {
        // Whoever is not in memory has no resources to show it to.
        Account* const account = find(jid);
        if (account == nullptr || account->blocks(from)) continue;
        if (jid.is_bare()) {
            account->show(wire);
        } else if (Session* const session = account->find(jid.resource()); session != nullptr) {
            counters_.delivered[1].add();
            session->send_to(wire, jid);
        }
    }
}

void Home::probe(const Jid& from, const std::vector<Jid>& to) {
    if (!to.empty()) by_home(to, [from](Home& home, const std::vector<Jid>& part) { home.probe_here(from, part); });
}

void Home::probe_here(const Jid& from, const std::vector<Jid>& to) {
    std::vector<Jid> away;
    for (const Jid& jid : to) {
        Account* const account = find(jid);
        if (account != nullptr && account->usable()) {
            account->answer_probe(from);
        } else {
            away.push_back(jid);
        }
    }
    if (!away.empty()) answer_for_those_away(from, std::move(away));
}

/// Not in memory, so nobody is there. The asker's own roster, kept by this server, says that he may know. But whoever
/// is blocked gets no answer of those who are here; if he got one of those who are not, he would know who is.
void Home::answer_for_those_away(const Jid& from, std::vector<Jid> away) {
    auto look = [this, from, away = std::move(away), back = way_back()](db::Connection& connection) mutable {
        const std::array<std::string_view, 3> names{from.text(), from.bare_text(), from.domain()};
        std::erase_if(away, [&](const Jid& jid) { return db::Blocks::any(connection, jid.text(), names); });
        back([this, from, away = std::move(away)] {
            for (const Jid& jid : away)
                if (find(jid) == nullptr)
                    fan_out(jid, Presence{{.from = jid, .type = PresenceType::unavailable}}.wire(), {from});
        });
    };
    guarded([&] { stores_.database.read(std::move(look)); });
}

// ---- Requests ----

const mod::IqHandler* Home::handler_of(Host& host, const Iq& iq, mod::For target) {
    const xml::Element* const payload = iq.payload();
    if (payload == nullptr) return nullptr;
    const auto& handlers = host.handlers().iqs;
    const auto place = handlers.find({target, iq.type(), std::string{payload->ns()}, std::string{payload->local()}});
    return place == handlers.end() ? nullptr : &place->second;
}

void Home::answer(Host& host, Iq iq, mod::For target, Account* account, Session* session) {
    const mod::IqHandler* const found = handler_of(host, iq, target);
    if (found == nullptr) return refuse(Transfer{.stanza = std::move(iq)}, not_here);
    const mod::IqHandler& handler = *found;
    if (handler.now) {
        const mod::Request request{.iq = &iq, .host = &host, .account = account, .session = session};
        mod::Reply reply = handler.now(request);
        if (reply && handler.silent) return;
        return send_reply(iq, std::move(reply), session);
    }
    TaskGroup& owner = session != nullptr ? session->tasks() : account != nullptr ? account->tasks() : tasks_;
    const std::size_t most = &owner == &tasks_ ? 1'000 : Session::most_tasks;
    if (owner.size() >= most) return refuse(Transfer{.stanza = std::move(iq)}, busy);
    // It is done with when it is answered.
    const std::uint64_t number = session != nullptr ? session->defer() : 0;
    owner.start(answer_later(handler, std::make_shared<Iq>(std::move(iq)), host, account, session, number));
}

Task<void> Home::answer_later(const mod::IqHandler& handler, std::shared_ptr<Iq> iq, Host& host, Account* account,
                              Session* session, std::uint64_t number) {
    mod::Reply reply = std::unexpected{not_stored};
    try {
        Task<mod::Reply> work =
            handler.later(mod::Request{.iq = iq.get(), .host = &host, .account = account, .session = session});
        reply = co_await work;
    } catch (const std::exception& error) {
        log_.error("a request failed", kv("from", iq->from()), kv("cause", error.what()));
        reply = std::unexpected{stanza::Error{Condition::internal_server_error, ErrorType::wait, {}}};
    }
    send_reply(*iq, std::move(reply), session);
    if (number != 0) session->answered(number);
}

void Home::send_reply(const Iq& request, mod::Reply reply, Session* session) {
    if (!reply) {
        if (std::optional<AnyStanza> error = stanza::error_reply(request, reply.error())) {
            if (session != nullptr) return session->send(*error);
            route(std::move(*error));
        }
        return;
    }
    Iq result = stanza::result_of(request);
    if (!reply->empty()) result.edit().append_copy(reply->root());
    if (session != nullptr) {
        counters_.delivered[2].add();
        return session->send(result);
    }
    route(AnyStanza{std::move(result)});
}

void Home::for_each_session(const Host& host, const std::function<void(Session&)>& use) {
    std::vector<Session*> all;
    for (const auto& [jid, account] : accounts_)
        if (&account->host() == &host)
            for (const auto& session : account->sessions()) all.push_back(session.get());
    for (Session* const session : all) use(*session);
}

db::Database::Home Home::way_back() {
    return [&shard = shard_](std::move_only_function<void()> work) { shard.post(std::move(work)); };
}

void Home::sweep() {
    sweeper_.start(sweep_period);
    counters_.accounts.set(static_cast<std::int64_t>(accounts_.size()));
    std::vector<Account*> forgotten;
    for (const auto& [jid, account] : accounts_)
        if (account->forgotten_) forgotten.push_back(account.get());
    for (Account* const account : forgotten) retire(*account);
    std::erase_if(accounts_, [&](const auto& entry) {
        const Account& account = *entry.second;
        if (!account.usable() || !account.sessions_.empty() || account.in_use()) return false;
        return shard_.now() - account.last_used_ > sweep_period || accounts_.size() > limits_.idle_accounts;
    });
}

}  // namespace aldis::session
