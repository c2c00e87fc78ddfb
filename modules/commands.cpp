#include "modules/commands.h"

#include "mod/module.h"
#include "modules/commands_rules.h"

namespace aldis::modules {

namespace commands {

session::Account* Call::account() const {
    session::Account* const found = home_->find(from_.bare());
    return found != nullptr && found->usable() ? found : nullptr;
}

session::Session* Call::session() const {
    session::Account* const mine = account();
    return mine == nullptr || session_id_ == 0 ? nullptr : mine->find(session_id_);
}

}  // namespace commands

namespace {

using commands::Action;
using commands::Execution;
using commands::Stage;
using xep::commands::Command;
using xep::commands::Status;

/// XEP-0050: Ad-Hoc Commands. Other modules say what they do, this one runs them.
class Commands final : public mod::Module {
public:
    explicit Commands(mod::Context& context) : context_{context}, registry_{context.host().slot<commands::Registry>()} {
        using mod::For;
        registry_.set_running();
        context.on_iq(IqType::set, For::server, *this, &Commands::of_server);
        context.on_iq(IqType::set, For::own_account, *this, &Commands::of_account);
        context.on_iq(IqType::set, For::account, *this, &Commands::forbid);
        context.on_iq(IqType::set, For::nobody, *this, &Commands::forbid);
        context.every(std::chrono::minutes{1}, *this, &Commands::sweep);
    }

private:
    Task<Result<Command>> of_server(mod::Request request, Command asked) {
        const commands::Command* const command = registry_.find(mod::For::server, asked.node);
        co_return co_await run(command, request, context_.host().jid(), std::move(asked));
    }
    Task<Result<Command>> of_account(mod::Request request, Command asked) {
        const commands::Command* const command = registry_.find(mod::For::own_account, asked.node);
        co_return co_await run(command, request, request.account->jid(), std::move(asked));
    }
    /// Others' accounts are not for him; who is told so learns nothing of what there is.
    Result<mod::Empty> forbid(const mod::Request& /*request*/, Command /*asked*/) {
        return std::unexpected{xep::commands::forbidden};
    }
    void sweep() { executions_.sweep(context_.clock().steady()); }

    Task<Result<Command>> run(const commands::Command* command, mod::Request request, Jid to, Command asked);
    Result<std::shared_ptr<Execution>> execution_of(const commands::Command& command, const mod::Request& request,
                                                    const Jid& to, const Command& asked);
    Task<void> go_on(std::shared_ptr<Execution> execution, Command asked,
                     CallbackResult<Result<Command>>::Callback then);
    Task<Result<Command>> step(Execution& execution, Command asked);

    mod::Context& context_;
    commands::Registry& registry_;
    commands::Executions executions_;
    /// The text of the last error, which is a view: it is read before anything else happens on this shard.
    std::string why_;
};

Result<std::shared_ptr<Execution>> Commands::execution_of(const commands::Command& command, const mod::Request& request,
                                                          const Jid& to, const Command& asked) {
    const Jid& from = request.iq->from();
    const Instant now = context_.clock().steady();
    if (asked.sessionid) return executions_.find(*asked.sessionid, command, from, to, now);
    // Who knows the form may send it at once, and say that this is all.
    const bool begins = asked.action == Action::execute || (asked.form && asked.action != Action::prev);
    if (asked.action == Action::cancel || !begins) return std::unexpected{xep::commands::bad_action};
    const std::uint64_t session = request.session == nullptr ? 0 : request.session->id();
    return executions_.begin(command, commands::Call{&context_.home(), from, to, session}, context_.random(), now);
}

/// What the command does goes on although the one who has asked may leave: it is a task of the module.
Task<Result<Command>> Commands::run(const commands::Command* command, mod::Request request, Jid to, Command asked) {
    if (command == nullptr) co_return std::unexpected{xep::commands::no_such_command};
    // At each step: it may have changed.
    if (!commands::may_run(*command, request.iq->from(), context_.host().jid(), context_.host().settings()))
        co_return std::unexpected{xep::commands::forbidden};
    if (asked.action == Action::unknown) co_return std::unexpected{xep::commands::malformed_action};
    Result<std::shared_ptr<Execution>> execution = execution_of(*command, request, to, asked);
    if (!execution) co_return std::unexpected{execution.error()};
    if (asked.action == Action::cancel) {
        executions_.end(**execution);
        co_return Command{
            .node = command->node, .sessionid = std::move(asked.sessionid), .status = Status::canceled, .lang = "en"};
    }
    using Later = CallbackResult<Result<Command>>;
    Later answer{[this, &execution, &asked](const Later::Callback& then) {
        context_.start(go_on(*execution, std::move(asked), then));
    }};
    co_return co_await answer;
}

Task<void> Commands::go_on(std::shared_ptr<Execution> execution, Command asked,
                           CallbackResult<Result<Command>>::Callback then) {
    execution->busy = true;
    Result<Command> answer = refuse(Condition::internal_server_error, ErrorType::wait);
    const bool first = !asked.sessionid;
    bool broken = false;
    try {
        Task<Result<Command>> work = step(*execution, std::move(asked));
        answer = co_await work;
    } catch (const std::exception& error) {
        context_.log().error("a command failed", kv("node", execution->command->node), kv("by", execution->call.from()),
                             kv("cause", error.what()));
        broken = true;
    }
    execution->busy = false;
    // Who got an error at once does not know the session's id.
    const bool ends = broken || (first && !answer) || (answer && answer->status != Status::executing);
    if (ends) executions_.end(*execution);
    then(std::move(answer));
}

Task<Result<Command>> Commands::step(Execution& execution, Command asked) {
    if (execution.begins()) {
        Task<Result<Stage>> work = execution.command->run(execution.call);
        Result<Stage> stage = co_await work;
        if (!stage) co_return std::unexpected{stage.error()};
        const bool asks = stage->kind == Stage::Kind::ask;
        Result<Command> shown = execution.take(std::move(*stage), why_);
        if (!asks || !asked.form) co_return shown;
    }
    const Result<Action> action = execution.resolve(asked.action);
    if (!action) co_return std::unexpected{action.error()};
    if (*action == Action::prev) co_return execution.go_back();
    const Result<void> answered = execution.answer(*action, std::move(asked.form), why_);
    if (!answered) co_return std::unexpected{answered.error()};

    Task<Result<Stage>> work = execution.command->run(execution.call);
    Result<Stage> stage = co_await work;
    if (stage) co_return execution.take(std::move(*stage), why_);
    execution.withdraw();  // he may try again
    co_return std::unexpected{stage.error()};
}

constexpr mod::Spec specs[] = {
    {"XEP-0050", "1.3.0"}, {"XEP-0004", "2.13.2"}, {"XEP-0068", "1.3.0"}, {"XEP-0122", "1.0.2"}};

}  // namespace

extern const mod::Info commands_info;
const mod::Info commands_info{.name = "commands",
                              .summary = "Runs ad-hoc commands: what clients show as a menu with forms.",
                              .implements = specs,
                              .make = mod::make<Commands>};

}  // namespace aldis::modules
