#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/task.h"
#include "config/schema.h"
#include "db/stores.h"
#include "mod/handlers.h"
#include "net/shard.h"
#include "session/account.h"
#include "session/home.h"
#include "session/host.h"
#include "session/session.h"
#include "session/transit.h"

namespace aldis::mod {

class Context;

/// A feature of the server: one page that says what it does with what passes through it.
/// One instance per domain and shard; its handlers run on that shard, one stanza at a time.
class Module {
public:
    virtual ~Module() = default;
};

/// Which standard, and which version of it.
struct Spec {
    std::string_view name;     ///< "XEP-0313"
    std::string_view version;  ///< "1.1.3"
};

/// What a module is, before it exists.
struct Info {
    std::string_view name;                   ///< its table in the configuration, its area in the log
    std::string_view summary;                ///< one line for the configuration's reference
    std::span<const Spec> implements;        ///< feeds doap.xml; the first is the main one
    const config::Schema* config = nullptr;  ///< its settings, if it has any
    bool for_services = false;               ///< it is also made for the services of a domain: Context::service()
    bool for_guests = true;  ///< false: it stores things of accounts, which guests do not have (XEP-0175)
    std::unique_ptr<Module> (*make)(Context&) = nullptr;
};

template <class T>
std::unique_ptr<Module> make(Context& context) {
    return std::make_unique<T>(context);
}

/// An empty result.
struct Empty {};

/// What a module registers with and asks for things. Lives as long as the module; what is registered goes with it.
class Context {
public:
    /// @param settings  the module's typed settings, as its Info::config makes them; null if it has none
    Context(const Info& info, session::Home& home, session::Host& host, std::shared_ptr<const void> settings);
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    [[nodiscard]] session::Home& home() const { return home_; }
    [[nodiscard]] session::Host& host() const { return host_; }
    [[nodiscard]] const Clock& clock() const { return home_.shard().clock(); }
    [[nodiscard]] Random& random() const { return home_.shard().random(); }
    [[nodiscard]] const Log& log() const { return log_; }
    /// The settings of the struct that Info::config was made of.
    template <class T>
    [[nodiscard]] const T& config() const {
        return *static_cast<const T*>(settings_.get());
    }
    template <class T>
    [[nodiscard]] T& store() const {
        return home_.stores().get<T>();
    }

    /// `co_await context.read([](db::Connection&) { return ...; })`: on another thread, then back.
    template <class Function>
    auto read(Function job) {
        return home_.stores().database.read(home_.way_back(), std::move(job));
    }
    /// Completes when the unit is on disk.
    Task<Result<void>> commit(db::Unit unit);

