#include "config/fields.h"
#include "jid/precis.h"
#include "mod/module.h"
#include "modules/commands.h"
#include "modules/registration_rules.h"
#include "session/accounts.h"

namespace aldis::modules {

namespace registration {

constexpr auto enum_names(Mode /*tag*/) {
    return std::array{config::Named{"off", Mode::off}, config::Named{"open", Mode::open},
                      config::Named{"list", Mode::list}};
}

}  // namespace registration

namespace {

using registration::Mode;
using registration::Policy;
using xep::registration::Query;

std::optional<std::string> check_network(std::string& value) {
    if (registration::Network::parse(value)) return std::nullopt;
    return "must be an IP address or a network such as \"192.0.2.0/24\"";
}

struct RegistrationConfig {
    Mode mode = Mode::off;
    std::vector<std::string> addresses = {};
    std::vector<std::string> names = {};
    std::vector<std::string> reserved = {"abuse",    "admin*", "hostmaster", "info",      "noc",
                                         "operator", "post*",  "root",       "security",  "spam",
                                         "support*", "system", "test",       "webmaster", "xmpp"};
    std::uint32_t shortest_password = 8;
    std::uint32_t per_address = 3;
    std::chrono::minutes per_address_window{60};

    static constexpr auto fields = config::fields(
        config::field<&RegistrationConfig::mode>(
            "mode", config::doc("Who may make an account with a client: nobody, everybody, or those in `addresses` and "
                                "`names`.")),
        config::field<&RegistrationConfig::addresses>(
            "addresses", config::checked(check_network),
            config::doc("IP addresses and networks (`192.0.2.0/24`) in the list; if empty, all are.")),
        config::field<&RegistrationConfig::names>(
            "names", config::doc("Names in the list, with `*` and `?`, such as `montague-*`; if empty, all are.")),
        config::field<&RegistrationConfig::reserved>(
            "reserved", config::doc("Names that only `aldis user add` gives away, with `*` and `?`.")),
        config::field<&RegistrationConfig::shortest_password>(
            "shortest_password", config::between(1, 1000),
            config::doc("Characters that a password has at least, if a client sets it.")),
        config::field<&RegistrationConfig::per_address>(
            "per_address", config::at_least(1),
            config::doc("Accounts for one IPv4 address or IPv6 /64 within `per_address_window`.")),
        config::field<&RegistrationConfig::per_address_window>(
            "per_address_window", config::between(std::chrono::minutes{1}, std::chrono::minutes{60 * 24 * 31}),
            config::doc("See `per_address`.")));
};

Policy policy_of(const RegistrationConfig& config) {
    Policy policy{.mode = config.mode,
                  .names = config.names,
                  .reserved = config.reserved,
                  .shortest_password = config.shortest_password};
    for (const std::string& text : config.addresses)
        if (const auto network = registration::Network::parse(text)) policy.addresses.push_back(*network);
    return policy;
}

constexpr stanza::Error not_stored{Condition::internal_server_error, ErrorType::wait, "This could not be stored."};
constexpr stanza::Error no_account{Condition::registration_required, ErrorType::auth, {}};
constexpr stanza::Error unsafe{Condition::not_authorized, ErrorType::modify, "Encrypt the connection first."};
constexpr stanza::Error wrong_password{Condition::not_authorized, ErrorType::modify, "The old password is needed."};
constexpr stanza::Error too_often{Condition::resource_constraint, ErrorType::wait, "Too many changes; wait a little."};
constexpr std::size_t told_at_once = 64;  ///< contacts

/// Passwords cost time to hash: one account sets a few of them a minute.
struct Changes {
    static constexpr unsigned most = 10;
    static constexpr std::chrono::minutes window{1};
    unsigned count = 0;
    Instant since{};

    [[nodiscard]] bool another(Instant now) {
        if (now - since > window) *this = {.since = now};
        return ++count <= most;
    }
};

/// XEP-0077: accounts made, changed and cancelled by their owners' clients.
class Registration final : public mod::Module {
public:
    explicit Registration(mod::Context& context)
        : context_{context},
          policy_{policy_of(context.config<RegistrationConfig>())},
          per_address_{context.config<RegistrationConfig>().per_address},
          window_{context.config<RegistrationConfig>().per_address_window} {
        using mod::For;
        for (const For target : {For::own_account, For::server}) {
            context.on_iq(IqType::get, target, *this, &Registration::tell);
            context.on_silent_iq(IqType::set, target, *this, &Registration::set);
        }
        context.host().slot<commands::Registry>().add({.node = "change-password",
                                                       .name = "Change my password",
                                                       .run = commands::method(*this, &Registration::change_password)});
        if (policy_.mode == Mode::off) return;
        context.host().domain().may_register = [this](std::string_view address) {
            return registration::may_come_from(policy_, address);
        };
        context.on_stranger(*this, &Registration::answer_stranger);
    }

private:
    Task<mod::Reply> answer_stranger(std::shared_ptr<const Iq> request, std::string address);
    Task<Result<void>> make(registration::Wanted wanted, std::string address);

