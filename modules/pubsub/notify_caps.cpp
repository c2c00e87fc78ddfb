#include <algorithm>
#include <unordered_map>

#include "mod/module.h"
#include "modules/client_caps_cache.h"
#include "modules/client_caps_rules.h"
#include "modules/pubsub/interests.h"
#include "modules/pubsub/last_items.h"
#include "xep/xep0030_disco.h"
#include "xep/xep0390_caps2.h"

namespace aldis::modules {
namespace {

namespace caps = client_caps;

using db::Subscription;
using pubsub::Began;
using pubsub::Interests;
using pubsub::LastItems;
using pubsub::NodeSet;
using pubsub::Wanted;
using KnownClient = std::shared_ptr<const caps::Known>;

/// How long others wait for the answer of the client that was asked on behalf of all.
constexpr std::chrono::seconds enough{3};

/// A session's slot: what its client wants.
struct Client {
    std::string asked = {};       ///< the key that is being looked for; empty: none
    KnownClient known = nullptr;  ///< null: nothing has been learned yet

    [[nodiscard]] std::string_view key() const {
        if (!asked.empty()) return asked;
        return known ? std::string_view{known->key} : std::string_view{};
    }
    [[nodiscard]] bool wants_any() const { return known && !known->notified.empty(); }
    /// The same bytes, owned by `known`.
    [[nodiscard]] Wanted wanted() const {
        if (!known) return std::make_shared<const NodeSet>();
        return {known, &known->notified};
    }
};

/// What `after` has and `before` had not.
Wanted added(const NodeSet& before, const Wanted& after) {
    if (before.empty()) return after;
    auto news = std::make_shared<NodeSet>();
    std::ranges::set_difference(*after, before, std::back_inserter(*news));
    return news;
}

bool is_to(Subscription subscription) { return subscription == Subscription::to || subscription == Subscription::both; }

/// Calls `use(Host&, owners)` for the owners of each domain.
template <class Use>
void by_host(session::Home& home, const std::vector<Jid>& owners, Use&& use) {
    std::unordered_map<session::Host*, std::vector<Jid>> parts;
    for (const Jid& owner : owners)
        if (session::Host* const host = home.host(owner.domain())) parts[host].push_back(owner);
    for (auto& [host, part] : parts) use(*host, std::move(part));
}

void send_last(session::Host& host, const Jid& to, const Wanted& nodes, std::vector<Jid> owners, Began began) {
    LastItems* const last_items = host.slot<LastItems::Slot>().last_items;
    if (last_items != nullptr && !nodes->empty()) last_items->send(to, nodes, std::move(owners), began);
}

/// XEP-0060 "Filtered Notifications", XEP-0163 "Notification Filtering": what clients announce that they want, by
/// XEP-0115 and XEP-0390, is made known at the homes of all whose news they may get. Those are the contacts that an
/// account is subscribed to, and the account itself.
class NotifyCaps final : public mod::Module {
public:
    explicit NotifyCaps(mod::Context& context) : context_{context}, last_items_{context} {
        context.feature(mod::For::account, "http://jabber.org/protocol/pubsub#filtered-notifications");
        context.feature(mod::For::server, xep::caps2::ns);
        context.on_presence(*this, &NotifyCaps::look_at);
        context.on_unavailable(*this, &NotifyCaps::gone);
        context.on_subscription(*this, &NotifyCaps::subscribed);
        context.keep_over_restart(*this, &NotifyCaps::save, &NotifyCaps::load);
        context.every(std::chrono::seconds{1}, *this, &NotifyCaps::ask_others);
    }

private:
    /// A hash that nobody has verified yet, and who waits for that.
    struct Wait {
        struct Session {
            Jid jid;
            caps::Advertised said;  ///< clients may know the same disco#info by other names
            bool asked = false;
        };
        std::unordered_map<std::uint64_t, Session> sessions;  ///< by id
        Instant since{};                                      ///< when a client was asked last
        std::size_t asked = 0;                                ///< how many have not answered yet
    };
    using Waits = std::unordered_map<std::string, Wait>;
    /// A client is being asked; its session may end before it answers.
    class Asking {
    public:
        Asking(NotifyCaps& caps, std::uint64_t session, const caps::Advertised& said);
        Asking(const Asking&) = delete;
        Asking& operator=(const Asking&) = delete;
        ~Asking();

    private:
        NotifyCaps& caps_;
        std::uint64_t session_;
        std::string key_;
    };

    void look_at(session::Session& session, Presence& presence);
    void gone(session::Session& session);
    void subscribed(session::Account& account, const Jid& contact, Subscription before, Subscription after);
    std::string save(session::Session& session);
    void load(session::Session& session, std::string_view saved);