    /// `handler` is a `Step (T::*)(session::Transit&)`: sees messages, in both directions or one.
    template <class T>
    void on_message(Phase phase, T& self, Step (T::*handler)(session::Transit&)) {
        on_message(Direction::outward, phase, self, handler);
        on_message(Direction::inward, phase, self, handler);
    }
    template <class T>
    void on_message(Direction direction, Phase phase, T& self, Step (T::*handler)(session::Transit&)) {
        handlers().of(direction, phase).push_back([&self, handler](session::Transit& transit) {
            return (self.*handler)(transit);
        });
    }
    /// A resource has become available with a priority of 0 or more, for the first time: what waited may be delivered.
    template <class T>
    void on_available(T& self, void (T::*handler)(session::Session&)) {
        handlers().available.push_back([&self, handler](session::Session& session) { (self.*handler)(session); });
    }
    /// The last available resource of an account has gone; `said` is its unavailable presence, null if it sent none.
    template <class T>
    void on_last_gone(T& self, void (T::*handler)(session::Account&, const Presence* said)) {
        handlers().last_gone.push_back(
            [&self, handler](session::Account& account, const Presence* said) { (self.*handler)(account, said); });
    }
    /// A resource tells everybody, or somebody, that it is available: what it says may be amended before it is kept and
    /// sent.
    template <class T>
    void on_presence(T& self, void (T::*handler)(session::Session&, Presence&)) {
        handlers().presences.push_back(
            [&self, handler](session::Session& session, Presence& presence) { (self.*handler)(session, presence); });
    }
    /// A resource that was available is so no more: it has said so, or its session has ended.
    template <class T>
    void on_unavailable(T& self, void (T::*handler)(session::Session&)) {
        handlers().unavailable.push_back([&self, handler](session::Session& session) { (self.*handler)(session); });
    }
    /// A subscription between the account and a contact has changed, and that is on disk.
    template <class T>
    void on_subscription(T& self, void (T::*handler)(session::Account&, const Jid& contact, db::Subscription before,
                                                     db::Subscription after)) {
        handlers().subscriptions.push_back(
            [&self, handler](session::Account& account, const Jid& contact, db::Subscription before,
                             db::Subscription after) { (self.*handler)(account, contact, before, after); });
    }
    /// Somebody without a subscription asks for one: before anybody remembers or sees it.
    template <class T>
    void on_request(T& self, Step (T::*handler)(session::Account&, const Presence&)) {
        handlers().requests.push_back([&self, handler](session::Account& account, const Presence& presence) {
            return (self.*handler)(account, presence);
        });
    }
    /// A `P` as a child of a bound stream: no stanza, and not answered. What is malformed is ignored.
    template <class P, class T>
    void on_element(T& self, void (T::*handler)(session::Session&, P)) {
        handlers().elements[key_of<P>()] = element_handler<P>(self, handler);
    }
    /// XEP-0386: the same as a child of <bind/>, before anything is sent to the new session.
    template <class P, class T>
    void on_inline(T& self, void (T::*handler)(session::Session&, P)) {
        handlers().inlined[key_of<P>()] = element_handler<P>(self, handler);
    }
    /// Announces that a feature can be asked for in <bind/>.
    void inline_feature(std::string_view var) { handlers().inline_features.emplace_back(var); }
    /// XEP-0386: a resource was bound; `handler` may wait, and may add children to `bound`. What is sent to the session
    /// meanwhile comes after the answer.
    template <class T>
    void on_bound(T& self, Task<void> (T::*handler)(session::Session&, xml::Document& bound)) {
        handlers().bound.push_back([&self, handler](session::Session& session, xml::Document& bound) {
            return (self.*handler)(session, bound);
        });
    }
    /// XEP-0198: a client has acknowledged a message whose Transit::tracked was set.
    template <class T>
    void on_acknowledged(T& self, void (T::*handler)(session::Session&, const session::Tracked&)) {
        handlers().acknowledged.push_back([&self, handler](session::Session& session, const session::Tracked& tracked) {
            (self.*handler)(session, tracked);
        });
    }
    /// What the module knows of a session goes with it over an orderly restart; `save` lets go of what it holds back.
    template <class T>
    void keep_over_restart(T& self, std::string (T::*save)(session::Session&),
                           void (T::*load)(session::Session&, std::string_view saved)) {
        handlers().keepers[std::string{name_}] = {
            .save = [&self, save](session::Session& session) { return (self.*save)(session); },
            .load = [&self, load](session::Session& session, std::string_view saved) { (self.*load)(session, saved); }};
    }
    /// Called off the shard when an account is read from disk; `loader` returns what becomes account.slot<T>().
    template <class T>
    void on_load(T (*loader)(db::Connection&, const std::string& owner)) {
        handlers().loaders.push_back([loader](db::Connection& connection, const std::string& owner) {
            return session::slot_of(loader(connection, owner));
        });
    }

    /// Answers requests whose payload is a `P`, and announces P's namespace as a feature of that address.
    /// The handler returns Result<R> or, if it waits, Task<Result<R>>; R is a payload, xml::Document or Empty.
    template <class P, class T, class R>
    void on_iq(IqType type, For target, T& self, Result<R> (T::*handler)(const Request&, P)) {
        add_iq<P>(type, target, IqHandler{.now = [&self, handler](const Request& request) -> Reply {
                      Result<P> payload = xml::parse<P>(*request.iq->payload());
                      if (!payload) return std::unexpected{payload.error()};
                      return to_reply((self.*handler)(request, std::move(*payload)));
                  }});
    }
    template <class P, class T, class R>
    void on_iq(IqType type, For target, T& self, Task<Result<R>> (T::*handler)(Request, P)) {
        add_iq<P>(type, target,
                  IqHandler{.later = [&self, handler](Request request) { return wait_for(self, handler, request); }});
    }

    /// The same for a handler that answers by itself, later, unless it refuses.
    template <class P, class T, class R>
    void on_silent_iq(IqType type, For target, T& self, Result<R> (T::*handler)(const Request&, P)) {
        on_iq<P>(type, target, self, handler);
        handlers().iqs.at({target, type, std::string{P::schema.name.ns}, std::string{P::schema.name.local}}).silent =
            true;
    }

