#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/task.h"

namespace aldis::modules::pubsub {

/// Who wants something of one thing does it in the order in which they came: one goes on, the others wait in line.
class Lines {
    struct State;

public:
    /// Later, on the same thread.
    using Post = std::function<void(std::move_only_function<void()>)>;

    /// One's own turn; it ends when the last who holds it lets go of it, too.
    class Turn {
    public:
        Turn(std::shared_ptr<State> state, std::string what) : state_{std::move(state)}, what_{std::move(what)} {}
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() { leave(); }

        /// Whoever is next goes on, soon. Once; then it does nothing.
        void leave();

    private:
        std::shared_ptr<State> state_;
        std::string what_;
    };
    using Ticket = std::shared_ptr<Turn>;

    explicit Lines(Post post);
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    ~Lines() = default;

    /// Goes on at once if nobody has his turn. Who has one must not wait for another one of the same thing.
    Task<Ticket> wait(std::string what);
    /// For how many things there are lines.
    [[nodiscard]] std::size_t size() const;

private:
    std::shared_ptr<State> state_;
};

}  // namespace aldis::modules::pubsub
