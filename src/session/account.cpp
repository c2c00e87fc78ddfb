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
        if (session->stream().open() && session->jid().resource() == resource) return session.get();
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

Session& Account::bind(std::unique_ptr<stream::ClientStream> stream, const Jid& full) {
    // RFC 6120 section 7.7.2.2: the new one wins. The old session is gone at once, its stream when it is closed.
    if (Session* const old = find(full.resource()))
        old->end(stream::StreamCondition::conflict, "Replaced by a new connection.");
    sessions_.push_back(std::make_unique<Session>(*this, home_.next_session_id(), full, std::move(stream)));
    home_.counters().sessions.add(1);
    home_.log().info("session begins", kv("jid", full),
                     kv("peer", sessions_.back()->stream().transport().peer_address()));
    return *sessions_.back();
}

void Account::leave(Session& session) {
    session.tasks_.reset();
    if (session.available() || session.directed_) gone(session, nullptr);
}

void Account::drop(Session& session) {
    const auto place = std::ranges::find(sessions_, &session, &std::unique_ptr<Session>::get);
    if (place == sessions_.end()) return;
    std::unique_ptr<Session> last = std::move(*place);
    sessions_.erase(place);
    if (sessions_.empty()) sessions_.shrink_to_fit();
    home_.counters().sessions.add(-1);
    home_.guard().gone();
    last_used_ = home_.shard().now();
    home_.shard().dispose(std::move(last));
    home_.retire(*this);
}

void Account::end_all(stream::StreamCondition condition, std::string_view text) {
    for (std::size_t i = sessions_.size(); i > 0; --i) sessions_[i - 1]->end(condition, text);
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
        if (!session->stream().open()) continue;
        if (!to.is_bare() && session->jid().resource() == to.resource()) seen.exact = true;
        if (!session->available()) continue;
        seen.available = true;
        if (session->priority() >= 0) seen.non_negative = true;
    }
    return seen;
}

}  // namespace aldis::session
