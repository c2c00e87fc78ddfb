#pragma once

#include <deque>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/log.h"
#include "base/metrics.h"
#include "db/resumable_sessions.h"
#include "db/stores.h"
#include "net/shard.h"
#include "router/router.h"
#include "session/account.h"
#include "session/questions.h"
#include "stream/reception.h"

namespace aldis::session {

/// XEP-0198: how long and how much is kept for clients that have lost their connection. Of what all of them hold
/// together, each shard has its part.
struct Resumption {
    std::chrono::seconds patience{600};  ///< 0: no session can be resumed
    std::size_t stanzas = 10'000;        ///< of one session, unacknowledged
    std::size_t bytes = 2 << 20;         ///< the same; fits into a stream's output when it is sent again
    std::size_t away_per_account = 10;   ///< sessions that wait to be resumed
    std::size_t away = 10'000;
    std::size_t away_bytes = 256 << 20;  ///< what waits for them, and as much for those that are connected
};

/// Bounds of what accounts hold here.
struct Limits {
    std::size_t sessions_per_account = 100;
    std::size_t roster_items = 5'000;
    std::size_t roster_text = 1'023;       ///< bytes of a name or group
    std::size_t roster_groups = 64;        ///< of one contact
    std::size_t directed = 1'000;          ///< presences of one session to others than its contacts
    std::size_t pending_requests = 1'000;  ///< for a subscription, unanswered
    std::size_t waiting_for_load = 1'000;  ///< stanzas for an account that is being read from disk
    std::size_t idle_accounts = 10'000;    ///< kept in memory without a session
    Resumption resumption = {};
};

/// Who counts failed logins, for all shards.
class Guard {
public:
    virtual ~Guard() = default;
    [[nodiscard]] virtual bool may_try(std::string_view address) = 0;
    virtual void failed(std::string_view address, std::string_view mechanism) = 0;
    virtual void succeeded(std::string_view address, std::string_view mechanism) = 0;
    /// A connection has come. @return false: too many of this address have not logged in; it is closed
    [[nodiscard]] virtual bool admit(std::string_view address) = 0;
    /// A stream of this address that was admitted has logged in, or gone before that.
    virtual void released(std::string_view address) = 0;
    /// A connection that was admitted has gone.
    virtual void gone() = 0;
    /// XEP-0077: an account is about to be made for this address.
    /// @return  false: it has had `most` of them within `window`
    [[nodiscard]] virtual bool take_registration(std::string_view address, std::uint32_t most,
                                                 std::chrono::seconds window) = 0;
    /// It was not made after all.
    virtual void return_registration(std::string_view address) = 0;
    /// XEP-0175: @return  false: too many guests are here, of this address or in all
    [[nodiscard]] virtual bool admit_guest(std::string_view address) = 0;
    /// A guest that was admitted has gone.
    virtual void guest_gone(std::string_view address) = 0;
};

/// What goes by: written by the shard's thread, read by any.
struct HomeCounters {
    metrics::Gauge sessions;  ///< connected
    metrics::Gauge away;      ///< sessions that wait to be resumed
    metrics::Counter resumed;
    metrics::Counter not_resumed;               ///< waited in vain, or had to make room
    metrics::Gauge accounts;                    ///< in memory
    std::array<metrics::Counter, 3> received;   ///< from clients, by stanza::Kind
    std::array<metrics::Counter, 3> delivered;  ///< to clients
    metrics::Counter refused;                   ///< answered with an error, or dropped where none is allowed
    metrics::Histogram route_time{metrics::seconds_bounds()};  ///< one message in 16, from receipt to delivery
};

/// Whose streams are to end: somebody has lost the right that they logged in by.
struct LogOut {
    Jid account;                   ///< bare
    std::string text;              ///< says why
    std::string client = {};       ///< of this client alone; empty: of any
    std::string fingerprint = {};  ///< of who came by this certificate alone; empty: of any
    std::uint64_t spared = 0;      ///< not this session, by its id
    /// Nor streams that are younger than that one: whoever comes later is looked at when he logs in.
    std::uint64_t latest = stream::ClientStream::latest_serial();
};

/// Everything that lives on one shard: its part of every domain, its accounts and their sessions, and the streams that
/// have not come so far.
class Home final : public db::Committer, public stream::Reception {
public:
    Home(net::Shard& shard, db::Stores& stores, const router::Router& router, Guard& guard,
         const stream::StreamLimits& stream_limits, const Limits& limits);
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;
    ~Home() override;

