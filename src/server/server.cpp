#include "server/server.h"

#include <signal.h>
#include <unistd.h>
#include <atomic>

#include <future>
#include <thread>

#include "base/log.h"
#include "base/random.h"
#include "cli/admin_socket.h"
#include "cli/store_actions.h"
#include "db/stores.h"
#include "http/metrics_page.h"
#include "http/server.h"
#include "mod/load.h"
#include "modules/modules.h"
#include "net/asio.h"
#include "net/listener.h"
#include "net/signals.h"
#include "net/socket.h"
#include "server/guard.h"
#include "server/metrics.h"
#include "server/secret.h"
#include "server/settings.h"
#include "server/systemd.h"
#include "tls/context.h"

namespace aldis::server {
namespace {

using session::Home;

/// The composition root: Server > Shard > Home > Account > Session > Stream. Whoever stands further down in the list of
/// members is let go of first.
class Server {
public:
    Server(const config::Config& config, const config::Source& source);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();
    int run();

private:
    class Actions;

    void make_homes();
    [[nodiscard]] std::vector<Home*> peers() const;
    void make_modules(Home& home, session::Host& host);
    void listen();
    void listen_for_clients(const config::Listener& listener, InheritedSockets& inherited);
    void listen_for_metrics(const config::Listener& listener, InheritedSockets& inherited);
    void feed_watchdog();
    void on_signal(int number);
    void reload();
    void read_configuration_again();
    void begin_shutdown();
    void wait_for_streams(Instant deadline);
    void settle();
    void settle(unsigned rounds);
    void restore_sessions();
    void stop();

    config::Config config_;
    config::Source source_;
    Log log_{"server"};
    SystemClock clock_;
    SystemRandom random_;
    AddressGuard guard_;
    std::vector<std::unique_ptr<net::Shard>> shards_;
    std::unique_ptr<net::Signals> signals_;
    std::unique_ptr<db::Stores> stores_;
    std::unique_ptr<router::Router> router_;
    std::vector<std::unique_ptr<Home>> homes_;
    std::shared_ptr<tls::Context> tls_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    std::unique_ptr<Actions> actions_;
    std::unique_ptr<cli::AdminServer> admin_;
    metrics::Registry registry_;
    http::Routes metrics_routes_;
    std::vector<std::unique_ptr<http::Server>> metrics_;
    std::unique_ptr<net::Timer> shutdown_timer_;
    std::unique_ptr<net::Timer> watchdog_;
    std::vector<std::thread> threads_;
    bool shutting_down_ = false;
};

/// What `aldis user` does to a running server: the store, and then the sessions.
class Server::Actions final : public cli::StoreActions {
public:
    Actions(Server& server)
        : StoreActions{*server.stores_, server.config_, server.clock_, server.random_}, server_{server} {}

    std::expected<std::vector<cli::SessionInfo>, cli::Outcome> sessions(const Jid& account) override;
    cli::Outcome kick(const Jid& whom) override;

private:
    static constexpr std::chrono::seconds patience{10};  ///< with shards that do not answer

