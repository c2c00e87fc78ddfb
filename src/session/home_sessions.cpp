// How streams become sessions, and what becomes of sessions whose stream has gone: RFC 6120 section 7, XEP-0198,
// XEP-0386.
#include <algorithm>

#include "sasl/crypto.h"
#include "session/hibernation.h"
#include "session/home.h"
#include "xml/writer.h"

namespace aldis::session {
namespace {

constexpr std::string_view sm_ns = "urn:xmpp:sm:3";
constexpr std::string_view bind2_ns = "urn:xmpp:bind:0";
constexpr std::size_t ended_sessions_remembered = 1'024;

std::size_t hash_of(const Jid& account, std::string_view id) {
    return account.hash() ^ std::hash<std::string_view>{}(id);
}

}  // namespace

void Home::enter(stream::ClientStream& stream, const Jid& account, stream::Entry entry) {
    std::unique_ptr<stream::ClientStream> owned = take_unbound(stream);
    if (!owned) return;
    Home& home = *peers_[router_.home_of(account)];
    if (&home == this) return enter_here(std::move(owned), account, std::move(entry));
    owned->transport().leave_shard();
    // Not while it is still being called: the stream moves when this turn is over.
    shard_.send_to(home.shard_, [&home, owned = std::move(owned), account, entry = std::move(entry)]() mutable {
        owned->move(home.place_, home);
        owned->transport().join_shard(home.shard_);
        home.enter_here(std::move(owned), account, std::move(entry));
    });
}

void Home::enter_here(std::unique_ptr<stream::ClientStream> stream, const Jid& account, stream::Entry entry) {
    stream::ClientStream* const waiting = stream.get();
    waiting->wait_for_bind();
    unbound_.emplace(waiting, std::move(stream));
    with(account, [this, waiting, serial = waiting->serial(), account, entry = std::move(entry)](Account* found,
                                                                                                 Missing why) mutable {
        const auto place = unbound_.find(waiting);
        if (place == unbound_.end() || waiting->serial() != serial) return;  // gone; another may be in its place
        if (waiting->open()) welcome(*waiting, found, why, std::move(entry));
    });
}

void Home::welcome(stream::ClientStream& stream, Account* account, Missing why, stream::Entry entry) {
    using enum stream::StreamCondition;
    if (shutting_down_) return stream.end(system_shutdown);
    if (account == nullptr && why == Missing::nobody) return stream.end(not_authorized, "There is no such account.");
    if (account == nullptr) return stream.end(internal_server_error, "The account could not be read.");
    const auto asked = std::make_shared<const stream::Entry>(std::move(entry));
    if (!asked->resume || !resume_here(stream, *account, asked)) enter_anew(stream, *account, *asked);
}

/// There is nothing to resume, or nothing any more.
void Home::enter_anew(stream::ClientStream& stream, Account& account, const stream::Entry& entry) {
    if (entry.resume) stream.refuse_resume(failed_resume(account, entry.resume->previd));
    if (entry.bind) bind_here(stream, account, entry);
}

// ---- Resuming ----

/// @return false: there is no such session
bool Home::resume_here(stream::ClientStream& stream, Account& account, std::shared_ptr<const stream::Entry> entry) {
    Session* const session = account.find_resumable(entry->resume->previd);
    if (session == nullptr) return false;
    const Unacknowledged& left = session->management()->unacknowledged;
    // An older state of the client: what it lacks is here no more.
    if (left.is_behind(entry->resume->h)) return false;
    if (!left.can_acknowledge(entry->resume->h)) {
        const TooMany error{entry->resume->h, left.sent()};
        stream.end(stream::StreamCondition::undefined_condition, error.text(), error.xml());
        return true;
    }
    session->when_done([this, bare = account.jid(), id = session->id(), waiting = &stream, serial = stream.serial(),
                        entry](bool still) {
        const auto place = unbound_.find(waiting);
        if (place == unbound_.end() || waiting->serial() != serial || !waiting->open()) return;
        go_on_resuming(*waiting, still ? find(bare) : nullptr, id, *entry);
    });
    return true;
}

/// What the session had on its way to the disk is done with, or the session has ended, or somebody else wants it.
void Home::go_on_resuming(stream::ClientStream& stream, Account* account, std::uint64_t id,
                          const stream::Entry& entry) {
    if (account == nullptr) return stream.end(stream::StreamCondition::conflict, "Replaced by a new connection.");
    if (shutting_down_) return stream.end(stream::StreamCondition::system_shutdown);
    Session* const there = account->find(id);
    if (there == nullptr) return enter_anew(stream, *account, entry);
    guard_.released(stream.transport().peer_address());
    there->resume(take_unbound(stream), entry.resume->h);
    counters_.resumed.add();
}

std::string Home::failed_resume(const Account& account, std::string_view previd) const {
    std::string xml = "<failed xmlns='";
    xml.append(sm_ns).append(1, '\'');
    const auto known = std::ranges::find(ended_, hash_of(account.jid(), previd), &Ended::id);
    if (known != ended_.end()) xml.append(" h='").append(std::to_string(known->h)).append(1, '\'');
    return xml.append("><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
}

void Home::remember_ended(const Session& session) {
    const Management& management = *session.management();
    if (!management.resumable()) return;
    const Ended ended{hash_of(session.account().jid(), management.id), management.h(session.handled())};
    if (ended_.size() < ended_sessions_remembered) return ended_.push_back(ended);
    ended_[next_ended_++ % ended_sessions_remembered] = ended;
}

void Home::went_away(Session& session) {
    session.set_away(away_.insert(away_.end(), &session));
    away_bytes_ += session.management()->unacknowledged.bytes();
    counters_.away.set(static_cast<std::int64_t>(away_.size()));
    const std::size_t of_account = static_cast<std::size_t>(
        std::ranges::count_if(session.account().sessions(), [](const auto& s) { return !s->connected(); }));
    if (of_account > limits_.resumption.away_per_account) {
        const auto oldest =
            std::ranges::find(away_, &session.account(), [](const Session* s) { return &s->account(); });
        session.account().give_up(**oldest);
    }
    make_room();
}

void Home::came_back(Session& session) {
    const auto place = session.set_away({});
    if (!place) return;
    away_.erase(*place);
    away_bytes_ -= session.management()->unacknowledged.bytes();
    counters_.away.set(static_cast<std::int64_t>(away_.size()));
}

void Home::away_grew(std::size_t bytes) {
    away_bytes_ += bytes;
    if (away_bytes_ > limits_.resumption.away_bytes) shard_.post([this] { make_room(); });
}

/// Whoever has been away longest goes first.
void Home::make_room() {
    while (!away_.empty() && (away_.size() > limits_.resumption.away || away_bytes_ > limits_.resumption.away_bytes)) {
        Session& oldest = *away_.front();
        oldest.account().give_up(oldest);
    }
}

// ---- Over a restart ----

void Home::save_sessions(std::move_only_function<void()> then) {
    const Timestamp now = shard_.clock().now();
    db::Unit unit;
    Hibernation::Numbers numbers;
    for (Session* const session : away_) {
        const std::string state = Hibernation::freeze(*session, now + session->management()->patience, numbers);
        // Late is no reason to delete it: what its client has not got must go on to where it is kept.
        db::ResumableSessions::save(unit, {.owner = session->account().jid().text(),
                                           .resource = std::string{session->jid().resource()},
                                           .saved_at = now,
                                           .expires_at = now + std::chrono::years{10},
                                           .state = state});
    }
    if (!away_.empty()) log_.info("sessions saved", kv("count", away_.size()));
    commit(std::move(unit), [this, then = std::move(then)](bool stored) mutable {
        if (!stored) log_.error("sessions could not be saved: their clients have to log in again");
        then();
    });
}

void Home::restore_sessions(const Jid& account, std::vector<db::ResumableSession> saved) {
    with(account, [this, account, saved = std::move(saved)](Account* found, Missing why) {
        if (found != nullptr) return restore(*found, saved);
        if (why == Missing::failed) return save_again(account, saved);
        log_.warn("sessions were dropped: there is no such account now", kv("account", account));
    });
}

/// The database does not answer, and may do so at the next start.
void Home::save_again(const Jid& account, const std::vector<db::ResumableSession>& saved) {
    db::Unit unit;
    for (const db::ResumableSession& one : saved) db::ResumableSessions::save(unit, one);
    commit(std::move(unit), [this, account](bool stored) {
        log_.error(stored ? "sessions wait for the next start: their account could not be read"
                          : "sessions are lost: their account could not be read",
                   kv("account", account));
    });
}

void Home::restore(Account& account, const std::vector<db::ResumableSession>& saved) {
    Hibernation::Deliveries deliveries;
    std::vector<std::pair<Session*, Timestamp>> restored;
    for (const db::ResumableSession& one : saved) {
        const Result<Jid> full = account.jid().with_resource(one.resource);
        if (!full) continue;
        Session& session = account.bind(*full);
        const std::optional<Timestamp> until = Hibernation::thaw(session, one.state, deliveries);
        if (until) {
            restored.emplace_back(&session, *until);
        } else {
            log_.error("a session could not be restored", kv("jid", *full));
            account.leave(session);
        }
    }
    // When all are there: what one of them has not got, another may have.
    for (const auto& [session, until] : restored) {
        const Timestamp now = shard_.clock().now();
        std::chrono::milliseconds left{1};
        if (until > now) left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
        session->wait_again(std::min<std::chrono::milliseconds>(left, session->management()->patience));
    }
}

// ---- Binding ----

void Home::bind_here(stream::ClientStream& stream, Account& account, const stream::Entry& entry) {
    const Result<Jid> full = account.jid().with_resource(resource_for(account, entry));
    if (!full) return stream.refuse_bind({Condition::bad_request, ErrorType::modify, "This is no resource."});
    const bool replaces = account.find(full->resource()) != nullptr;
    if (!replaces && account.sessions().size() >= limits_.sessions_per_account)
        return stream.refuse_bind(
            {Condition::resource_constraint, ErrorType::wait, "Too many sessions of this account."});
    // XEP-0386: an earlier session of the same client will not be used again.
    if (!entry.client.empty()) account.end_of_client(entry.client, "Replaced by a new connection.");

    guard_.released(stream.transport().peer_address());
    Session& session = account.bind(*full);
    session.set_client(entry.client);
    session.attach(take_unbound(stream));
    log_.info("session begins", kv("jid", *full), kv("peer", stream.transport().peer_address()));
    if (entry.bind2.empty()) {
        stream.bind_to(session.jid());
        stream.unpause();
        return;
    }
    session.hold_output();
    session.tasks().start(complete_bind2(session, apply_bind2(session, entry.bind2.root())));
}

std::string Home::resource_for(const Account& account, const stream::Entry& entry) {
    if (entry.bind2.empty() || entry.resource_fixed)
        return entry.resource.empty() ? shard_.random().token(9) : entry.resource;
    const xml::Element* const tag = entry.bind2.root().child({bind2_ns, "tag"});
    // The same client gets the same resource again; the id of its user agent stays between it and us.
    std::string suffix;
    if (entry.client.empty()) {
        suffix = shard_.random().token(9);
    } else {
        const std::string secret = "resource " + account.host().domain().decoy_secret;
        const sasl::Digest digest = sasl::hmac(sasl::Hash::sha256, secret, account.jid().text() + " " + entry.client);
        constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";
        for (const char byte : digest.view().substr(0, 12)) suffix += letters[static_cast<unsigned char>(byte) % 32];
    }
    if (tag == nullptr || tag->text_view().empty()) return suffix;
    return tag->text() + "/" + suffix;
}

/// XEP-0386: what the client wants to have enabled from the start. @return what XEP-0198 answers
std::string Home::apply_bind2(Session& session, const xml::Element& bind) {
    std::string enabled;
    const auto& known = session.account().host().handlers().inlined;
    for (const xml::Element& child : bind.children()) {
        if (child.is({sm_ns, "enable"})) {
            enabled += session.enable(child);
            continue;
        }
        const auto place = known.find({std::string{child.ns()}, std::string{child.local()}});
        if (place != known.end()) place->second(session, child);
    }
    return enabled;
}

Task<void> Home::complete_bind2(Session& session, std::string enabled) {
    xml::Document bound{xml::Name{bind2_ns, "bound"}};
    for (const mod::BoundHandler& handler : session.account().host().handlers().bound) {
        try {
            Task<void> work = handler(session, bound);
            co_await work;
        } catch (const std::exception& error) {
            // The client can do without it; without an answer it cannot.
            log_.error("a client was not told everything", kv("jid", session.jid()), kv("cause", error.what()));
        }
    }
    std::string xml = "<bound xmlns='";
    xml.append(bind2_ns).append("'>").append(enabled);
    for (const xml::Element& child : bound.root().children()) xml += xml::to_string(child);
    xml += "</bound>";
    stream::ClientStream* const stream = session.stream();
    if (stream != nullptr) stream->bind_to(session.jid(), xml);
    session.release_output();
    if (stream != nullptr) stream->unpause();
}

// ---- Streams that come and go ----

std::unique_ptr<stream::ClientStream> Home::take_unbound(stream::ClientStream& stream) {
    const auto place = unbound_.find(&stream);
    if (place == unbound_.end()) return nullptr;
    std::unique_ptr<stream::ClientStream> owned = std::move(place->second);
    unbound_.erase(place);
    return owned;
}

void Home::see_off(std::unique_ptr<stream::ClientStream> stream) {
    stream::ClientStream* const leaving = stream.get();
    leaving_.emplace(leaving, std::move(stream));
}

void Home::let_go(stream::ClientStream& stream) {
    guard_.gone();
    if (stream.mechanism() == sasl::Mechanism::anonymous) guard_.guest_gone(stream.transport().peer_address());
    if (std::unique_ptr<stream::ClientStream> unbound = take_unbound(stream)) {
        guard_.released(stream.transport().peer_address());
        return shard_.dispose(std::move(unbound));
    }
    const auto place = leaving_.find(&stream);
    if (place == leaving_.end()) return;
    shard_.dispose(std::move(place->second));
    leaving_.erase(place);
}

void Home::shut_down() {
    shutting_down_ = true;
    std::vector<Account*> accounts;
    for (const auto& [jid, account] : accounts_) accounts.push_back(account.get());
    for (Account* const account : accounts) account->end_all(stream::StreamCondition::system_shutdown, {});
    std::vector<stream::ClientStream*> streams;
    for (const auto& [stream, owned] : unbound_) streams.push_back(stream);
    for (stream::ClientStream* const stream : streams) stream->end(stream::StreamCondition::system_shutdown);
}

}  // namespace aldis::session
