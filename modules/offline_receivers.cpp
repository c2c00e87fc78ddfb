#include "modules/offline_receivers.h"

#include <algorithm>

#include "session/home.h"

namespace aldis::modules::offline {
namespace {

using std::chrono::seconds;

constexpr std::size_t backlog = 256 * 1024;  ///< bytes that a client has not read yet, before it gets more
constexpr seconds asked_every{3};
constexpr seconds patience{10};  ///< with a client that takes nothing more

bool can_take(const session::Session& session) {
    return session.available() && session.priority() >= 0 && session.connected();
}

}  // namespace

session::Session* receiver(const session::Account& account, std::uint64_t first_session) {
    session::Session* const first = account.find(first_session);
    if (first != nullptr && can_take(*first)) return first;
    for (const auto& session : account.sessions())
        if (can_take(*session)) return session.get();
    return nullptr;
}

bool has_enough(const session::Session& session) {
    if (session.connected() && session.stream()->transport().queued() > backlog) return true;
    if (session.management() == nullptr) return false;
    const session::Resumption& bounds = session.account().home().limits().resumption;
    const session::Unacknowledged& left = session.management()->unacknowledged;
    return left.bytes() > std::min(backlog, bounds.bytes / 4) || left.size() > bounds.stanzas / 4;
}

session::Session* another(const session::Account& account, const session::Session& receiver) {
    for (const auto& session : account.sessions())
        if (session.get() != &receiver && can_take(*session) && !has_enough(*session)) return session.get();
    return nullptr;
}

bool Standstill::look(session::Session& session, Instant now) {
    const std::size_t queued = session.stream()->transport().queued();
    const std::uint32_t acknowledged =
        session.management() != nullptr ? session.management()->unacknowledged.acknowledged() : 0;
    const bool drains = queued > backlog && queued < queued_;
    if (session.id() != session_) asked_ = {};
    if (session.id() != session_ || acknowledged != acknowledged_ || drains) since_ = now;
    session_ = session.id();
    acknowledged_ = acknowledged;
    queued_ = queued;
    if (!asked_ || now - *asked_ >= asked_every) {
        session.request_ack();
        asked_ = now;
    }
    return now - since_ >= patience;
}

}  // namespace aldis::modules::offline
