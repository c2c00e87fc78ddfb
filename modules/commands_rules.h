#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/random.h"
#include "modules/commands.h"
#include "session/domain_settings.h"

/// What commands are run by: who may, what an action means, and how long it lasts. No side effects.
namespace aldis::modules::commands {

/// @param domain  whose command it is, or whose account's
[[nodiscard]] bool may_run(const Command& command, const Jid& from, const Jid& domain,
                           const session::DomainSettings& settings);

/// One execution, from the first request to the last answer: XEP-0050 "Session Lifetime".
class Execution {
public:
    Execution(std::string name, const Command& what, Call with, Instant now)
        : id{std::move(name)}, command{&what}, call{std::move(with)}, used{now} {}

    std::string id;
    const Command* command;
    Call call;
    Instant used;
    bool busy = false;  ///< its handler waits for something

    /// Nothing was shown so far.
    [[nodiscard]] bool begins() const { return shown_.empty(); }
    /// What the client gets: the next form, the same once more, or the end.
    /// @return  bad-payload: the handler has rejected a value; `why` says which and why
    [[nodiscard]] Result<xep::commands::Command> take(Stage stage, std::string& why);
    /// What an action stands for now, and whether it is possible: "Command Actions".
    [[nodiscard]] Result<Action> resolve(Action asked) const;
    /// Takes what was submitted, checked by the form that was shown.
    /// @return  bad-payload; `why` says which field, and why
    [[nodiscard]] Result<void> answer(Action action, std::optional<dataforms::Form> form, std::string& why);
    /// The last answer does not count.
    void withdraw();
    /// The form before, with what was filled in; but no passwords.
    [[nodiscard]] xep::commands::Command go_back();

    static constexpr std::size_t most_bytes = 64 << 10;  ///< of all that was filled in
    static constexpr std::size_t most_stages = 20;

private:
    [[nodiscard]] xep::commands::Command present(const Stage& stage) const;

    std::vector<Stage> shown_ = {};  ///< forms; the last one is to be filled in
    std::size_t bytes_ = 0;
};

/// All executions of the commands of one domain, on one shard. Bounded in number and in time.
class Executions {
public:
    static constexpr std::chrono::minutes patience{10};
    static constexpr std::size_t most = 1'000;
    static constexpr std::size_t most_of_one = 5;  ///< bare address; who begins another one loses his oldest
    static constexpr std::size_t remembered = 1'000;

    /// @return  resource-constraint: there are too many
    [[nodiscard]] Result<std::shared_ptr<Execution>> begin(const Command& command, Call call, Random& random,
                                                           Instant now);
    /// @return  bad-sessionid: there is none of that id, or it is somebody else's, or another command's;
    ///          session-expired: it has ended; unexpected-request: it is at work
    [[nodiscard]] Result<std::shared_ptr<Execution>> find(const std::string& id, const Command& command,
                                                          const Jid& from, const Jid& to, Instant now);
    void end(const Execution& execution);
    /// Ends those that nobody goes on with.
    void sweep(Instant now);
    [[nodiscard]] std::size_t size() const { return all_.size(); }

private:
    void make_room_for(const Jid& from);

    std::unordered_map<std::string, std::shared_ptr<Execution>> all_;
    std::deque<std::size_t> ended_;  ///< hashes of ids, the last ones
};

}  // namespace aldis::modules::commands
