#include "modules/administration_rules.h"

#include <algorithm>

#include "jid/precis.h"
#include "mod/module.h"
#include "session/accounts.h"

namespace aldis::modules {
namespace {

using administration::Accounts;
using administration::NewPassword;
using administration::NewUser;
using administration::Page;
using commands::Call;
using commands::Stage;
namespace dataforms = xep::dataforms;
using Outcome = Result<Stage>;

constexpr stanza::Error not_secure{Condition::not_authorized, ErrorType::auth, "Encrypt the connection first."};
constexpr stanza::Error taken{Condition::conflict, ErrorType::cancel, "There is such an account already."};
constexpr stanza::Error not_to_admins{Condition::not_allowed, ErrorType::cancel,
                                      "What becomes of admins is decided in the configuration."};
constexpr std::string_view by_admin = "Ended by the administrator.";

/// What is asked about some accounts, and what was done to them.
struct About {
    std::string_view title;
    std::string_view instructions;
    std::string_view done;
    bool full_addresses = false;
    bool harmless = false;  ///< may be done to admins, too
};

/// XEP-0133: Service Administration, for the admins of a domain: what `aldis user` does, with the client at hand.
class Administration final : public mod::Module {
public:
    explicit Administration(mod::Context& context) : context_{context} {
        add("add-user", "Add a user", &Administration::add_user);
        add("delete-user", "Delete users", &Administration::delete_users);
        add("disable-user", "Disable users", &Administration::disable_users);
        add("reenable-user", "Re-enable users", &Administration::enable_users);
        add("end-user-session", "End user sessions", &Administration::end_sessions);
        add("change-user-password", "Change a user's password", &Administration::change_password);
        add("get-registered-users-num", "Get number of registered users", &Administration::count_registered);
        add("get-disabled-users-num", "Get number of disabled users", &Administration::count_disabled);
        add("get-online-users-num", "Get number of online users", &Administration::count_online);
        add("get-registered-users-list", "Get list of registered users", &Administration::list_registered);
        add("get-disabled-users-list", "Get list of disabled users", &Administration::list_disabled);
        add("get-online-users-list", "Get list of online users", &Administration::list_online);
    }

private:
    void add(std::string_view command, std::string_view name, Task<Outcome> (Administration::*run)(Call&)) {
        context_.host().slot<commands::Registry>().add({.node = administration::node(command),
                                                        .name = std::string{name},
                                                        .target = mod::For::server,
                                                        .allowed = commands::Allowed::admins,
                                                        .run = commands::method(*this, run)});
    }

    Task<Outcome> add_user(Call& call);
    Task<Outcome> change_password(Call& call);
    Task<Outcome> delete_users(Call& call) { return for_accounts(call, delete_form, &Administration::remove); }
    Task<Outcome> disable_users(Call& call) { return for_accounts(call, disable_form, &Administration::disable); }
    Task<Outcome> enable_users(Call& call) { return for_accounts(call, enable_form, &Administration::enable); }
    Task<Outcome> end_sessions(Call& call) { return for_accounts(call, end_form, &Administration::log_out); }
    Task<Outcome> count_registered(Call& call);
    Task<Outcome> count_disabled(Call& call);
    Task<Outcome> count_online(Call& call);
    Task<Outcome> list_registered(Call& call) {
        return list(call, "registereduserjids", "Registered users", &Administration::registered);
    }
    Task<Outcome> list_disabled(Call& call) {
        return list(call, "disableduserjids", "Disabled users", &Administration::disabled);
    }
    Task<Outcome> list_online(Call& call) {
        return list(call, "onlineuserjids", "Online users", &Administration::online_page);
    }

    static constexpr About delete_form{"Deleting users",
                                       "Their accounts, with all that belongs to them, are gone then.", "deleted"};
    static constexpr About disable_form{"Disabling users", "They cannot log in until they are enabled again.",
                                        "disabled"};
    static constexpr About enable_form{"Re-enabling users", "They can log in again.", "enabled", false, true};
    static constexpr About end_form{"Ending user sessions",
                                    "All of an account, or the one of an address with a resource.", "logged out", true,
                                    true};

