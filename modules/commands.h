#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "jid/jid.h"
#include "mod/phase.h"
#include "session/slots.h"
#include "xep/xep0050_commands.h"
#include "xep/xep0068_form_types.h"

namespace aldis::session {
class Account;
class Home;
class Session;
}  // namespace aldis::session

/// Ad-hoc commands (XEP-0050) as modules write them: a command is registered once and is listed, shown to those who may
/// run it, and run, in as many stages as it likes. Sessions, actions, permissions and the checking of forms are not its
/// business. In a module's constructor:
///
///     context.host().slot<commands::Registry>().add(
///         {.node = "greet", .name = "Greet somebody", .run = commands::method(*this, &Greetings::greet)});
///
/// and then, called once for each stage:
///
///     Task<Result<commands::Stage>> Greetings::greet(commands::Call& call) {
///         if (call.stage() == 0) co_return commands::ask(dataforms::blank<Greeting>());
///         const Result<Greeting> greeting = call.answer<Greeting>();
///         if (!greeting) co_return std::unexpected{greeting.error()};
///         if (!known(greeting->whom)) co_return commands::reject("whom", "Nobody has this name.");
///         co_return commands::done("They were glad to hear of you.");
///     }
namespace aldis::modules::commands {

namespace dataforms = xep::dataforms;
using xep::commands::Action;
using xep::commands::Note;
using xep::commands::NoteType;

/// Who may run a command.
enum class Allowed : std::uint8_t {
    everyone,  ///< who can reach the address: of an account, that is its owner alone
    owner,     ///< who has an account of the domain; of an account, its owner
    admins,    ///< `admins` of the domain
};

/// What the one who runs a command gets: a form to fill in, or the end. Made by the functions below.
struct Stage {
    enum class Kind : std::uint8_t { ask, rejected, end };
    Kind kind = Kind::end;
    std::optional<dataforms::Form> form = {};
    bool next = false;      ///< of a form: the action "next" is allowed ...
    bool complete = false;  ///< ... and "complete"; the first of the two is the one that "execute" stands for
    std::vector<Note> notes = {};
    std::string field = {};  ///< rejected: whose value it was
};

/// What is to follow a form. "prev" is allowed where there was a form before.
enum class Then : std::uint8_t {
    complete,          ///< this is the last one
    next,              ///< another form
    next_or_complete,  ///< as the client likes; Call::action() tells
};
[[nodiscard]] Stage ask(dataforms::Form form, Then then = Then::complete);
/// A value that was submitted cannot be accepted: the form can be submitted again. `why` is for humans.
[[nodiscard]] Stage reject(std::string_view field, std::string why);
/// The end: it was done. An empty text: nothing more is said.
[[nodiscard]] Stage done(std::string text = {});
/// The end: results, see dataforms::filled() and Reported.
[[nodiscard]] Stage show(dataforms::Form result, std::string text = {});
/// The end: it could not be done (XEP-0050 "Commands Successful/Failed").
[[nodiscard]] Stage failed(std::string why);

/// One execution of a command. It lives as long as the handler runs, also across co_await; the account and the session
/// may go meanwhile, so they are looked up each time.
class Call {
public:
    /// @param session  the id of the session it is run from; 0: of another server
    Call(session::Home* home, Jid from, Jid to, std::uint64_t session)
        : home_{home}, from_{std::move(from)}, to_{std::move(to)}, session_id_{session} {}

    /// Who runs it: a full address.
    [[nodiscard]] const Jid& from() const { return from_; }
    /// Whose command it is: the domain, or the account.
    [[nodiscard]] const Jid& to() const { return to_; }
    [[nodiscard]] session::Home& home() const { return *home_; }
    /// The account and the session it is run from; null if they have gone, or belong to another server.
    [[nodiscard]] session::Account* account() const;
    [[nodiscard]] session::Session* session() const;

    /// How many forms have been answered.
    [[nodiscard]] std::size_t stage() const { return answers_.size(); }
    /// What was answered to form `n`, the first being 0: checked against the form (see dataforms::check), with the
    /// values that the form had where fields were left out.
    [[nodiscard]] const dataforms::Form& form(std::size_t n) const { return answers_.at(n); }
    /// The same, typed; without `n` the last answer. It fails only where the struct is stricter than its form.
    template <dataforms::DescribedForm T>
    [[nodiscard]] Result<T> answer(std::size_t n) const {
        return dataforms::read<T>(answers_.at(n));
    }
    template <dataforms::DescribedForm T>
    [[nodiscard]] Result<T> answer() const {
        return answer<T>(stage() - 1);
    }
    /// How the last form was sent: `next` or `complete`. Action::execute at the first stage.
    [[nodiscard]] Action action() const { return action_; }
    /// What the command remembers from one stage to the next. "prev" goes back without asking the command, so what is
    /// here may come from a later stage than the present one.
    template <class T>
    [[nodiscard]] T& slot() {
        return slots_.get<T>();
    }

private:
    friend class Execution;

    session::Home* home_;
    Jid from_;
    Jid to_;
    std::uint64_t session_id_;
    std::vector<dataforms::Form> answers_;
    Action action_ = Action::execute;
    session::Slots slots_;
};

using Handler = std::function<Task<Result<Stage>>(Call&)>;

struct Command {
    std::string node;
    std::string name;                         ///< for humans
    mod::For target = mod::For::own_account;  ///< or For::server
    Allowed allowed = Allowed::owner;
    Handler run;
};

/// `commands::method(*this, &T::f)`; f may return Task<Result<Stage>> or, if it does not wait, Result<Stage>.
template <class T>
[[nodiscard]] Handler method(T& self, Task<Result<Stage>> (T::*run)(Call&)) {
    return [&self, run](Call& call) { return (self.*run)(call); };
}
[[nodiscard]] inline Task<Result<Stage>> at_once(Result<Stage> stage) { co_return stage; }
template <class T>
[[nodiscard]] Handler method(T& self, Result<Stage> (T::*run)(Call&)) {
    return [&self, run](Call& call) { return at_once((self.*run)(call)); };
}

/// The commands of one domain and of its accounts, on one shard: `host.slot<commands::Registry>()`. Modules add theirs
/// when they are made.
class Registry {
public:
    void add(Command command) {
        Commands& commands = target_of(command.target);
        std::string node = command.node;
        commands.insert_or_assign(std::move(node), std::move(command));
    }
    [[nodiscard]] const Command* find(mod::For target, std::string_view node) const {
        const Commands& commands = target == mod::For::server ? server_ : account_;
        const auto place = commands.find(node);
        return place == commands.end() ? nullptr : &place->second;
    }
    /// In the order of their nodes.
    template <class Use>
    void for_each(mod::For target, Use&& use) const {
        for (const auto& [node, command] : target == mod::For::server ? server_ : account_) use(command);
    }
    /// Somebody runs them: the module `commands` is there.
    [[nodiscard]] bool running() const { return running_; }
    void set_running() { running_ = true; }

private:
    using Commands = std::map<std::string, Command, std::less<>>;
    [[nodiscard]] Commands& target_of(mod::For target) { return target == mod::For::server ? server_ : account_; }

    Commands server_;
    Commands account_;
    bool running_ = false;
};

}  // namespace aldis::modules::commands