    // Before the server runs.
    void set_peers(std::vector<Home*> peers) { peers_ = std::move(peers); }
    Host& add_host(Jid jid);

    [[nodiscard]] net::Shard& shard() const { return shard_; }
    [[nodiscard]] db::Stores& stores() const { return stores_; }
    [[nodiscard]] const Limits& limits() const { return limits_; }
    [[nodiscard]] HomeCounters& counters() { return counters_; }
    [[nodiscard]] Host* host(std::string_view domain);
    /// Durability "before-ack": messages are delivered without waiting for the disk.
    void deliver_first(bool yes) { deliver_first_ = yes; }
    [[nodiscard]] Guard& guard() const { return guard_; }
    void set_limits(const stream::StreamLimits& stream_limits, const Limits& limits);
    void set_certificate_known(std::string_view domain, bool known);

    // Streams and accounts.
    void accept(std::unique_ptr<net::Transport> transport, stream::TlsMode tls_mode);
    /// The account, if it is in memory.
    [[nodiscard]] Account* find(const Jid& bare);
    /// Calls `use` with the account, now or when it has been read from disk; with null and why if that cannot be.
    void with(const Jid& bare, UseAccount use);
    /// The account was removed, disabled or has a new password: ends its streams on this shard, bound or not, and reads
    /// it again before it is used again.
    void forget(const Jid& bare, std::string_view text);
    /// Every session of a domain; `use` may end it.
    void for_each_session(const Host& host, const std::function<void(Session&)>& use);
    [[nodiscard]] const stream::StreamLimits& stream_limits() const { return stream_limits_; }
    /// Ends all streams: system-shutdown.
    void shut_down();
    [[nodiscard]] std::size_t streams() const {
        return unbound_.size() + leaving_.size() + static_cast<std::size_t>(counters_.sessions.value());
    }

    // Routing.
    /// Sends a stanza to wherever its 'to' lives.
    void route(Transfer transfer);
    void route(AnyStanza stanza) { route(Transfer{.stanza = std::move(stanza)}); }
    /// The same presence of `from` to many; `wire` has no 'to' yet.
    void fan_out(const Jid& from, const Bytes& wire, const std::vector<Jid>& to);
    /// Asks for the presence of contacts of a local user, on behalf of `from`.
    void probe(const Jid& from, const std::vector<Jid>& to);
    /// Calls `work` on the home shard of that address: at once if it is this one.
    void run_at(const Jid& address, std::move_only_function<void(Home&)> work);
    /// Calls `work` once on each shard that is the home of some of these accounts, with those: addresses of other
    /// domains are left out.
    using PerHome = std::function<void(Home&, const std::vector<Jid>& part)>;
    void by_home(const std::vector<Jid>& accounts, const PerHome& work);
    /// What this shard has asked its clients.
    [[nodiscard]] Questions& questions() { return questions_; }
    /// Answers the sender with an error, where that is allowed; lets go of what was to be written.
    void refuse(Transfer transfer, const stanza::Error& error);
    /// Nobody takes it and nobody is told, but what its sender has to remember of it is kept.
    void drop(Transfer transfer);
    /// Lets the request's handler answer it.
    void answer(Host& host, Iq iq, mod::For target, Account* account, Session* session);

    // Writing.
    /// Queues the unit; `then` is called on this shard when it is on disk, or lost. In order.
    void commit(db::Unit unit, std::move_only_function<void(bool stored)> then);
    /// How much this shard has submitted; it grows with each unit.
    [[nodiscard]] std::uint64_t submitted() const { return submitted_; }
    /// Calls `then` when everything that this shard has submitted so far is on disk.
    void after_commits(std::move_only_function<void()> then);
    /// account.deliver(transfer) when its unit is on disk, else the sender is answered with an error.
    void commit(Transfer transfer, Account& account);
    /// Everything that the transfer caused has happened: tells where it came from.
    void done(Transfer transfer) { settle(transfer, true); }
    void failed(db::Ticket from, db::Ticket to) override;
    void committed(db::Ticket up_to) override;
    /// A function that posts to this shard, for db::Database.
    [[nodiscard]] db::Database::Home way_back();

