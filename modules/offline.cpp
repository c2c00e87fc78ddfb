#include <algorithm>

#include "config/fields.h"
#include "mod/module.h"
#include "modules/offline_rules.h"

namespace aldis::modules {
namespace {

using std::chrono::milliseconds;

struct OfflineConfig {
    std::uint32_t messages = 1'000;
    config::ByteSize bytes = config::mib(16);
    static constexpr auto fields = config::fields(
        config::field<&OfflineConfig::messages>(
            "messages", config::doc("Messages that may wait for one account; beyond it they are refused.")),
        config::field<&OfflineConfig::bytes>("bytes", config::doc("The same, in bytes.")));
};

/// An account's queue, as long as the account is in memory.
struct Queue {
    offline::Usage usage = {};
    bool sending = false;  ///< to the first resource that came; what waits goes out once
};

constexpr std::size_t page = 10;             ///< messages; however large, they fit into a session's output
constexpr std::size_t backlog = 256 * 1024;  ///< bytes that a client has not read yet, before it gets more
constexpr milliseconds backlog_looked_at_every{200};

Queue load_queue(db::Connection& connection, const std::string& owner) {
    Queue queue;
    std::int64_t last = 0;
    for (bool more = true; more;) {
        const std::vector<db::OfflineStanza> found = db::Offline::load(connection, owner, last, page);
        for (const db::OfflineStanza& stanza : found) queue.usage.add(stanza.stanza.size());
        more = found.size() == page;
        if (more) last = found.back().id;
    }
    return queue;
}

/// XEP-0160: messages for an account without a resource wait, and are sent in order to the first one that comes.
class Offline final : public mod::Module {
public:
    explicit Offline(mod::Context& context)
        : context_{context},
          most_{.messages = context.config<OfflineConfig>().messages, .bytes = context.config<OfflineConfig>().bytes} {
        context.on_message(mod::Direction::inward, mod::Phase::amend, *this, &Offline::strip_forged_delays);
        context.on_message(mod::Direction::inward, mod::Phase::fall_back, *this, &Offline::keep);
        context.on_load(&load_queue);
        context.on_available(*this, &Offline::start_sending);
        context.on_bound(*this, &Offline::clear);
        context.feature(mod::For::server, "msgoffline");
    }

private:
    mod::Step strip_forged_delays(session::Transit& transit) {
        offline::remove_delays(transit.message, context_.host().jid());
        return mod::Flow::pass;
    }
    mod::Step keep(session::Transit& transit);
    void start_sending(session::Session& session);
    Task<void> clear(session::Session& session, xml::Document& bound);
    Task<void> send_all(session::Account& account, std::uint64_t first_session);
    void send(session::Session& session, const db::OfflineStanza& stanza);
    Task<void> pause();