    Result<Query> tell(const mod::Request& request, Query asked);
    Result<mod::Empty> set(const mod::Request& request, Query query);

    struct Owner {
        Jid account;
        std::uint64_t session;  ///< that something is asked from
    };
    /// Who has asked for something, for when it is done.
    struct Asker : Owner {
        Iq result;  ///< to be sent to him
    };
    Task<Result<commands::Stage>> change_password(commands::Call& call);
    Task<void> change(std::shared_ptr<Asker> asker, registration::Change change, bool by_certificate);
    Task<Result<void>> change_if_known(const Owner& asker, registration::Change change, bool by_certificate);
    Task<void> cancel(std::shared_ptr<Asker> asker);
    Task<Result<void>> remove(const Jid& account);
    Task<bool> say_farewell(const Jid& account);
    Task<bool> tell_contacts(std::vector<Presence> farewells);
    [[nodiscard]] session::Session* find(const Owner& asker) const;
    void answer(Asker& asker, const Result<void>& outcome);
    void forget_account(const Jid& account) { context_.home().forget_everywhere(account, "The account was removed."); }

    mod::Context& context_;
    Policy policy_;
    std::uint32_t per_address_;
    std::chrono::minutes window_;
};

// ---- Before the login ----

Task<mod::Reply> Registration::answer_stranger(std::shared_ptr<const Iq> request, std::string address) {
    if (request->type() == IqType::get) co_return xml::build(registration::blank_registration());
    const Result<Query> query = xml::parse<Query>(*request->payload());
    if (!query) co_return std::unexpected{query.error()};
    if (query->remove) co_return refuse(Condition::unexpected_request, ErrorType::wait, "Log in first.");
    Result<registration::Wanted> wanted = registration::registration_of(*query);
    if (!wanted) co_return std::unexpected{wanted.error()};
    Task<Result<void>> work = make(std::move(*wanted), std::move(address));
    const Result<void> made = co_await work;
    if (!made) co_return std::unexpected{made.error()};
    co_return xml::Document{};
}

Task<Result<void>> Registration::make(registration::Wanted wanted, std::string address) {
    const Result<Jid> account = Jid::from_parts(wanted.username, context_.host().jid().domain());
    if (!account || !account->has_local())
        co_return refuse(Condition::not_acceptable, ErrorType::modify, "This cannot be a name.");
    const Result<void> name = registration::check_name(policy_, account->local());
    if (!name) co_return std::unexpected{name.error()};
    // Who makes the account of an admin that has none yet would become one.
    if (registration::is_of_admin(*account, context_.host().settings().all_admins))
        co_return refuse(Condition::not_acceptable, ErrorType::modify, "This name is reserved.");
    const Result<std::string> password = registration::check_password(policy_, wanted.password);
    if (!password) co_return std::unexpected{password.error()};

    session::Guard& guard = context_.home().guard();
    // Taken before it is made, so that many at once do not slip through.
    if (!guard.take_registration(address, per_address_, window_))
        co_return refuse(Condition::resource_constraint, ErrorType::wait,
                         "Too many accounts from this address; try again later.");
    bool made = false;
    try {
        Task<bool> work = session::make_account(context_.home(), *account, *password);
        made = co_await work;
    } catch (...) {
        guard.return_registration(address);
        throw;
    }
    if (!made) {
        guard.return_registration(address);
        // Who tries one name after the other learns which there are: that counts like guessing passwords.
        guard.failed(address, "registration");
        co_return refuse(Condition::conflict, ErrorType::cancel, "This name is taken.");
    }
    context_.log().info("account registered", kv("jid", *account), kv("peer", address));
    co_return Result<void>{};
}

// ---- After the login ----

Result<Query> Registration::tell(const mod::Request& request, Query /*asked*/) {
    if (request.session == nullptr) return std::unexpected{no_account};
    return registration::registered(request.session->account().jid());
}

bool logged_in_by_certificate(const session::Session& session) {
    return session.connected() && session.stream()->mechanism() == sasl::Mechanism::external;
}

Result<mod::Empty> Registration::set(const mod::Request& request, Query query) {
    if (request.session == nullptr) return std::unexpected{no_account};
    session::Session& session = *request.session;
    auto asker = std::make_shared<Asker>(Owner{session.account().jid(), session.id()}, stanza::result_of(*request.iq));
    if (query.remove) {
        const auto children = request.iq->payload()->children();
        if (std::next(children.begin()) != children.end())
            return refuse(Condition::bad_request, ErrorType::modify, "To remove an account goes alone.");
        session.block();
        context_.start(cancel(std::move(asker)));
        return mod::Empty{};
    }
    Result<registration::Change> wanted = registration::change_of(query, asker->account);
    if (!wanted) return std::unexpected{wanted.error()};
    if (!session.connected() || !session.stream()->may_show_password()) return std::unexpected{unsafe};
    const Result<std::string> password = registration::check_password(policy_, wanted->password);
    if (!password) return std::unexpected{password.error()};
    wanted->password = *password;
    if (!session.account().slot<Changes>().another(context_.clock().steady())) return std::unexpected{too_often};
    session.block();
    context_.start(change(std::move(asker), std::move(*wanted), logged_in_by_certificate(session)));
    return mod::Empty{};
}

session::Session* Registration::find(const Owner& asker) const {
    session::Account* const account = context_.home().find(asker.account);
    return account == nullptr ? nullptr : account->find(asker.session);
}

void Registration::answer(Asker& asker, const Result<void>& outcome) {
    session::Session* const session = find(asker);
    if (session == nullptr) return;
    if (outcome) {
        session->send(asker.result);
    } else {
        Iq refusal{{.from = asker.result.from(),
                    .to = asker.result.to(),
                    .type = IqType::error,
                    .id = asker.result.id().value_or("")}};
        // XEP-0257 "Changing the Password": a form that asks for the old one.
        refusal.add(outcome.error() == wrong_password ? registration::blank_password_change()
                                                      : xep::registration::Query{});
        stanza::add_error(refusal.edit(), outcome.error());
        session->send(refusal);
    }
}

Task<void> Registration::change(std::shared_ptr<Asker> asker, registration::Change change, bool by_certificate) {
    Result<void> outcome = std::unexpected{not_stored};
    try {
        Task<Result<void>> work = change_if_known(*asker, std::move(change), by_certificate);
        outcome = co_await work;
    } catch (const std::exception& error) {
        context_.log().error("a password could not be changed", kv("jid", asker->account), kv("cause", error.what()));
    }
    answer(*asker, outcome);
    if (outcome) context_.home().log_out_others(asker->account, asker->session, "The password was changed.");
    if (session::Session* const session = find(*asker)) session->unblock();
}

Task<Result<void>> Registration::change_if_known(const Owner& asker, registration::Change change, bool by_certificate) {
    session::Home& home = context_.home();
    const session::Session* const session = find(asker);
    std::string client{session->client()};
    if (by_certificate) {
        if (!session->connected()) co_return std::unexpected{wrong_password};  // there is nobody to tell
        const std::string address{session->stream()->transport().peer_address()};
        const Result<std::string> old = prepare_password(change.old_password.value_or(""));
        if (!old || !home.guard().may_try(address)) co_return std::unexpected{wrong_password};
        Task<bool> work = session::is_password(home, asker.account, *old);
        const bool right = co_await work;
        if (!right) {
            home.guard().failed(address, "password change");
            co_return std::unexpected{wrong_password};
        }
    }
    Task<bool> work = session::change_password(home, asker.account, std::move(change.password), std::move(client));
    const bool changed = co_await work;
    if (!changed) co_return std::unexpected{no_account};
    context_.log().info("password changed", kv("jid", asker.account));
    co_return Result<void>{};
}

/// The same as an ad-hoc command, for clients that show their user a form.
Task<Result<commands::Stage>> Registration::change_password(commands::Call& call) {
    const session::Session* const session = call.session();
    if (session == nullptr) co_return std::unexpected{no_account};
    if (!session->connected() || !session->stream()->may_show_password()) co_return std::unexpected{unsafe};
    const bool by_certificate = logged_in_by_certificate(*session);
    if (call.stage() == 0) co_return commands::ask(registration::blank_new_password(by_certificate));
    const Result<registration::NewPassword> wish = call.answer<registration::NewPassword>();
    if (!wish) co_return std::unexpected{wish.error()};
    if (wish->again != wish->password) co_return commands::reject("password-verify", "is another password");
    const Result<std::string> password = registration::check_password(policy_, wish->password);
    if (!password) co_return commands::reject("password", std::string{password.error().text});
    if (!call.account()->slot<Changes>().another(context_.clock().steady())) co_return std::unexpected{too_often};
    const Owner owner{call.account()->jid(), session->id()};
    Task<Result<void>> work =
        change_if_known(owner, {.password = *password, .old_password = wish->old_password}, by_certificate);
    const Result<void> changed = co_await work;
    if (!changed && changed.error() == wrong_password) co_return commands::reject("old_password", "is wrong");
    if (!changed) co_return std::unexpected{changed.error()};
    context_.home().log_out_others(owner.account, owner.session, "The password was changed.");
    co_return commands::done("The password was changed. Other devices were logged out.");
}

/// First the others are told, then the account goes, then its owner is told. Whoever is interrupted in between, by a
/// SIGKILL say, still has the account and no answer, and may ask again: all of it can be done twice. So an account
/// whose removal was confirmed is gone from everywhere.
Task<void> Registration::cancel(std::shared_ptr<Asker> asker) {
    const Jid account = asker->account;
    // Nobody is to change the roster while those in it are told.
    context_.home().log_out_others(account, asker->session, "The account is being removed.");
    Result<void> outcome = std::unexpected{not_stored};
    try {
        Task<Result<void>> work = remove(account);
        outcome = co_await work;
    } catch (const std::exception& error) {
        context_.log().error("an account could not be removed", kv("jid", account), kv("cause", error.what()));
    }
    answer(*asker, outcome);
    if (outcome) {
        context_.log().info("account removed", kv("jid", account));
    } else if (session::Session* const session = find(*asker)) {
        session->unblock();
    }
    const session::Account* const left = context_.home().find(account);
    if (outcome || (left != nullptr && !left->usable())) forget_account(account);
    if (!outcome) co_return;
    // What the sessions have left behind when they ended.
    CallbackResult<bool> turn{[this](std::function<void(bool)> then) {
        context_.home().shard().post([then = std::move(then)] { then(true); });
    }};
    co_await turn;
    Task<void> work = session::remove_leftovers(context_.home(), account);
    co_await work;
}

Task<Result<void>> Registration::remove(const Jid& account) {
    Task<bool> told = say_farewell(account);
    const bool all_told = co_await told;
    if (!all_told) co_return std::unexpected{not_stored};
    if (session::Account* const there = context_.home().find(account)) context_.home().set_aside(*there);
    Task<bool> work = session::remove_account(context_.home(), account);
    const bool existed = co_await work;
    if (!existed) co_return std::unexpected{no_account};
    co_return Result<void>{};
}

/// To all who have a subscription, or to whom there is one.
Task<bool> Registration::say_farewell(const Jid& account) {
    std::vector<Presence> farewells;
    const session::Account* const there = context_.home().find(account);
    if (there == nullptr) co_return false;
    const auto add = [&](const std::string& contact, const std::vector<PresenceType>& types) {
        const Result<Jid> jid = Jid::parse(contact);
        if (!jid) return;
        for (const PresenceType type : types)
            farewells.push_back(Presence{{.from = account, .to = *jid, .type = type}});
    };
    const session::Contacts& contacts = there->contacts();
    for (const db::RosterItem& item : contacts.all())
        add(item.contact,
            registration::farewells(item.subscription, item.ask, contacts.state(item.contact).pending_in));
    for (const db::RosterRequest& request : contacts.requests())
        if (!contacts.find(request.contact))
            add(request.contact, registration::farewells(db::Subscription::none, false, true));

    // Bit by bit, so that the server has something left for others.
    while (!farewells.empty()) {
        const auto middle = farewells.end() - static_cast<std::ptrdiff_t>(std::min(told_at_once, farewells.size()));
        std::vector<Presence> some{std::make_move_iterator(middle), std::make_move_iterator(farewells.end())};
        farewells.erase(middle, farewells.end());
        Task<bool> work = tell_contacts(std::move(some));
        const bool told = co_await work;
        if (!told) co_return false;
    }
    co_return true;
}

/// @return  whether all contacts of this server have it on disk
Task<bool> Registration::tell_contacts(std::vector<Presence> farewells) {
    struct Count {
        std::size_t left;
        bool all = true;
    };
    session::Home& home = context_.home();
    CallbackResult<bool> told{[&home, &farewells](const std::function<void(bool)>& then) {
        const auto count = std::make_shared<Count>(farewells.size());
        for (Presence& farewell : farewells) {
            const bool here = home.host(farewell.to().domain()) != nullptr;
            home.route(session::Transfer{.stanza = std::move(farewell),
                                         .origin = {.shard = home.shard().index()},
                                         .then = [count, then, here](bool stored) {
                                             count->all = count->all && (stored || !here);
                                             if (--count->left == 0) then(count->all);
                                         }});
        }
    }};
    co_return co_await told;
}

constexpr mod::Spec specs[] = {{"XEP-0077", "2.4"}};

}  // namespace

extern const mod::Info registration_info;
const mod::Info registration_info{.name = "registration",
                                  .summary = "Lets clients make accounts, change passwords and cancel accounts.",
                                  .implements = specs,
                                  .config = &config::schema_of<RegistrationConfig>,
                                  .for_guests = false,
                                  .make = mod::make<Registration>};

}  // namespace aldis::modules