    /// @return  whether there was such an account, or session
    using Work = Task<bool> (Administration::*)(Jid);
    Task<Outcome> for_accounts(Call& call, const About& about, Work work);
    Task<bool> remove(Jid account);
    Task<bool> disable(Jid account);
    Task<bool> enable(Jid account) { return set_disabled(std::move(account), false); }
    Task<bool> set_disabled(Jid account, bool disabled);
    Task<bool> log_out(Jid whom);

    struct Users {
        std::vector<std::string> names;
        std::size_t count = 0;  ///< in all; or at least, where not all were looked at
    };
    using Listing = Task<Users> (Administration::*)(std::string after, std::size_t most);
    Task<Outcome> list(Call& call, std::string_view var, std::string_view title, Listing listing);
    Task<Users> registered(std::string after, std::size_t most);
    Task<Users> disabled(std::string after, std::size_t most);
    Task<Users> online(std::string after, std::size_t most);
    Task<Users> online_page(std::string after, std::size_t most) { return online(std::move(after), most); }

    [[nodiscard]] const Jid& domain() const { return context_.host().jid(); }
    void note(const Call& call, std::string_view what, const Jid& whom) const {
        context_.log().info(what, kv("jid", whom), kv("by", call.from()));
    }

    mod::Context& context_;
};

/// Passwords do not pass where others can read them.
bool is_secure(const Call& call) {
    const session::Session* const session = call.session();
    return session != nullptr && session->connected() && session->stream()->may_show_password();
}

Task<Outcome> Administration::add_user(Call& call) {
    if (!is_secure(call)) co_return std::unexpected{not_secure};
    if (call.stage() == 0)
        co_return commands::ask(administration::blank<NewUser>("Adding a user", "Fill out this form to add a user."));
    const Result<NewUser> user = call.answer<NewUser>();
    if (!user) co_return std::unexpected{user.error()};
    if (const auto fault = administration::fault_of(user->account, domain()))
        co_return commands::reject("accountjid", *fault);
    const Result<std::string> password = prepare_password(user->password);
    if (!password) co_return commands::reject("password", "cannot be a password");
    if (user->again != user->password) co_return commands::reject("password-verify", "is another password");
    Task<bool> work = session::make_account(context_.home(), user->account, *password);
    const bool made = co_await work;
    if (!made) co_return std::unexpected{taken};
    note(call, "account made", user->account);
    co_return commands::done(user->account.text() + " was added.");
}

Task<Outcome> Administration::change_password(Call& call) {
    if (!is_secure(call)) co_return std::unexpected{not_secure};
    if (call.stage() == 0)
        co_return commands::ask(administration::blank<NewPassword>("Changing a user's password",
                                                                   "Who is logged in to this account is logged out."));
    const Result<NewPassword> wish = call.answer<NewPassword>();
    if (!wish) co_return std::unexpected{wish.error()};
    if (const auto fault = administration::fault_of(wish->account, domain()))
        co_return commands::reject("accountjid", *fault);
    if (!administration::may_touch(wish->account, call.from(), context_.host().settings(), true))
        co_return std::unexpected{not_to_admins};
    const Result<std::string> password = prepare_password(wish->password);
    if (!password) co_return commands::reject("password", "cannot be a password");
    Task<bool> work = session::change_password(context_.home(), wish->account, *password, {});
    const bool changed = co_await work;
    if (!changed) co_return commands::reject("accountjid", "There is no account " + wish->account.text() + ".");
    note(call, "password changed", wish->account);
    constexpr std::string_view why = "The password was changed.";
    if (const session::Session* const own = call.session(); own != nullptr && wish->account.same_bare(call.from())) {
        context_.home().log_out_others(wish->account, own->id(), why);
    } else {
        context_.home().forget_everywhere(wish->account, why);
    }
    co_return commands::done("The password of " + wish->account.text() + " was changed.");
}

// ---- Some accounts ----

Task<Outcome> Administration::for_accounts(Call& call, const About& about, Work work) {
    if (call.stage() == 0) co_return commands::ask(administration::blank<Accounts>(about.title, about.instructions));
    const Result<Accounts> wish = call.answer<Accounts>();
    if (!wish) co_return std::unexpected{wish.error()};
    if (wish->accounts.size() > administration::most_accounts)
        co_return commands::reject("accountjids", "too many at a time");
    // Nothing is done if one of them is wrong.
    for (const Jid& account : wish->accounts) {
        if (const auto fault = administration::fault_of(account, domain(), about.full_addresses))
            co_return commands::reject("accountjids", *fault);
        if (!about.harmless && !administration::may_touch(account, call.from(), context_.host().settings(), false))
            co_return std::unexpected{not_to_admins};
    }
    std::size_t count = 0;
    std::string missing;
    for (const Jid& account : wish->accounts) {
        Task<bool> task = (this->*work)(account);
        const bool was = co_await task;
        if (was) note(call, about.done, account);
        if (!was) missing += (missing.empty() ? "" : ", ") + account.text();
        count += was ? 1 : 0;
    }
    if (missing.empty())
        co_return commands::done(std::to_string(count) + (count == 1 ? " was " : " were ") + std::string{about.done} +
                                 ".");
    std::string why = "Not " + std::string{about.done} + ", as there is nobody there: " + missing + ".";
    co_return commands::failed(std::move(why));
}

Task<bool> Administration::remove(Jid account) {
    session::Home& home = context_.home();
    Task<bool> work = session::remove_account(home, account);
    const bool was = co_await work;
    if (!was) co_return false;
    home.forget_everywhere(account, "The account was removed.");
    // What its sessions leave behind when they end.
    Task<bool> ended = log_out(account);
    co_await ended;
    Task<void> rest = session::remove_leftovers(home, account);
    co_await rest;
    co_return true;
}

Task<bool> Administration::disable(Jid account) {
    Task<bool> work = set_disabled(account, true);
    const bool was = co_await work;
    if (was) context_.home().forget_everywhere(account, "The account was disabled.");
    co_return was;
}

Task<bool> Administration::set_disabled(Jid account, bool disabled) {
    auto set = [name = account.text(), disabled](db::Connection& connection) {
        return db::Users::set_disabled(connection, name, disabled);
    };
    co_return co_await context_.home().stores().database.write(context_.home().way_back(), std::move(set));
}

/// Sessions at home, and streams that have logged in and have no resource, which may be anywhere.
Task<bool> Administration::log_out(Jid whom) {
    session::Home& home = context_.home();
    CallbackResult<std::size_t> sessions{[&home, whom](const std::function<void(std::size_t)>& then) {
        home.run_at(whom.bare(), [whom, then, back = home.way_back()](session::Home& there) {
            const std::size_t ended = there.end_sessions(whom, by_admin);
            back([then, ended] { then(ended); });
        });
    }};
    const std::size_t ended = co_await sessions;
    if (!whom.is_bare()) co_return ended > 0;
    CallbackResult<std::size_t> streams{[&home, whom](const std::function<void(std::size_t)>& then) {
        home.log_out_unbound(
            {.account = whom, .text = std::string{by_admin}},
            [then, back = home.way_back()](std::size_t count) { back([then, count] { then(count); }); });
    }};
    const std::size_t waited = co_await streams;
    co_return ended + waited > 0;
}

// ---- Numbers and lists ----

Task<Outcome> Administration::count_registered(Call& /*call*/) {
    const std::uint64_t count =
        co_await context_.read([domain = std::string{domain().domain()}](db::Connection& connection) {
            return db::Users::count(connection, domain);
        });
    co_return commands::show(
        administration::result("registeredusersnum", "The number of registered users", {std::to_string(count)}));
}

Task<Outcome> Administration::count_disabled(Call& /*call*/) {
    Task<Users> work = disabled({}, 0);
    const Users users = co_await work;
    co_return commands::show(
        administration::result("disabledusersnum", "The number of disabled users", {std::to_string(users.count)}));
}

Task<Outcome> Administration::count_online(Call& /*call*/) {
    Task<Users> work = online({}, 0);
    const Users users = co_await work;
    co_return commands::show(
        administration::result("onlineusersnum", "The number of online users", {std::to_string(users.count)}));
}

Task<Outcome> Administration::list(Call& call, std::string_view var, std::string_view title, Listing listing) {
    if (call.stage() == 0)
        co_return commands::ask(administration::blank<Page>(title, "Choose how many, and where to begin."));
    const Result<Page> page = call.answer<Page>();
    if (!page) co_return std::unexpected{page.error()};
    const std::size_t most = page->size();
    Task<Users> work = (this->*listing)(page->after ? page->after->bare().text() : std::string{}, most);
    Users users = co_await work;
    const bool more = users.names.size() == most;
    std::string text = more ? "There may be more after " + users.names.back() + "." : "These are all.";
    co_return commands::show(administration::result(var, title, std::move(users.names)), std::move(text));
}

Task<Administration::Users> Administration::registered(std::string after, std::size_t most) {
    auto job = [domain = std::string{domain().domain()}, after = std::move(after), most](db::Connection& connection) {
        Users users;
        for (const db::User& user : db::Users::list(connection, domain, after, most)) users.names.push_back(user.jid);
        return users;
    };
    co_return co_await context_.read(std::move(job));
}

Task<Administration::Users> Administration::disabled(std::string after, std::size_t most) {
    auto job = [domain = std::string{domain().domain()}, after = std::move(after),
                most](db::Connection& connection) mutable {
        constexpr std::size_t step = 1'000;
        Users users;
        for (bool more = true; more && (most == 0 || users.names.size() < most);) {
            const std::vector<db::User> some = db::Users::list(connection, domain, after, step);
            more = some.size() == step;
            for (const db::User& user : some) {
                after = user.jid;
                if (!user.disabled) continue;
                ++users.count;
                if (users.names.size() < most) users.names.push_back(user.jid);
            }
        }
        return users;
    };
    co_return co_await context_.read(std::move(job));
}

/// Who is connected, asked of all shards.
Task<Administration::Users> Administration::online(std::string after, std::size_t most) {
    struct Gathered {
        Users users;
        std::size_t shards;
    };
    session::Home& home = context_.home();
    CallbackResult<Users> all{
        [&home, domain = domain(), after = std::move(after), most](const std::function<void(Users)>& then) {
            const auto gathered = std::make_shared<Gathered>(Users{}, home.shards());
            home.everywhere([gathered, then, domain, after, most, back = home.way_back()](session::Home& there) {
                Users found;
                session::Host* const host = there.host(domain.domain());
                std::vector<std::string> names;
                if (host != nullptr)
                    there.for_each_session(*host, [&](session::Session& session) {
                        if (session.connected()) names.emplace_back(session.account().jid().text());
                    });
                std::ranges::sort(names);
                names.erase(std::ranges::unique(names).begin(), names.end());
                found.count = names.size();
                const auto first = std::ranges::upper_bound(names, after);
                const auto rest = static_cast<std::size_t>(names.end() - first);
                found.names.assign(first, first + static_cast<std::ptrdiff_t>(std::min(rest, most)));
                back([gathered, then, most, found = std::move(found)]() mutable {
                    Users& users = gathered->users;
                    users.count += found.count;
                    std::ranges::move(found.names, std::back_inserter(users.names));
                    if (--gathered->shards > 0) return;
                    std::ranges::sort(users.names);
                    if (users.names.size() > most) users.names.resize(most);
                    then(std::move(users));
                });
            });
        }};
    co_return co_await all;
}

constexpr mod::Spec specs[] = {{"XEP-0133", "1.3.1"}};

}  // namespace

extern const mod::Info administration_info;
const mod::Info administration_info{
    .name = "administration",
    .summary = "Lets the admins of a domain look after its accounts with their clients.",
    .implements = specs,
    .for_guests = false,
    .make = mod::make<Administration>};

}  // namespace aldis::modules