    void find_out(session::Session& session, const caps::Advertised& said);
    void stop_waiting(session::Session& session, Client& client);
    Task<void> ask(session::Session& session, caps::Advertised said);
    void answered(session::Session& session, const caps::Advertised& said, caps::Learned learned);
    void verified(const KnownClient& known);
    void ask_next(Wait& wait);
    void ask_others();
    [[nodiscard]] session::Session* find(const Jid& full, std::uint64_t id) const;

    void settle(session::Session& session, KnownClient known);
    void announce(session::Session& session, const Wanted& nodes, const Wanted& news);

    mod::Context& context_;
    LastItems last_items_;
    caps::Cache cache_{{.entries = 1'000, .bytes = 512 << 10}};
    Waits waits_;
};

// ---- What a client can do ----

void NotifyCaps::look_at(session::Session& session, Presence& presence) {
    if (!presence.to().empty()) return;
    const std::optional<caps::Advertised> said = caps::advertised(presence);
    // XEP-0115 "Caps Optimization": what is not said again has not changed.
    if (!said) return;
    const Client* const client = session.slots().find<Client>();
    if (client == nullptr || client->key() != said->key()) find_out(session, *said);
}

void NotifyCaps::find_out(session::Session& session, const caps::Advertised& said) {
    Client& client = session.slot<Client>();
    stop_waiting(session, client);
    client.asked = said.key();
    if (!said.verifiable) return session.tasks().start(ask(session, said));
    if (KnownClient known = cache_.find(client.asked)) return settle(session, std::move(known));
    Wait& wait = waits_[client.asked];
    wait.sessions.try_emplace(session.id(), Wait::Session{.jid = session.jid(), .said = said});
    if (wait.asked == 0) ask_next(wait);
}

void NotifyCaps::stop_waiting(session::Session& session, Client& client) {
    const auto place = waits_.find(std::exchange(client.asked, {}));
    if (place == waits_.end()) return;
    Wait& wait = place->second;
    const auto waiting = wait.sessions.find(session.id());
    if (waiting == wait.sessions.end() || waiting->second.asked) return;
    wait.sessions.erase(waiting);
    if (wait.sessions.empty()) waits_.erase(place);
}

/// One of those who wait is asked on behalf of all.
void NotifyCaps::ask_next(Wait& wait) {
    const auto place = std::ranges::find_if(wait.sessions, [](const auto& entry) { return !entry.second.asked; });
    if (place == wait.sessions.end()) return;
    wait.since = context_.home().shard().now();
    const caps::Advertised said = place->second.said;
    session::Session* const session = find(place->second.jid, place->first);
    if (session != nullptr) session->tasks().start(ask(*session, said));
}

/// Who was asked need not answer, nor tell the truth: the next one's turn comes soon.
void NotifyCaps::ask_others() {
    const Instant now = context_.home().shard().now();
    constexpr std::size_t most = 10;
    std::vector<std::string> late;
    for (const auto& [key, wait] : waits_)
        if (wait.asked == 0 || (wait.asked < most && now - wait.since > enough)) late.push_back(key);
    for (const std::string& key : late)
        if (const auto place = waits_.find(key); place != waits_.end()) ask_next(place->second);
}

NotifyCaps::Asking::Asking(NotifyCaps& caps, std::uint64_t session, const caps::Advertised& said)
    : caps_{caps}, session_{session}, key_{said.key()} {
    const auto place = caps_.waits_.find(key_);
    if (place == caps_.waits_.end()) return;
    ++place->second.asked;
    place->second.sessions.at(session_).asked = true;
}

NotifyCaps::Asking::~Asking() {
    const auto place = caps_.waits_.find(key_);
    if (place == caps_.waits_.end()) return;
    Wait& wait = place->second;
    const auto waiting = wait.sessions.find(session_);
    if (waiting == wait.sessions.end() || !waiting->second.asked) return;
    --wait.asked;
    wait.sessions.erase(waiting);
    if (wait.sessions.empty()) caps_.waits_.erase(place);
}

Task<void> NotifyCaps::ask(session::Session& session, caps::Advertised said) {
    const Asking asking{*this, session.id(), said};
    Iq request{{.type = IqType::get}};
    request.add(xep::disco::Info{.node = said.node});
    const Result<std::shared_ptr<const Iq>> answer = co_await context_.ask(session, std::move(request));
    if (answer) co_return answered(session, said, caps::learn(said, **answer));
    // Its next presence is another chance.
    Client& client = session.slot<Client>();
    if (client.asked == said.key()) client.asked.clear();
}

void NotifyCaps::answered(session::Session& session, const caps::Advertised& said, caps::Learned learned) {
    const auto known = std::make_shared<const caps::Known>(said.key(), std::move(learned.notified));
    if (learned.verified) return verified(known);
    context_.log().debug("capabilities not verified", kv("jid", session.jid()), kv("node", said.node));
    const Client* const client = session.slots().find<Client>();
    // XEP-0115 "Processing Method": for this client alone.
    if (client != nullptr && client->asked == known->key) settle(session, known);
}

void NotifyCaps::verified(const KnownClient& known) {
    cache_.put(known);
    auto wait = waits_.extract(known->key);
    if (wait.empty()) return;
    for (const auto& [id, waiting] : wait.mapped().sessions) {
        session::Session* const session = find(waiting.jid, id);
        if (session == nullptr) continue;
        const Client* const client = session->slots().find<Client>();
        if (client != nullptr && client->asked == known->key) settle(*session, known);
    }
}

session::Session* NotifyCaps::find(const Jid& full, std::uint64_t id) const {
    const session::Account* const account = context_.home().find(full);
    return account == nullptr ? nullptr : account->find(id);
}

// ---- Whom it concerns ----

void NotifyCaps::settle(session::Session& session, KnownClient known) {
    Client& client = session.slot<Client>();
    const Wanted before = client.wanted();
    client.asked.clear();
    client.known = std::move(known);
    const Wanted after = client.wanted();
    if (*before != *after) announce(session, after, added(*before, after));
}

/// @param news  nodes whose last items the client does not have
void NotifyCaps::announce(session::Session& session, const Wanted& nodes, const Wanted& news) {
    std::vector<Jid> owners{session.account().jid()};
    session.account().contacts().for_each([&](std::string_view contact, Subscription subscription) {
        if (!is_to(subscription)) return;
        if (Result<Jid> jid = Jid::parse(contact)) owners.push_back(std::move(*jid));
    });
    const Jid& full = session.jid();
    context_.home().by_home(owners, [full, nodes, news](session::Home& home, const std::vector<Jid>& part) {
        by_host(home, part, [&](session::Host& host, std::vector<Jid> of_host) {
            host.slot<Interests>().set(full, nodes, of_host);
            send_last(host, full, news, std::move(of_host), Began::presence);
        });
    });
}

void NotifyCaps::gone(session::Session& session) {
    Client* const client = session.slots().find<Client>();
    if (client == nullptr) return;
    stop_waiting(session, *client);
    const bool wanted_any = client->wants_any();
    *client = {};
    if (wanted_any) announce(session, client->wanted(), client->wanted());
}

void NotifyCaps::subscribed(session::Account& account, const Jid& contact, Subscription before, Subscription after) {
    if (is_to(before) == is_to(after)) return;
    for (const auto& session : account.sessions()) {
        const Client* const client = session->slots().find<Client>();
        if (client == nullptr || !client->wants_any()) continue;
        context_.home().run_at(contact, [contact, begins = is_to(after), full = session->jid(),
                                         nodes = client->wanted()](session::Home& home) {
            session::Host* const host = home.host(contact.domain());
            if (host == nullptr) return;
            if (!begins) return host->slot<Interests>().remove(full, contact);
            host->slot<Interests>().add(full, nodes, contact);
            send_last(*host, full, nodes, {contact}, Began::subscription);
        });
    }
}

// ---- XEP-0198: sessions that wait to be resumed ----

/// NUL cannot stand in XML.
std::string NotifyCaps::save(session::Session& session) {
    const Client* const client = session.slots().find<Client>();
    if (client == nullptr || !client->wants_any()) return {};
    std::string text = client->known->key;
    for (const std::string& node : client->known->notified) (text += '\0') += node;
    return text;
}

void NotifyCaps::load(session::Session& session, std::string_view saved) {
    if (saved.empty() || !session.available()) return;
    const std::size_t end = std::min(saved.find('\0'), saved.size());
    caps::Known known{.key = std::string{saved.substr(0, end)}, .notified = {}};
    for (saved.remove_prefix(end); !saved.empty();) {
        saved.remove_prefix(1);
        const std::size_t next = std::min(saved.find('\0'), saved.size());
        known.notified.emplace_back(saved.substr(0, next));
        saved.remove_prefix(next);
    }
    Client& client = session.slot<Client>();
    client.known = std::make_shared<const caps::Known>(std::move(known));
    announce(session, client.wanted(), std::make_shared<const NodeSet>());
}

constexpr mod::Spec specs[] = {{"XEP-0163", "1.2.2"}, {"XEP-0115", "1.6.0"}, {"XEP-0390", "0.3.2"}};

}  // namespace

extern const mod::Info notify_caps_info;
const mod::Info notify_caps_info{.name = "notify_caps",
                                 .summary = "Finds out which news of their contacts clients want.",
                                 .implements = specs,
                                 .for_guests = false,
                                 .make = mod::make<NotifyCaps>};

}  // namespace aldis::modules
