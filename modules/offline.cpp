#include <algorithm>

#include "config/fields.h"
#include "mod/module.h"
#include "modules/offline_backups.h"
#include "modules/offline_queue.h"
#include "modules/offline_receivers.h"
#include "xml/parser.h"

namespace aldis::modules {
namespace {

using std::chrono::milliseconds;
using namespace offline;

struct OfflineConfig {
    std::uint32_t messages = 1'000;
    config::ByteSize bytes = config::mib(16);
    static constexpr auto fields = config::fields(
        config::field<&OfflineConfig::messages>(
            "messages", config::doc("Messages that may wait for one account; beyond it they are refused.")),
        config::field<&OfflineConfig::bytes>("bytes", config::doc("The same, in bytes.")));
};

constexpr std::size_t page = 10;  ///< messages; however large, they fit into a session's output
constexpr milliseconds backlog_looked_at_every{200};
constexpr milliseconds held_looked_at_every{5'000};  ///< at the latest

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
        context.on_last_gone(*this, &Offline::look_at_held);
        context.on_bound(*this, &Offline::clear);
        context.keep_over_restart(*this, &Offline::save, &Offline::load);
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
    void hold(session::Session& session, const std::vector<db::OfflineStanza>& stanzas);
    void watch(session::Account& account);
    Task<void> remove_acknowledged(session::Account& account);
    void look_at_held(session::Account& account, const Presence* said);
    std::string save(session::Session& session);
    void load(session::Session& session, std::string_view saved);
    Task<void> pause(milliseconds time, std::function<void()>* end = nullptr);

    mod::Context& context_;
    Backups backups_{context_};
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

/// Leaves only stanzas that nothing that was sent lies between: they are deleted together.
/// @return  where to read on
std::int64_t without_sent(std::vector<db::OfflineStanza>& stanzas, const Queue& queue) {
    std::int64_t read_up_to = stanzas.back().id;
    const auto is_out = [&queue](const db::OfflineStanza& stanza) { return queue.is_out(stanza.id); };
    stanzas.erase(stanzas.begin(), std::ranges::find_if_not(stanzas, is_out));
    const auto gap = std::ranges::find_if(stanzas, is_out);
    if (gap != stanzas.end()) read_up_to = gap->id;
    stanzas.erase(gap, stanzas.end());
    return read_up_to;
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

/// Page by page: read, send, then delete what was sent: when it is written, or when it is acknowledged (XEP-0198). A
/// crash in between sends it again and loses nothing.
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
    Standstill standstill;
    std::int64_t last = 0;
    bool waited = false;
    while (session::Session* const waiting = receiver(account, first_session)) {
        if (has_enough(*waiting)) {
            if (standstill.look(*waiting, context_.home().shard().now())) {
                // What comes now does not wait for it any longer.
                const session::Session* const other = another(account, *waiting);
                if (other != nullptr) first_session = other->id();
                account.set_draining(other != nullptr);
            }
            co_await pause(backlog_looked_at_every);
            continue;
        }
        standstill = {};
        account.set_draining(true);
        auto job = [owner = account.jid().text(), last](db::Connection& connection) {
            return db::Offline::load(connection, owner, last, page);
        };
        std::vector<db::OfflineStanza> stanzas = co_await context_.read(std::move(job));
        session::Session* const session = receiver(account, first_session);
        if (session == nullptr) co_return;
        if (stanzas.empty() && std::exchange(queue.again, false)) {
            last = 0;
            continue;
        }
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
        const std::int64_t read_up_to = without_sent(stanzas, queue);
        std::size_t sent = 0;
        while (sent < stanzas.size() && (sent == 0 || !has_enough(*session))) send(*session, stanzas[sent++]);
        last = sent < stanzas.size() ? stanzas[sent - 1].id : read_up_to;
        stanzas.erase(stanzas.begin() + static_cast<std::ptrdiff_t>(sent), stanzas.end());
        if (stanzas.empty()) continue;
        if (session->management() != nullptr) {
            hold(*session, stanzas);
            continue;
        }
        db::Unit unit;
        db::Offline::remove(unit, account.jid().text(), stanzas.front().id, stanzas.back().id);
        const Result<void> removed = co_await context_.commit(std::move(unit));
        if (!removed) {
            context_.log().error("what was sent could not be deleted, and will be sent again",
                                 kv("account", account.jid()));
            co_return;
        }
        for (const db::OfflineStanza& stanza : stanzas) queue.usage.remove(stanza.stanza.size());
    }
}

// ---- What was sent and is not acknowledged ----

void Offline::hold(session::Session& session, const std::vector<db::OfflineStanza>& stanzas) {
    offline::Held held{.session = session.id(),
                       .sent = session.management()->unacknowledged.sent(),
                       .first = stanzas.front().id,
                       .last = stanzas.back().id};
    for (const db::OfflineStanza& stanza : stanzas) held.usage.add(stanza.stanza.size());
    auto& queue = session.account().slot<Queue>();
    // If the session ends without having acknowledged it, it comes back here, and needs the room.
    queue.usage.remove(held.usage);
    queue.held.push_back(held);
    watch(session.account());
}

void Offline::watch(session::Account& account) {
    if (!account.slot<Queue>().watching) account.tasks().start(remove_acknowledged(account));
}

/// Until nothing is held any more. What a session had not acknowledged when it ended has gone on to where it is kept.
Task<void> Offline::remove_acknowledged(session::Account& account) {
    struct Watching {
        Queue& queue;
        explicit Watching(Queue& q) : queue{q} { queue.watching = true; }
        Watching(const Watching&) = delete;
        Watching& operator=(const Watching&) = delete;
        ~Watching() {
            queue.watching = false;
            queue.look_again = nullptr;
        }
    };
    auto& queue = account.slot<Queue>();
    const Watching watching{queue};
    milliseconds until_next = backlog_looked_at_every;
    while (!queue.held.empty()) {
        db::Unit unit;
        for (offline::Held& held : queue.held) {
            const session::Session* const session = account.find(held.session);
            held.leaving = session == nullptr || session->management() == nullptr ||
                           held.is_acknowledged(session->management()->unacknowledged.acknowledged());
            if (held.leaving) db::Offline::remove(unit, account.jid().text(), held.first, held.last);
        }
        if (unit.empty()) {
            co_await pause(until_next, &queue.look_again);
            until_next = std::min(2 * until_next, held_looked_at_every);
            continue;
        }
        until_next = backlog_looked_at_every;
        const Result<void> removed = co_await context_.commit(std::move(unit));
        if (!removed)
            context_.log().error("what was sent could not be deleted, and will be sent again",
                                 kv("account", account.jid()));
        for (const offline::Held& held : queue.held)
            if (held.leaving && !removed) queue.usage.add(held.usage);
        std::erase_if(queue.held, [](const offline::Held& held) { return held.leaving; });
        // A receiver that was lost in the middle, and is back.
        if (session::Session* const session = receiver(account, 0); removed && session != nullptr)
            start_sending(*session);
    }
}

/// Not from within what makes it go: its session has not ended yet.
void Offline::look_at_held(session::Account& account, const Presence* /*said*/) {
    if (account.slot<Queue>().held.empty()) return;
    session::Home& home = context_.home();
    home.shard().post([&home, jid = account.jid()] {
        session::Account* const there = home.find(jid);
        if (there == nullptr || !there->usable()) return;
        const std::function<void()> look = there->slot<Queue>().look_again;
        if (look) look();
    });
}

std::string Offline::save(session::Session& session) {
    auto& queue = session.account().slot<Queue>();
    const std::function<void()> look = queue.look_again;  // the last time
    if (look) look();
    return offline::to_text(queue.held, session.id());
}

void Offline::load(session::Session& session, std::string_view saved) {
    auto& queue = session.account().slot<Queue>();
    for (const offline::Held& held : offline::held_from(saved, session.id())) {
        queue.usage.remove(held.usage);
        queue.held.push_back(held);
    }
    watch(session.account());
}

/// XEP-0191: nothing of who is blocked is delivered, whenever it came.
bool is_blocked(session::Account& account, std::string_view stanza) {
    if (account.blocklist().empty()) return false;
    const xml::Document document = xml::parse_document(stanza, xml::client_ns, {.stanza_bytes = stanza.size()});
    const Result<Jid> from = Jid::parse(document.root().attribute_or("from", ""));
    return from && account.blocks(*from);
}

void Offline::send(session::Session& session, const db::OfflineStanza& stanza) {
    if (is_blocked(session.account(), stanza.stanza)) return;
    context_.home().counters().delivered[0].add();
    session.send(stanza::Kind::message,
                 make_bytes(offline::delayed(
                     stanza.stanza, {.from = context_.host().jid(), .stamp = stanza.at, .reason = "Offline Storage"})));
}

Task<void> Offline::pause(milliseconds time, std::function<void()>* end) {
    std::function<void(bool)> wake;
    const auto go_on = [&wake] {
        const std::function<void(bool)> answer = std::exchange(wake, nullptr);  // the timer goes while it is called
        if (answer) answer(true);
    };
    net::Timer timer{context_.home().shard(), go_on};
    CallbackResult<bool> later{[&](std::function<void(bool)> answer) {
        wake = std::move(answer);
        timer.start(time);
    }};
    if (end != nullptr) *end = go_on;
    co_await later;
    if (end != nullptr) *end = nullptr;
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
