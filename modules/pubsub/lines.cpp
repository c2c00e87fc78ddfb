#include "modules/pubsub/lines.h"

#include <deque>
#include <unordered_map>
#include <utility>

namespace aldis::modules::pubsub {

struct Lines::State {
    using Go = CallbackResult<Ticket>::Callback;

    Post post;
    std::unordered_map<std::string, std::deque<Go>> waiting;  ///< behind whoever has his turn
};

Lines::Lines(Post post) : state_{std::make_shared<State>()} { state_->post = std::move(post); }

Task<Lines::Ticket> Lines::wait(std::string what) {
    const auto [place, free] = state_->waiting.try_emplace(what);
    if (free) co_return std::make_shared<Turn>(state_, std::move(what));
    CallbackResult<Ticket> turn{[&line = place->second](State::Go go) { line.push_back(std::move(go)); }};
    Ticket mine = co_await turn;
    co_return mine;
}

std::size_t Lines::size() const { return state_->waiting.size(); }

void Lines::Turn::leave() {
    const std::shared_ptr<State> state = std::exchange(state_, nullptr);
    if (!state) return;
    const auto place = state->waiting.find(what_);
    if (place->second.empty()) {
        state->waiting.erase(place);
        return;
    }
    // Later: who leaves may be about to be destroyed, with others. Until then the line is not free.
    state->post([weak = std::weak_ptr{state}, what = what_] {
        const std::shared_ptr<State> there = weak.lock();
        if (!there) return;
        auto& line = there->waiting.at(what);
        const State::Go go = std::move(line.front());
        line.pop_front();
        // Who does not wait any more lets go of it at once.
        go(std::make_shared<Turn>(there, what));
    });
}

}  // namespace aldis::modules::pubsub
