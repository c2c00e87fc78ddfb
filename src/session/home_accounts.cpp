// Accounts that come and go while the server runs: XEP-0077.
#include <atomic>

#include "session/certificate.h"
#include "session/home.h"

namespace aldis::session {
namespace {

constexpr stanza::Error not_here{Condition::service_unavailable, ErrorType::cancel, {}};
constexpr stanza::Error not_done{Condition::internal_server_error, ErrorType::wait, {}};
constexpr stanza::Error busy{Condition::resource_constraint, ErrorType::wait, "The server is too busy."};
constexpr std::size_t most_strangers = 100;  ///< that wait for an answer

Iq answer_to(const Iq& request, const mod::Reply& reply) {
    if (!reply) return std::get<Iq>(*stanza::error_reply(request, reply.error()));
    Iq result = stanza::result_of(request);
    if (!reply->empty()) result.edit().append_copy(reply->root());
    return result;
}

}  // namespace

void Home::register_account(stream::ClientStream& stream, const stream::Domain& domain, Iq request) {
    Host* const there = host(domain.name);
    if (there == nullptr || !there->handlers().stranger)
        return stream.answer_registration(answer_to(request, std::unexpected{not_here}), false);
    if (tasks_.size() >= most_strangers)
        return stream.answer_registration(answer_to(request, std::unexpected{busy}), false);
    tasks_.start(answer_stranger(stream, *there, std::make_shared<const Iq>(std::move(request))));
}

Task<void> Home::answer_stranger(stream::ClientStream& stream, Host& host, std::shared_ptr<const Iq> request) {
    stream::ClientStream* const asking = &stream;
    const std::uint64_t serial = stream.serial();
    mod::Reply reply = std::unexpected{not_done};
    try {
        Task<mod::Reply> work = host.handlers().stranger(request, std::string{stream.transport().peer_address()});
        reply = co_await work;
    } catch (const std::exception& error) {
        log_.error("a registration failed", kv("cause", error.what()));
    }
    const auto place = unbound_.find(asking);
    if (place == unbound_.end() || asking->serial() != serial) co_return;  // gone; another may be in its place
    asking->answer_registration(answer_to(*request, reply), reply && request->type() == IqType::set);
}

/// On this shard.
std::size_t Home::end_waiting(const LogOut& whom) {
    std::vector<stream::ClientStream*> streams;
    for (const auto& [stream, owned] : unbound_)
        if (stream->account() == whom.account && stream->serial() <= whom.latest && !stream->over() &&
            (whom.client.empty() || stream->client() == whom.client) &&
            (whom.fingerprint.empty() || stream->fingerprint() == whom.fingerprint))
            streams.push_back(stream);
    for (stream::ClientStream* const stream : streams) stream->end(stream::StreamCondition::not_authorized, whom.text);
    return streams.size();
}

void Home::end_unbound(const LogOut& whom, const EndedStreams& then) {
    const std::size_t ended = end_waiting(whom);
    Home& home = *peers_[router_.home_of(whom.account)];
    if (&home == this) {
        if (then) then(ended);
        return;
    }
    // One that has just left for its account's home is nowhere now. It gets there before this does, and may be bound.
    shard_.send_to(home.shard_, [&home, whom, ended, then] {
        const std::size_t late = home.end_late(whom);
        if (then) then(ended + late);
    });
}

/// Those that have come here too late to be found.
std::size_t Home::end_late(const LogOut& whom) {
    const std::size_t waiting = end_waiting(whom);
    const Account* const account = find(whom.account);
    if (account == nullptr) return waiting;
    std::vector<std::uint64_t> late;
    for (const auto& session : account->sessions())
        if (session->id() != whom.spared && session->connected() && session->stream()->serial() <= whom.latest &&
            (whom.client.empty() || session->client() == whom.client) &&
            (whom.fingerprint.empty() || certificate_of(*session) == whom.fingerprint))
            late.push_back(session->id());
    for (const std::uint64_t id : late)
        if (Session* const session = account->find(id))
            session->end(stream::StreamCondition::not_authorized, whom.text);
    return waiting + late.size();
}

void Home::log_out_unbound(const LogOut& whom, const EndedStreams& then) {
    struct Count {
        std::atomic<std::size_t> left;
        std::atomic<std::size_t> ended = 0;
    };
    const auto count = std::make_shared<Count>(peers_.size());
    const auto add = [count, then](std::size_t streams) {
        count->ended += streams;
        if (--count->left == 0 && then) then(count->ended);
    };
    everywhere([whom, add](Home& home) { home.end_unbound(whom, add); });
}

std::size_t Home::end_sessions(const Jid& whom, std::string_view text) {
    std::vector<std::uint64_t> ids;
    Account* const account = find(whom.bare());
    if (account == nullptr) return 0;
    for (const auto& session : account->sessions())
        if (session->reachable() && (whom.is_bare() || session->jid() == whom)) ids.push_back(session->id());
    for (const std::uint64_t id : ids)
        if (Session* const session = account->find(id)) session->end(stream::StreamCondition::not_authorized, text);
    return ids.size();
}

void Home::everywhere(const std::function<void(Home&)>& work) const {
    for (Home* const home : peers_) home->shard_.post([home, work] { work(*home); });
}

void Home::forget_everywhere(const Jid& bare, std::string_view text) {
    for (Home* const home : peers_) home->shard_.post([home, bare, text] { home->forget(bare, text); });
}

void Home::log_out_others(const Jid& bare, std::uint64_t spared, std::string_view text) {
    // Everywhere: a stream that has logged in may wait for its resource on any shard.
    log_out_unbound({.account = bare, .text = std::string{text}, .spared = spared});
    Account* const account = find(bare);
    if (account == nullptr) return;
    std::vector<std::uint64_t> others;
    for (const auto& session : account->sessions())
        if (session->id() != spared) others.push_back(session->id());
    for (const std::uint64_t id : others)
        if (Session* const session = account->find(id)) session->end(stream::StreamCondition::not_authorized, text);
}

void Home::set_aside(Account& account) { account.forgotten_ = true; }

}  // namespace aldis::session
