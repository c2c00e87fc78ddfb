#include <iostream>

#include "base/random.h"
#include "cli/actions.h"
#include "cli/commands.h"
#include "cli/password.h"
#include "config/text.h"

namespace aldis::cli {
namespace {

using config::Value;

Jid account_of(const Invocation& invocation, bool with_resource = false) {
    const std::string& text = invocation.positional().front();
    Result<Jid> account = Jid::parse(text);
    if (!account || !account->has_local() || (!account->is_bare() && !with_resource))
        throw UsageError{"\"" + text + "\" is no address such as romeo@example.org"};
    return *std::move(account);
}

int report(const Outcome& outcome, const Jid& account, const Invocation& invocation,
           const std::string& generated = {}) {
    if (!outcome.good()) {
        std::cerr << "aldis: " << outcome.text << "\n";
        return failed;
    }
    if (invocation.has("--json")) {
        Value::Table table{{"jid", {account.text()}}};
        if (!generated.empty()) table["password"] = {generated};
        std::cout << config::json_text({std::move(table)}) << "\n";
    } else {
        std::cout << outcome.text << "\n" << (generated.empty() ? "" : "Password: " + generated + "\n");
    }
    return 0;
}

std::string password_for(const Jid& account, const Invocation& invocation) {
    if (invocation.has("--generate") && invocation.has("--password-stdin"))
        throw UsageError{"--generate and --password-stdin exclude each other"};
    SystemRandom random;
    if (invocation.has("--generate")) return generate_password(random);
    return invocation.has("--password-stdin") ? read_password() : ask_password(account.text());
}

using WithPassword = Outcome (AdminActions::*)(const Jid&, std::string_view);

int with_password(const Invocation& invocation, const Program& program, WithPassword action) {
    const Jid account = account_of(invocation);
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    const std::string password = password_for(account, invocation);
    Actions actions{loaded->config};
    const Outcome outcome = (actions.operator->()->*action)(account, password);
    return report(outcome, account, invocation, invocation.has("--generate") ? password : "");
}

template <class Action>
int without_password(const Invocation& invocation, const Program& program, const Action& action) {
    const Jid account = account_of(invocation);
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    Actions actions{loaded->config};
    return report(action(*actions.operator->(), account), account, invocation);
}

std::string idle_text(std::chrono::seconds idle) {
    using namespace std::chrono;
    if (idle < minutes{1}) return std::to_string(idle.count()) + " s";
    if (idle < hours{1}) return std::to_string(duration_cast<minutes>(idle).count()) + " min";
    return std::to_string(duration_cast<hours>(idle).count()) + " h";
}

/// "balcony: from 192.0.2.7, TLSv1.3, SCRAM-SHA-256-PLUS, Gajim on a laptop, priority 5, idle 12 s"
std::string line_of(const SessionInfo& session, bool json) {
    if (json)
        return config::json_text({Value::Table{{"resource", {session.resource}},
                                               {"connected", {session.connected}},
                                               {"available", {session.available}},
                                               {"priority", {session.priority}},
                                               {"address", {session.address}},
                                               {"tls", {session.tls}},
                                               {"mechanism", {session.mechanism}},
                                               {"client", {session.client}},
                                               {"idle", {std::int64_t{session.idle.count()}}}}});
    std::string line = session.resource + ": ";
    if (session.connected) {
        line += "from " + session.address + ", " + (session.tls.empty() ? "not encrypted" : session.tls);
    } else {
        line += "waits to be resumed";
    }
    if (!session.mechanism.empty()) line += ", " + session.mechanism;
    if (!session.client.empty()) line += ", " + session.client;
    line += session.available ? ", priority " + std::to_string(session.priority) : ", without presence";
    return line + ", idle " + idle_text(session.idle);
}

std::string line_of(const Account& account, bool json) {
    if (!json) return account.jid + (account.disabled ? " (disabled)" : "");
    return config::json_text({Value::Table{
        {"jid", {account.jid}}, {"disabled", {account.disabled}}, {"created_at", {time_text(account.created_at)}}}});
}

}  // namespace

int user_add(const Invocation& invocation, const Program& program) {
    return with_password(invocation, program, &AdminActions::add_user);
}

int user_passwd(const Invocation& invocation, const Program& program) {
    return with_password(invocation, program, &AdminActions::set_password);
}

int user_delete(const Invocation& invocation, const Program& program) {
    return without_password(invocation, program,
                            [](AdminActions& actions, const Jid& account) { return actions.remove_user(account); });
}

int user_disable(const Invocation& invocation, const Program& program) {
    return without_password(invocation, program, [](AdminActions& actions, const Jid& account) {
        return actions.set_disabled(account, true);
    });
}

int user_enable(const Invocation& invocation, const Program& program) {
    return without_password(invocation, program, [](AdminActions& actions, const Jid& account) {
        return actions.set_disabled(account, false);
    });
}

int user_list(const Invocation& invocation, const Program& program) {
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    std::string domain = invocation.positional().empty() ? "" : invocation.positional().front();
    if (!domain.empty())
        if (const std::optional<std::string> wrong = config::check_domain(domain))
            throw UsageError{domain + ": " + *wrong};
    const bool json = invocation.has("--json");
    Actions actions{loaded->config};
    std::string after;
    const char* before = json ? "[" : "";
    for (bool complete = false; !complete;) {
        const std::expected<AccountPage, Outcome> page = actions->list_users(domain, after);
        if (!page) throw std::runtime_error{page.error().text};
        for (const Account& account : page->accounts) {
            std::cout << before << line_of(account, json) << (json ? "" : "\n");
            before = json ? ",\n " : "";
            after = account.jid;
        }
        complete = page->complete;
    }
    if (json) std::cout << (after.empty() ? "[]\n" : "]\n");
    return 0;
}

int user_sessions(const Invocation& invocation, const Program& program) {
    const Jid account = account_of(invocation);
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    Actions actions{loaded->config};
    const std::expected<std::vector<SessionInfo>, Outcome> sessions = actions->sessions(account);
    if (!sessions) return report(sessions.error(), account, invocation);
    const bool json = invocation.has("--json");
    const char* before = json ? "[" : "";
    for (const SessionInfo& session : *sessions) {
        std::cout << before << line_of(session, json) << (json ? "" : "\n");
        before = json ? ",\n " : "";
    }
    if (json) std::cout << (sessions->empty() ? "[]\n" : "]\n");
    return 0;
}

int user_kick(const Invocation& invocation, const Program& program) {
    const Jid whom = account_of(invocation, true);
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    Actions actions{loaded->config};
    return report(actions->kick(whom), whom, invocation);
}

}  // namespace aldis::cli
