#include "session/questions.h"

#include <vector>

#include "net/shard.h"
#include "session/session.h"

namespace aldis::session {

Questions::~Questions() = default;

bool Questions::ask(Session& session, Iq request, Answer answer) {
    if (open_.size() >= most) return false;
    std::size_t& of_session = of_session_[session.id()];
    if (of_session >= most_of_session) return false;
    ++of_session;
    // Not to be guessed: whoever knows the id could answer for the client that was asked, if it were somebody else.
    std::string id = "ask-" + shard_.random().token(9);
    Open open{.session = session.id(), .asker = request.from(), .answer = std::move(answer), .timer = nullptr};
    open.timer = std::make_unique<net::Timer>(shard_, [this, id] { close(id, nullptr); });
    open.timer->start(patience);
    open_.emplace(id, std::move(open));
    request.edit().set("id", id);
    session.send(request);
    return true;
}

bool Questions::answered(const Session& session, Iq& iq) {
    if (!iq.id() || !of_session_.contains(session.id())) return false;
    const auto place = open_.find(std::string{*iq.id()});
    if (place == open_.end() || place->second.session != session.id()) return false;
    if (!iq.to().empty() && iq.to() != place->second.asker) return false;
    close(place->first, std::make_shared<const Iq>(std::move(iq)));
    return true;
}

void Questions::close(const std::string& id, std::shared_ptr<const Iq> with) {
    const auto place = open_.find(id);
    if (place == open_.end()) return;
    Open open = std::move(place->second);
    open_.erase(place);
    const auto count = of_session_.find(open.session);
    if (count != of_session_.end() && --count->second == 0) of_session_.erase(count);
    // The timer may be what calls this.
    shard_.dispose(std::move(open.timer));
    open.answer(std::move(with));
}

void Questions::gone(const Session& session) {
    if (!of_session_.contains(session.id())) return;
    std::vector<std::string> left;
    for (const auto& [id, open] : open_)
        if (open.session == session.id()) left.push_back(id);
    for (const std::string& id : left) close(id, nullptr);
}

}  // namespace aldis::session
