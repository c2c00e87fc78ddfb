#include <iostream>

#include "base/random.h"
#include "cli/admin_socket.h"
#include "cli/commands.h"
#include "cli/password.h"
#include "cli/privileges.h"
#include "cli/store_actions.h"
#include "config/text.h"

namespace aldis::cli {
namespace {

using config::Value;

/// The running server's actions, or those of the store if there is none. Both may happen at once: SQLite orders what
/// several processes write.
class Actions {
public:
    explicit Actions(const config::Config& config) : client_{connect_admin(config.server.admin_socket)} {
        if (client_) return;
        become_owner_of(config.server.data_dir);
        std::filesystem::create_directories(config.storage.path.parent_path());
        stores_ = std::make_unique<db::Stores>(db::Options{.path = config.storage.path, .readers = 1, .on_error = {}});
        direct_ = std::make_unique<StoreActions>(*stores_, config, clock_, random_);
    }

    AdminActions* operator->() { return client_ ? static_cast<AdminActions*>(client_.get()) : direct_.get(); }

private:
    SystemClock clock_;
    SystemRandom random_;
    std::unique_ptr<AdminClient> client_;
    std::unique_ptr<db::Stores> stores_;
    std::unique_ptr<StoreActions> direct_;
};

Jid account_of(const Invocation& invocation) {
    const std::string& text = invocation.positional().front();
    Result<Jid> account = Jid::parse(text);
    if (!account || !account->has_local() || !account->is_bare())
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

std::string time_text(Timestamp at) {
    const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
    tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
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

}  // namespace aldis::cli
