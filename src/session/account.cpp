#include "session/account.h"

#include <algorithm>

#include "session/home.h"

namespace aldis::session {

Account::Account(Home& home, Host& host, Jid jid) : home_{home}, host_{host}, jid_{std::move(jid)} {}
Account::~Account() = default;

TaskGroup& Account::tasks() {
    if (!tasks_) {
        tasks_ = std::make_unique<TaskGroup>([log = home_.log(), jid = jid_](std::exception_ptr fault) {
            try {
                std::rethrow_exception(fault);
            } catch (const std::exception& error) {
                log.error("a request failed", kv("account", jid), kv("cause", error.what()));
            }
        });
    }
    return *tasks_;
}

Session* Account::find(std::string_view resource) const {
    for (const auto& session : sessions_)
        if (session->reachable() && session->jid().resource() == resource) return session.get();
    return nullptr;
}

Session* Account::find(std::uint64_t id) const {
    for (const auto& session : sessions_)
        if (session->id() == id) return session.get();
    return nullptr;
}

bool Account::has_available() const {
    return std::ranges::any_of(sessions_, [](const auto& session) { return session->available(); });
}

Session* Account::find_resumable(std::string_view id) const {
    for (const auto& session : sessions_)
        if (session->reachable() && session->management() != nullptr && session->management()->resumable() &&
            session->management()->id == id)
            return session.get();
    return nullptr;
}

Session& Account::bind(const Jid& full) {
    // RFC 6120 section 7.7.2.2: the new one wins.
    if (Session* const old = find(full.resource()))
        old->end(stream::StreamCondition::conflict, "Replaced by a new connection.");
    sessions_.push_back(std::make_unique<Session>(*this, home_.next_session_id(), full));
    return *sessions_.back();
}

void Account::give_up(Session& session) {
    home_.log().info("session was not resumed", kv("jid", session.jid()));
    home_.counters().not_resumed.add();
    leave(session);
}

void Account::leave(Session& session) {
    const auto place = std::ranges::find(sessions_, &session, &std::unique_ptr<Session>::get);
    if (place == sessions_.end()) return;
    std::unique_ptr<Session> last = std::move(*place);
    sessions_.erase(place);
    if (sessions_.empty()) {
        sessions_.shrink_to_fit();
        if (host_.domain().anonymous) forgotten_ = true;  // XEP-0175: nothing is left of a guest
    }
    last_used_ = home_.shard().now();
    session.ended_ = true;
    home_.came_back(session);  // if it was away
    home_.questions().gone(session);
    session.release_output();
    home_.shard().dispose(std::move(session.tasks_));  // one of them may be what calls us
    ++keep_;
    if (session.available() || session.directed_) gone(session, nullptr);
    if (session.when_done_) home_.shard().post([then = std::move(*session.when_done_)]() mutable { then(true); });
    if (session.management_) {
        home_.remember_ended(session);
        rescue(session.management_->unacknowledged.take_all());
    }
    --keep_;
    home_.shard().dispose(std::move(last));
    home_.retire(*this);
}

void Account::end_all(stream::StreamCondition condition, std::string_view text) {
    // One may make another go.
    for (std::size_t i = sessions_.size(); i > 0; --i)
        if (i <= sessions_.size()) sessions_[i - 1]->end(condition, text);
}

void Account::end_of_client(std::string_view client, std::string_view text) {
    for (std::size_t i = sessions_.size(); i > 0; --i)
        if (i <= sessions_.size() && sessions_[i - 1]->client() == client)
            sessions_[i - 1]->end(stream::StreamCondition::conflict, text);
}

void Account::unpin(std::size_t sender) {
    const auto place = std::ranges::find(held_, sender);
    if (place == held_.end()) return;
    *place = held_.back();
    held_.pop_back();
}

bool Account::pinned_by(std::size_t sender) const { return std::ranges::find(held_, sender) != held_.end(); }

Presences Account::presences(const Jid& to) const {
    Presences seen;
    for (const auto& session : sessions_) {
        if (!session->reachable()) continue;
        if (!to.is_bare() && session->jid().resource() == to.resource()) seen.exact = true;
        if (!session->available()) continue;
        seen.available = true;
        if (session->priority() >= 0) seen.non_negative = true;
    }
    return seen;
}

}  // namespace aldis::session