    mod::Context& context_;
    offline::Usage most_;
};

mod::Step Offline::keep(session::Transit& transit) {
    using enum offline::Fate;
    // The same answer as where there is no such account: RFC 6121 section 8.5.2.2.
    constexpr stanza::Error no{Condition::service_unavailable, ErrorType::cancel, {}};
    switch (offline::fate_of(transit.message)) {
        case pass: return mod::Flow::pass;
        case drop: return mod::Flow::taken;
        case refuse: return std::unexpected{no};
        case keep: break;
    }
    auto& queue = transit.account.slot<Queue>();
    const Bytes& stanza = transit.bytes();
    if (!offline::fits(queue.usage, stanza->size(), most_)) return std::unexpected{no};
    queue.usage.add(stanza->size());
    db::Offline::append(transit.unit, transit.account.jid().text(), context_.clock().now(), stanza);
    return mod::Flow::taken;
}

/// The resource that what waits is sent to: the one that was first, or another one if that has gone meanwhile.
session::Session* receiver(const session::Account& account, std::uint64_t first_session) {
    const auto can_take = [](const session::Session& session) {
        return session.available() && session.priority() >= 0 && session.connected();
    };
    session::Session* const first = account.find(first_session);
    if (first != nullptr && can_take(*first)) return first;
    for (const auto& session : account.sessions())
        if (can_take(*session)) return session.get();
    return nullptr;
}

/// The client has not read what it was sent, or has not acknowledged it (XEP-0198): more would end its session, and
/// come back here.
bool has_enough(const session::Session& session) {
    if (session.connected() && session.stream()->transport().queued() > backlog) return true;
    if (session.management() == nullptr) return false;
    const session::Resumption& bounds = session.account().home().limits().resumption;
    const session::Unacknowledged& left = session.management()->unacknowledged;
    return left.bytes() > std::min(backlog, bounds.bytes / 4) || left.size() > bounds.stanzas / 4;
}

void Offline::start_sending(session::Session& session) {
    session::Account& account = session.account();
    auto& queue = account.slot<Queue>();
    if (queue.usage.messages == 0 || queue.sending) return;
    account.tasks().start(send_all(account, session.id()));
}

/// Removes what waits for the account, up to the last that is in its archive as well. @return what is left
offline::Usage remove_archived(db::Connection& connection, const std::string& owner, const Jid& account) {
    offline::Usage left;
    std::int64_t removable = 0;
    std::int64_t last = 0;
    bool all_archived = true;
    for (bool more = true; more;) {
        const std::vector<db::OfflineStanza> found = db::Offline::load(connection, owner, last, page);
        for (const db::OfflineStanza& stanza : found) {
            all_archived = all_archived && offline::is_archived(stanza.stanza, account);
            if (all_archived) removable = stanza.id;
            if (!all_archived) left.add(stanza.stanza.size());
        }
        more = found.size() == page;
        if (more) last = found.back().id;
    }
    db::Unit unit;
    if (removable > 0) db::Offline::remove_up_to(unit, owner, removable);
    unit.run(connection);
    return left;
}

/// XEP-0386 "Performing the bind": whoever logs in so finds in the archive what waits here. What is not there is sent.
Task<void> Offline::clear(session::Session& session, xml::Document& /*bound*/) {
    session::Account& account = session.account();
    auto& queue = account.slot<Queue>();
    if (queue.usage.messages == 0 || queue.sending) co_return;
    auto job = [owner = account.jid().text(), jid = account.jid()](db::Connection& connection) {
        return remove_archived(connection, owner, jid);
    };
    const std::size_t before = queue.usage.messages;
    const offline::Usage left =
        co_await context_.home().stores().database.write(context_.home().way_back(), std::move(job));
    // What has come meanwhile is counted already, and still there.
    if (queue.usage.messages == before) queue.usage = left;
}

/// Page by page: read, send, then delete what was sent. A crash in between sends it again and loses nothing.
Task<void> Offline::send_all(session::Account& account, std::uint64_t first_session) {
    struct Sending {
        Queue& queue;
        session::Account& account;
        Sending(Queue& q, session::Account& a) : queue{q}, account{a} { set(true); }
        Sending(const Sending&) = delete;
        Sending& operator=(const Sending&) = delete;
        ~Sending() { set(false); }
        void set(bool yes) const {
            queue.sending = yes;
            account.set_draining(yes);
        }
    };
    auto& queue = account.slot<Queue>();
    const Sending sending{queue, account};
    bool waited = false;
    while (const session::Session* const waiting = receiver(account, first_session)) {
        if (has_enough(*waiting)) {
            co_await pause();
            continue;
        }
        auto job = [owner = account.jid().text()](db::Connection& connection) {
            return db::Offline::load(connection, owner, 0, page);
        };
        std::vector<db::OfflineStanza> stanzas = co_await context_.read(std::move(job));
        session::Session* const session = receiver(account, first_session);
        if (session == nullptr) co_return;
        if (stanzas.empty()) {
            // What queued behind the others may still be on its way to the disk.
            if (queue.usage.messages == 0 || std::exchange(waited, true)) {
                queue.usage = {};
                co_return;
            }
            const Result<void> arrived = co_await context_.commit({});
            if (!arrived) co_return;
            continue;
        }
        waited = false;
        std::size_t sent = 0;
        while (sent < stanzas.size() && (sent == 0 || !has_enough(*session))) send(*session, stanzas[sent++]);
        stanzas.erase(stanzas.begin() + static_cast<std::ptrdiff_t>(sent), stanzas.end());

        db::Unit unit;
        db::Offline::remove_up_to(unit, account.jid().text(), stanzas.back().id);
        const Result<void> removed = co_await context_.commit(std::move(unit));
        if (!removed) {
            context_.log().error("what was sent could not be deleted, and will be sent again",
                                 kv("account", account.jid()));
            co_return;
        }
        for (const db::OfflineStanza& stanza : stanzas) queue.usage.remove(stanza.stanza.size());
    }
}

void Offline::send(session::Session& session, const db::OfflineStanza& stanza) {
    context_.home().counters().delivered[0].add();
    session.send(stanza::Kind::message,
                 make_bytes(offline::delayed(
                     stanza.stanza, {.from = context_.host().jid(), .stamp = stanza.at, .reason = "Offline Storage"})));
}

Task<void> Offline::pause() {
    std::function<void(bool)> wake;
    net::Timer timer{context_.home().shard(), [&wake] {
                         const std::function<void(bool)> answer = std::move(wake);  // the timer goes while it is called
                         answer(true);
                     }};
    CallbackResult<bool> later{[&wake, &timer](std::function<void(bool)> answer) {
        wake = std::move(answer);
        timer.start(backlog_looked_at_every);
    }};
    co_await later;
}

constexpr mod::Spec specs[] = {{"XEP-0160", "1.0.1"}, {"XEP-0203", "2.0"}, {"XEP-0334", "1.0.0"}};

}  // namespace

extern const mod::Info offline_info;
const mod::Info offline_info{.name = "offline",
                             .summary = "Keeps messages for accounts that nobody is logged in to.",
                             .implements = specs,
                             .config = &config::schema_of<OfflineConfig>,
                             .for_guests = false,
                             .make = mod::make<Offline>};

}  // namespace aldis::modules