    // stream::Reception
    [[nodiscard]] const stream::Domain* find_domain(std::string_view name) const override;
    [[nodiscard]] bool may_try(std::string_view address) override { return guard_.may_try(address); }
    void login_failed(std::string_view address, std::string_view mechanism, std::string_view why) override;
    void login_succeeded(std::string_view address, std::string_view mechanism) override;
    void provide(std::shared_ptr<sasl::Server> exchange, stream::LookUp wanted,
                 std::function<void(stream::Found)> answer) override;
    void arrive(stream::Arrival arrival, std::function<void(stream::Admission)> answer) override;
    [[nodiscard]] bool admit_guest(std::string_view address) override { return guard_.admit_guest(address); }
    void register_account(stream::ClientStream& stream, const stream::Domain& domain, Iq request) override;
    void enter(stream::ClientStream& stream, const Jid& account, stream::Entry entry) override;
    void let_go(stream::ClientStream& stream) override;

    // home_accounts.cpp: accounts that change while somebody is logged in to them.
    /// On all shards: forget().
    void forget_everywhere(const Jid& bare, std::string_view text);
    /// On all shards: ends the streams that have logged in and are not bound yet. Sessions are the caller's to end.
    /// @param then  called on any shard, with how many they were
    using EndedStreams = std::function<void(std::size_t streams)>;
    void log_out_unbound(const LogOut& whom, const EndedStreams& then = nullptr);
    /// Ends the session of a full address, or all of a bare one's, whose home is here. @return  how many
    std::size_t end_sessions(const Jid& whom, std::string_view text);
    /// Calls `work` on every shard.
    void everywhere(const std::function<void(Home&)>& work) const;
    [[nodiscard]] std::size_t shards() const { return peers_.size(); }
    /// The same, and here, the account's sessions but `spared`, by its id.
    void log_out_others(const Jid& bare, std::uint64_t spared, std::string_view text);
    /// The account is about to be removed: what comes for it waits for forget(), and then finds nobody.
    void set_aside(Account& account);

    // home_sessions.cpp: sessions without a stream.
    /// Keeps a stream that nobody speaks through any more until its connection is closed.
    void see_off(std::unique_ptr<stream::ClientStream> stream);
    void went_away(Session& session);
    void came_back(Session& session);
    /// What waits for a session that is away has grown.
    void away_grew(std::size_t bytes);
    /// What clients that are connected have not acknowledged has changed.
    void count_connected(std::ptrdiff_t bytes) { connected_bytes_ += bytes; }
    [[nodiscard]] bool connected_hold_too_much() const {
        return connected_bytes_ > static_cast<std::ptrdiff_t>(limits_.resumption.away_bytes);
    }
    /// Saves the sessions that can be resumed, when all streams have closed; calls `then` when they are on disk.
    void save_sessions(std::move_only_function<void()> then);
    /// Sessions of one account that an earlier run has saved.
    void restore_sessions(const Jid& account, std::vector<db::ResumableSession> saved);
    /// XEP-0198 "Resumption": how much of it was handled, for a client that comes too late.
    void remember_ended(const Session& session);

    /// Lets go of an account that is to be forgotten, when nothing needs it any more.
    void retire(Account& account);
    [[nodiscard]] std::uint64_t next_session_id() { return ++last_session_; }
    [[nodiscard]] const Log& log() const { return log_; }

private:
    struct Pending {
        db::Ticket ticket;
        Account* account = nullptr;  ///< either a transfer for this account ...
        std::size_t sender = 0;
        std::optional<Transfer> transfer = {};
        std::move_only_function<void(bool)> then = nullptr;  ///< ... or this
        bool always = false;                                 ///< it only waits for others, and has nothing to lose
    };
    struct Stored;