    /// XEP-0077: `handler` is a `Task<Reply> (T::*)(std::shared_ptr<const Iq> request, std::string address)`, and
    /// answers registrations before the login.
    template <class T>
    void on_stranger(T& self, Task<Reply> (T::*handler)(std::shared_ptr<const Iq>, std::string)) {
        handlers().stranger = [&self, handler](std::shared_ptr<const Iq> request, std::string address) {
            return (self.*handler)(std::move(request), std::move(address));
        };
    }

    /// All modules of the host are made: what they have registered can be looked at.
    template <class T>
    void on_ready(T& self, void (T::*handler)()) {
        handlers().ready.push_back([&self, handler] { (self.*handler)(); });
    }
    /// What all modules have registered for this host.
    [[nodiscard]] Handlers& handlers() const { return host_.handlers(); }

    /// A service of the domain, `name`.DOMAIN, with addresses of its own: register with what is returned what is asked
    /// of it, For::server. Its handlers run on the home shard of the address that was asked.
    Context& service(std::string_view name);
    /// A service: everything that is sent to it or to an address of it, but requests to itself that somebody handles.
    /// The handler answers by Home::done() or Home::refuse().
    template <class T>
    void on_stanza(T& self, void (T::*handler)(session::Transfer)) {
        handlers().stanza = [&self, handler](session::Transfer& transfer) { (self.*handler)(std::move(transfer)); };
    }
    /// Asks a client something, from the account's address or, if that is empty, from the domain's. What waits ends
    /// with `session` if it is one of its tasks.
    /// @return  the answer, which may be an error; remote-server-timeout if there is none within 30 s;
    ///          resource-constraint if too much has been asked already
    Task<Result<std::shared_ptr<const Iq>>> ask(session::Session& session, Iq request);

    /// Announces a feature (disco#info) of the domain or of accounts; For::own_account and For::account are one.
    void feature(For target, std::string_view ns);
    void identity(For target, std::string_view category, std::string_view type, std::string_view name = {});
    /// Something in <stream:features/>: see stream::Offered.
    void stream_feature(std::uint8_t needs, std::uint8_t forbids, std::string xml);
    /// Calls `handler` every `period`, on this shard.
    template <class T>
    void every(std::chrono::milliseconds period, T& self, void (T::*handler)()) {
        repeat(period, [&self, handler] { (self.*handler)(); });
    }
    /// Starts something that waits, on behalf of the module.
    void start(Task<void> task) { tasks_.start(std::move(task)); }

private:
    template <class P>
    static ElementKey key_of() {
        return {std::string{P::schema.name.ns}, std::string{P::schema.name.local}};
    }
    template <class P, class T>
    static ElementHandler element_handler(T& self, void (T::*handler)(session::Session&, P)) {
        return [&self, handler](session::Session& session, const xml::Element& element) {
            if (Result<P> payload = xml::parse<P>(element)) (self.*handler)(session, std::move(*payload));
        };
    }
    void add_handler(IqKey key, IqHandler handler);
    void repeat(std::chrono::milliseconds period, std::function<void()> work);

    template <class P>
    void add_iq(IqType type, For target, IqHandler handler) {
        add_handler({target, type, std::string{P::schema.name.ns}, std::string{P::schema.name.local}},
                    std::move(handler));
    }
    template <class R>
    static Reply to_reply(Result<R> result) {
        if (!result) return std::unexpected{result.error()};
        if constexpr (std::is_same_v<R, xml::Document>) {
            return std::move(*result);
        } else if constexpr (std::is_same_v<R, Empty>) {
            return xml::Document{};
        } else {
            return xml::build(*result);
        }
    }
    template <class P, class T, class R>
    static Task<Reply> wait_for(T& self, Task<Result<R>> (T::*handler)(Request, P), Request request) {
        Result<P> payload = xml::parse<P>(*request.iq->payload());
        if (!payload) co_return std::unexpected{payload.error()};
        Result<R> result = co_await (self.*handler)(request, std::move(*payload));
        co_return to_reply(std::move(result));
    }

    const Info& info_;
    session::Home& home_;
    session::Host& host_;
    std::shared_ptr<const void> settings_;
    std::string_view name_;
    Log log_;
    TaskGroup tasks_;
    std::vector<std::unique_ptr<net::Timer>> timers_;
};

}  // namespace aldis::mod