    /// Lets the account's home answer, on its shard.
    /// @return  nothing: it has stopped
    template <class Ask>
    auto ask_home(const Jid& account, Ask ask) -> std::optional<std::invoke_result_t<Ask&, Home&>>;
    void add_names(const Jid& account, std::vector<cli::SessionInfo>& sessions) const;
    void end_sessions(const Jid& account) override {
        // Everywhere: a stream that has logged in may wait for its resource on any shard.
        for (const auto& home : server_.homes_)
            home->shard().post([&home = *home, account] { home.forget(account, "The account was changed."); });
    }
    Server& server_;
};

template <class Ask>
auto Server::Actions::ask_home(const Jid& account, Ask ask) -> std::optional<std::invoke_result_t<Ask&, Home&>> {
    using Answer = std::invoke_result_t<Ask&, Home&>;
    const auto promise = std::make_shared<std::promise<Answer>>();
    std::future<Answer> answer = promise->get_future();
    Home& home = *server_.homes_[server_.router_->home_of(account)];
    home.shard().post([promise, &home, ask = std::move(ask)]() mutable { promise->set_value(ask(home)); });
    // A shard that has stopped never answers; the server waits for this thread then.
    if (answer.wait_for(patience) != std::future_status::ready) return std::nullopt;
    return answer.get();
}

cli::Outcome stopped() { return {cli::Outcome::Status::failed, "the server is stopping"}; }

cli::SessionInfo info_of(const session::Session& session, Instant now) {
    cli::SessionInfo info{.resource = std::string{session.jid().resource()},
                          .connected = session.connected(),
                          .available = session.available(),
                          .priority = session.priority(),
                          .client = std::string{session.client()}};
    const auto since = [&](Instant then) { return std::chrono::duration_cast<std::chrono::seconds>(now - then); };
    if (!session.connected()) {
        if (session.management() != nullptr) info.idle = since(session.management()->away_since);
        return info;
    }
    const stream::ClientStream& stream = *session.stream();
    info.address = stream.transport().peer_address();
    if (const net::TlsInfo* const tls = stream.transport().tls()) info.tls = tls->version;
    if (stream.mechanism()) info.mechanism = sasl::name(*stream.mechanism());
    info.idle = since(stream.last_heard());
    return info;
}

std::expected<std::vector<cli::SessionInfo>, cli::Outcome> Server::Actions::sessions(const Jid& account) {
    auto sessions = ask_home(account, [account](Home& home) {
        std::vector<cli::SessionInfo> found;
        if (const session::Account* const there = home.find(account))
            for (const auto& session : there->sessions())
                if (session->reachable()) found.push_back(info_of(*session, home.shard().now()));
        return found;
    });
    if (!sessions) return std::unexpected{stopped()};
    if (sessions->empty()) return StoreActions::sessions(account);
    add_names(account, *sessions);
    return std::move(*sessions);
}

/// Until here, clients are known by their ids.
void Server::Actions::add_names(const Jid& account, std::vector<cli::SessionInfo>& sessions) const {
    server_.stores_->database.read_now([&](db::Connection& connection) {
        for (cli::SessionInfo& session : sessions) {
            const std::string id = std::exchange(session.client, {});
            const auto client = id.empty() ? std::nullopt : db::Clients::find(connection, account.text(), id);
            if (!client) continue;
            session.client = client->software;
            if (!client->device.empty()) session.client += (session.client.empty() ? "" : " on ") + client->device;
        }
    });
}

cli::Outcome Server::Actions::kick(const Jid& whom) {
    constexpr std::string_view text = "Ended by the administrator.";
    const auto unbound = std::make_shared<std::promise<std::size_t>>();
    std::future<std::size_t> streams = unbound->get_future();
    auto kicked = ask_home(whom, [whom, unbound, text](Home& home) {
        // Who has logged in and has no resource yet is everywhere.
        if (whom.is_bare()) {
            home.log_out_unbound({.account = whom, .text = std::string{text}},
                                 [unbound](std::size_t ended) { unbound->set_value(ended); });
        } else {
            unbound->set_value(0);
        }
        return home.end_sessions(whom, text);
    });
    if (!kicked || streams.wait_for(patience) != std::future_status::ready) return stopped();
    *kicked += streams.get();
    if (*kicked == 0 && !exists(whom)) return StoreActions::kick(whom);
    if (*kicked == 0) return {cli::Outcome::Status::not_found, "nobody is logged in as " + whom.text()};
    return {cli::Outcome::Status::done, "ended " + std::to_string(*kicked) + (*kicked == 1 ? " session" : " sessions") +
                                            " of " + whom.bare().text()};
}

Server::Server(const config::Config& config, const config::Source& source)
    : config_{config}, source_{source}, guard_{config.limits, clock_} {
    net::ignore_broken_pipes();
    for (unsigned i = 0; i < shard_count(config_); ++i) {
        shards_.push_back(std::make_unique<net::Shard>(i, clock_, random_));
        shards_.back()->set_fault_handler([log = Log{"server"}](std::exception_ptr fault) {
            try {
                std::rethrow_exception(fault);
            } catch (const std::exception& error) {
                log.error("a handler failed", kv("cause", error.what()));
            }
        });
    }
    signals_ = std::make_unique<net::Signals>(*shards_[0], std::initializer_list<int>{SIGTERM, SIGINT, SIGHUP},
                                              [this](int number) { on_signal(number); });
    db::Options options{.path = config_.storage.path, .on_error = [log = Log{"db"}](const db::Error& error) {
                            log.error("the database failed", kv("cause", error.what()));
                        }};
    stores_ = std::make_unique<db::Stores>(std::move(options), std::span{&secret_schema, 1});
    std::vector<std::string> domains;
    for (const config::Domain& domain : config_.domains) domains.push_back(domain.name);
    router_ = std::make_unique<router::Router>(static_cast<unsigned>(shards_.size()), domains);
    make_homes();
    add_metrics(registry_, peers(), *stores_, guard_);
    http::add_metrics_page(metrics_routes_, registry_);
    if (needs_tls(config_)) {
        tls_ = std::make_shared<tls::Context>(certificates(config_), static_cast<unsigned>(shards_.size()));
        for (const std::string& warning : tls_->warnings(clock_.now()))
            log_.warn("certificate", kv("problem", warning));
    }
    listen();
    actions_ = std::make_unique<Actions>(*this);
    admin_ = std::make_unique<cli::AdminServer>(config_.server.admin_socket, *actions_);
}

Server::~Server() = default;

void Server::make_homes() {
    const std::string secret = decoy_secret(*stores_, random_);
    for (const auto& shard : shards_) {
        homes_.push_back(std::make_unique<Home>(*shard, *stores_, *router_, guard_, stream_limits(config_),
                                                session_limits(config_)));
    }
    for (const auto& home : homes_) {
        home->set_peers(peers());
        home->deliver_first(config_.storage.durability == config::Durability::before_ack);
        // All of them before their services, which must not take another's name.
        for (const config::Domain& domain : config_.domains) home->add_host(*Jid::parse(domain.name));
        for (const config::Domain& domain : config_.domains) {
            session::Host& host = *home->host(Jid::parse(domain.name)->domain());
            host.domain().tls = needs_tls(config_);
            host.domain().decoy_secret = secret;
            host.domain().anonymous = domain.anonymous;
            host.set_settings(domain_settings(domain, config_));
            set_auth(host.domain(), config_);
            make_modules(*home, host);
            host.domain().inline_features = host.handlers().inline_features;
        }
    }
}

std::vector<Home*> Server::peers() const {
    std::vector<Home*> all;
    for (const auto& home : homes_) all.push_back(home.get());
    return all;
}

void Server::make_modules(Home& home, session::Host& host) {
    std::vector<const mod::Info*> wanted;
    for (const mod::Info* const info : modules::all())
        if (config_.modules.enabled(info->name)) wanted.push_back(info);
    mod::load(home, host, wanted, [this](const mod::Info& info) -> std::shared_ptr<const void> {
        // The configuration's slot lives as long as config_.
        return {std::shared_ptr<void>{}, info.config == nullptr ? nullptr : config_.modules.slot(info.name)};
    });
    for (const session::Host* const service : host.services()) router_->add_service(service->jid().text());
}

void Server::listen() {
    InheritedSockets inherited = InheritedSockets::take();
    for (const config::Listener& listener : config_.listeners) {
        if (listener.kind == config::ListenerKind::metrics) {
            listen_for_metrics(listener, inherited);
        } else {
            listen_for_clients(listener, inherited);
        }
    }
    for (const std::string& socket : inherited.left_over())
        log_.warn("nobody uses the socket of systemd", kv("socket", socket));
}

void Server::listen_for_clients(const config::Listener& listener, InheritedSockets& inherited) {
    const bool direct = listener.tls == config::TlsMode::direct;
    const stream::TlsMode mode = tls_mode(listener.tls);
    for (const std::string& address : listener.address) {
        net::ListenerOptions options{.address = address,
                                     .port = listener.port,
                                     .adopted_fd = inherited.take(address, listener.port),
                                     .tls = tls_,
                                     .direct_tls = direct,
                                     .alpn = direct ? "xmpp-client" : ""};
        listeners_.push_back(std::make_unique<net::Listener>(
            std::move(options),
            [this, mode](net::Shard& shard, std::unique_ptr<net::Transport> transport) {
                homes_[shard.index()]->accept(std::move(transport), mode);
            },
            [this](std::string_view trouble) { log_.error("connections cannot be accepted", kv("cause", trouble)); }));
        log_.info("listening", kv("kind", "c2s"), kv("address", address), kv("port", listeners_.back()->port()),
                  kv("tls", std::string_view{direct                          ? "direct"
                                             : mode == stream::TlsMode::none ? "none"
                                                                             : "starttls"}));
    }
}

void Server::listen_for_metrics(const config::Listener& listener, InheritedSockets& inherited) {
    for (const std::string& address : listener.address) {
        const int adopted = inherited.take(address, listener.port);
        net::Fd socket = adopted >= 0 ? net::adopt_listening(adopted) : net::listen_on(address, listener.port, 128);
        metrics_.push_back(
            std::make_unique<http::Server>(net::io_context_of(*shards_[0]), std::move(socket), metrics_routes_));
        log_.info("listening", kv("kind", "metrics"), kv("address", address), kv("port", metrics_.back()->port()));
    }
}

int Server::run() {
    restore_sessions();
    for (std::size_t i = 1; i < shards_.size(); ++i)
        threads_.emplace_back([shard = shards_[i].get()] { shard->run(); });
    for (const auto& listener : listeners_)
        for (const auto& shard : shards_) listener->start(*shard);
    log_.info("ready", kv("shards", shards_.size()), kv("domains", config_.domains.size()));
    notify_ready();
    feed_watchdog();
    shards_[0]->run();
    for (std::thread& thread : threads_) thread.join();
    admin_.reset();
    metrics_.clear();
    listeners_.clear();
    stores_->database.close();
    log_.info("ended");
    return 0;
}

/// systemd kills a server whose loop has stopped turning, if it was told to.
void Server::feed_watchdog() {
    const std::optional<std::chrono::microseconds> patience = watchdog_patience();
    if (!patience) return;
    if (!watchdog_) watchdog_ = std::make_unique<net::Timer>(*shards_[0], [this] { feed_watchdog(); });
    watchdog_->start(*patience / 2);
    notify_watchdog();
}

void Server::on_signal(int number) {
    if (number == SIGHUP) return reload();
    if (shutting_down_) return stop();  // a second Ctrl-C does not wait
    begin_shutdown();
}

/// Everything that was configured stays as it is if the new file has a mistake.
void Server::reload() {
    notify_reloading();
    read_configuration_again();
    notify_ready();
}

void Server::read_configuration_again() {
    const config::Loaded loaded = config::load(source_);
    for (const config::Problem& problem : loaded.problems) log_.warn("configuration", kv("problem", problem.text()));
    if (!loaded.good()) {
        log_.error("the configuration was not read again: it has errors");
        return;
    }
    try {
        if (tls_) tls_->reload(certificates(loaded.config));
    } catch (const std::exception& error) {
        log_.error("the configuration was not read again", kv("cause", error.what()));
        return;
    }
    configure_log(loaded.config.log.settings());
    guard_.set_limits(loaded.config.limits);
    // It is told when it is true on every shard.
    const auto left = std::make_shared<std::atomic<std::size_t>>(homes_.size());
    for (const auto& home : homes_) {
        home->shard().post([this, left, &home = *home, streams = stream_limits(loaded.config),
                            sessions = session_limits(loaded.config), config = loaded.config] {
            home.set_limits(streams, sessions);
            for (const config::Domain& domain : config.domains) {
                session::Host* const host = home.host(domain.name);
                if (host == nullptr) continue;
                host->set_settings(domain_settings(domain, config));
                set_auth(host->domain(), config);
            }
            if (--*left == 0) log_.info("the configuration was read again");
        });
    }
}

void Server::begin_shutdown() {
    shutting_down_ = true;
    log_.info("shutting down");
    notify_stopping();
    for (const auto& listener : listeners_) listener->stop();
    for (const auto& home : homes_) home->shard().post([&home = *home] { home.shut_down(); });
    wait_for_streams(clock_.steady() + config_.server.shutdown_timeout);
}

/// Asks every shard whether its streams have closed, until they have or the time is up.
void Server::wait_for_streams(Instant deadline) {
    auto left = std::make_shared<std::atomic<std::size_t>>(homes_.size());
    auto open = std::make_shared<std::atomic<std::size_t>>(0);
    for (const auto& home : homes_) {
        home->shard().post([this, left, open, deadline, &home = *home] {
            open->fetch_add(home.streams());
            if (left->fetch_sub(1) > 1) return;
            shards_[0]->post([this, open, deadline] {
                if (open->load() == 0 || clock_.steady() >= deadline) return settle();
                shutdown_timer_ =
                    std::make_unique<net::Timer>(*shards_[0], [this, deadline] { wait_for_streams(deadline); });
                shutdown_timer_->start(std::chrono::milliseconds{100});
            });
        });
    }
}

/// What is on its way to the disk arrives there, then the sessions that can be resumed are saved; not for ever.
void Server::settle() {
    constexpr std::chrono::seconds patience{10};
    shutdown_timer_ = std::make_unique<net::Timer>(*shards_[0], [this] {
        log_.error("the disk takes too long: stopping without it");
        stop();
    });
    shutdown_timer_->start(patience);
    settle(2);
}

/// In rounds, because what is on disk on one shard may go on to another.
void Server::settle(unsigned rounds) {
    const auto next = [this, rounds] { rounds > 0 ? settle(rounds - 1) : stop(); };
    auto left = std::make_shared<std::atomic<std::size_t>>(homes_.size());
    for (const auto& home : homes_) {
        home->shard().post([this, left, next, last = rounds == 0, &home = *home] {
            auto done = [this, left, next] {
                if (left->fetch_sub(1) == 1) shards_[0]->post(next);
            };
            last ? home.save_sessions(done) : home.after_commits(done);
        });
    }
}

/// Sessions that were resumable when the server stopped the last time. They are taken out of the database before
/// anybody can connect: a session that was resumed twice would miss what came in between.
void Server::restore_sessions() {
    std::map<std::string, std::vector<db::ResumableSession>> saved;
    stores_->database.write_now([&](db::Connection& connection) {
        saved.clear();
        db::ResumableSessions::take_all(connection, clock_.now(), [&](db::ResumableSession&& session) {
            std::string owner = session.owner;
            saved[std::move(owner)].push_back(std::move(session));
        });
    });
    for (auto& [owner, sessions] : saved) {
        const Result<Jid> account = Jid::parse(owner);
        if (!account || !config_.domain(account->domain())) continue;
        Home& home = *homes_[router_->home_of(*account)];
        home.shard().post([&home, account = *account, these = std::move(sessions)]() mutable {
            home.restore_sessions(account, std::move(these));
        });
    }
    if (!saved.empty()) log_.info("sessions restored", kv("accounts", saved.size()));
}

void Server::stop() {
    for (const auto& shard : shards_) shard->stop();
}

}  // namespace

int run(const config::Config& config, const config::Source& source) {
    try {
        Server server{config, source};
        return server.run();
    } catch (const std::exception& error) {
        Log{"server"}.error("the server cannot run", kv("cause", error.what()));
        return 1;
    }
}

}  // namespace aldis::server