    void deliver(Transfer transfer);
    void serve(Transfer transfer);
    void refuse_remote(Transfer transfer);
    void end_unbound(const LogOut& whom, const EndedStreams& then = nullptr);
    std::size_t end_late(const LogOut& whom);
    std::size_t end_waiting(const LogOut& whom);
    Task<void> answer_stranger(stream::ClientStream& stream, Host& host, std::shared_ptr<const Iq> request);
    void load(Account& account);
    void load_guest(const Account& account);
    void loaded(const Jid& bare, std::unique_ptr<Stored> stored);
    void enter_here(std::unique_ptr<stream::ClientStream> stream, const Jid& account, stream::Entry entry);
    void welcome(stream::ClientStream& stream, Account* account, Missing why, stream::Entry entry);
    [[nodiscard]] bool resume_here(stream::ClientStream& stream, Account& account,
                                   std::shared_ptr<const stream::Entry> entry);
    void go_on_resuming(stream::ClientStream& stream, Account* account, std::uint64_t id, const stream::Entry& entry);
    void enter_anew(stream::ClientStream& stream, Account& account, const stream::Entry& entry);
    void bind_here(stream::ClientStream& stream, Account& account, const stream::Entry& entry);
    Task<void> complete_bind2(Session& session, std::string enabled);
    [[nodiscard]] std::string apply_bind2(Session& session, const xml::Element& bind);
    [[nodiscard]] std::string resource_for(const Account& account, const stream::Entry& entry);
    [[nodiscard]] std::unique_ptr<stream::ClientStream> take_unbound(stream::ClientStream& stream);
    [[nodiscard]] std::string failed_resume(const Account& account, std::string_view previd) const;
    void make_room();
    void save_again(const Jid& account, const std::vector<db::ResumableSession>& saved);
    void restore(Account& account, const std::vector<db::ResumableSession>& saved);
    void deliver_now(db::Ticket ticket, Transfer transfer, Account& account);
    void finish(Pending pending, bool stored);
    void pass(db::Ticket up_to);
    /// One that fails does not keep the others from going on.
    template <class Work>
    void guarded(Work&& work) {
        try {
            work();
        } catch (const std::exception& error) {
            log_.error("a stanza failed", kv("cause", error.what()));
        }
    }
    [[nodiscard]] static Transfer news_of(Transfer& transfer);
    void deliver_to_nobody(Transfer transfer);
    void settle(Transfer& transfer, bool stored);
    void hear(const Jid& from, const Origin& origin, const Bytes& sent, std::optional<db::ArchiveId> sent_id);
    void to_services(const Bytes& wire, const std::vector<Jid>& to);
    void fan_out_here(const Jid& from, const Bytes& wire, const std::vector<Jid>& to);
    void probe_here(const Jid& from, const std::vector<Jid>& to);
    void answer_for_those_away(const Jid& from, std::vector<Jid> away);
    void sweep();
    [[nodiscard]] static const mod::IqHandler* handler_of(Host& host, const Iq& iq, mod::For target);
    void send_reply(const Iq& request, mod::Reply reply, Session* session);
    Task<void> answer_later(const mod::IqHandler& handler, std::shared_ptr<Iq> iq, Host& host, Account* account,
                            Session* session, std::uint64_t number);

    net::Shard& shard_;
    db::Stores& stores_;
    const router::Router& router_;
    Guard& guard_;
    stream::StreamLimits stream_limits_;
    Limits limits_;
    bool deliver_first_ = false;
    Log log_{"session"};
    xml::ParserPool parsers_;
    stream::Place place_;
    std::vector<Home*> peers_;
    std::unordered_map<std::string, std::unique_ptr<Host>> hosts_;
    std::unordered_map<stream::ClientStream*, std::unique_ptr<stream::ClientStream>> unbound_;
    std::unordered_map<stream::ClientStream*, std::unique_ptr<stream::ClientStream>> leaving_;
    std::unordered_map<Jid, std::unique_ptr<Account>, BareHash, SameBare> accounts_;
    std::uint64_t submitted_ = 0;
    std::deque<Pending> pending_;                          ///< in the order of their tickets
    std::vector<std::pair<db::Ticket, db::Ticket>> lost_;  ///< reported, not yet passed
    Questions questions_;
    TaskGroup tasks_;
    net::Timer sweeper_;
    HomeCounters counters_;
    std::uint64_t last_session_ = 0;
    std::list<Session*> away_;  ///< who has waited longest comes first
    std::size_t away_bytes_ = 0;
    std::ptrdiff_t connected_bytes_ = 0;
    struct Ended {
        std::size_t id = 0;  ///< hash of account and SM-ID
        std::uint32_t h = 0;
    };
    std::vector<Ended> ended_;  ///< a ring
    std::size_t next_ended_ = 0;
    bool shutting_down_ = false;
};

}  // namespace aldis::session
