#include "modules/pubsub/core.h"

#include <algorithm>

#include "modules/pubsub/errors.h"
#include "modules/pubsub/interests.h"

namespace aldis::modules::pubsub {
namespace {

constexpr std::size_t most_in_memory = 20'000;  // services and nodes, on one shard

/// Whether somebody, with any resource, may subscribe to a node. A newline is in no JID.
std::string question(const Service& service, const Node& node, const Jid& who) {
    return service.jid.text() + '\n' + std::string{who.bare_text()} + '\n' + node.name;
}

/// To a resource that has its home there.
void deliver(session::Home& home, const Jid& from, const Bytes& wire, const Jid& to) {
    session::Account* const account = home.find(to);
    if (account == nullptr || account->blocks(from)) return;
    session::Session* const session = account->find(to.resource());
    if (session == nullptr || !session->reachable()) return;
    home.counters().delivered[static_cast<std::size_t>(stanza::Kind::message)].add();
    session->send(stanza::Kind::message, with_address(wire, to));
}

}  // namespace

Core::Core(mod::Context& context, Kind kind, Limits limits)
    : context_{context},
      kind_{kind},
      limits_{limits},
      directory_{context, kind == Kind::personal ? most_in_memory : limits.nodes + 1},
      lines_{[&shard = context.home().shard()](std::move_only_function<void()> work) { shard.post(std::move(work)); }},
      registry_{context.host().slot<Registry>()},
      interests_{kind == Kind::personal ? &context.host().slot<Interests>() : nullptr} {
    const std::string& host = context.host().jid().text();
    domain_ = kind == Kind::personal ? host : host.substr(host.find('.') + 1);
}

Task<Use> Core::open(Jid jid) {
    if (kind_ == Kind::personal)
        if (session::Account* const account = context_.home().find(jid)) directory_.forget_with(*account);
    co_return Use{co_await directory_.open(std::move(jid))};
}

Task<Use> Core::open(Jid jid, std::string node) {
    if (node.empty()) co_return co_await open(std::move(jid));
    // A newline is in no JID.
    Lines::Ticket turn = co_await lines_.wait(jid.text() + '\n' + node);
    if (kind_ == Kind::personal)
        if (session::Account* const account = context_.home().find(jid)) directory_.forget_with(*account);
    co_return Use{co_await directory_.open(std::move(jid)), std::move(turn)};
}

session::Account* Core::account(const Service& service) const {
    return kind_ == Kind::personal ? context_.home().find(service.jid) : nullptr;
}

// ---- Who is who ----

Affiliation Core::affiliation(const Service& service, const Node& node, std::string_view bare) const {
    if (kind_ == Kind::personal && bare == service.jid.text()) return Affiliation::owner;
    const auto place = node.affiliations.find(bare);
    return place == node.affiliations.end() ? Affiliation::none : place->second;
}

std::vector<Jid> Core::owners(const Service& service, const Node& node) const {
    std::vector<Jid> found;
    if (kind_ == Kind::personal) found.push_back(service.jid);
    for (const auto& [bare, affiliation] : node.affiliations)
        if (affiliation == Affiliation::owner)
            if (Result<Jid> jid = Jid::parse(bare)) found.push_back(std::move(*jid));
    return found;
}

Standing Core::standing(const Service& service, const Node& node, const Jid& who,
                        const session::Account* account) const {
    Standing found{.affiliation = affiliation(service, node, who.bare_text())};
    // The bare address comes before those with resources.
    for (auto place = node.subscribers.lower_bound(who.bare());
         place != node.subscribers.end() && place->first.same_bare(who); ++place) {
        if (is_over(place->second, now())) continue;
        if (found.subscription != SubscriptionState::subscribed)
            found.subscription = place->second.pending ? SubscriptionState::pending : SubscriptionState::subscribed;
    }
    if (account == nullptr) return found;
    found.sees_presence = account->contacts().subscribed_from(who.bare_text());
    if (node.config.access_model == AccessModel::roster)
        if (const std::optional<db::RosterItem> item = account->contacts().find(who.bare_text()))
            found.in_group = in_groups(node.config, item->groups);
    return found;
}

// ---- Nodes ----

Result<void> Core::may_create(const Service& service, const Caller& caller) const {
    const bool allowed = kind_ == Kind::personal
                             ? caller.from.same_bare(service.jid)
                             : limits_.anyone_creates || (caller.from.has_local() && caller.from.domain() == domain_);
    return allowed ? Result<void>{} : std::unexpected{errors::forbidden};
}

bool Core::has_room(const Service& service, const Caller& caller) const {
    if (service.nodes.size() >= limits_.nodes) return false;
    if (kind_ == Kind::personal) return true;
    const std::string_view creator = caller.from.bare_text();
    const auto own =
        std::ranges::count_if(service.nodes, [&](const auto& entry) { return entry.second.creator == creator; });
    return static_cast<std::size_t>(own) < limits_.nodes_of_creator;
}

void Core::answered(const Service& service, const Node& node, const Jid& who) {
    asked_.erase(question(service, node, who));
}

bool Core::asks_first(const Service& service, const Node& node, const Jid& who) {
    constexpr std::chrono::days for_how_long{1};
    constexpr std::size_t most = 20'000;
    const Instant now = context_.home().shard().now();
    const auto is_old = [&](const auto& entry) { return entry.second + for_how_long < now; };
    if (asked_.size() >= most) std::erase_if(asked_, is_old);
    // More strangers in a day than that: they are not asked for.
    if (asked_.size() >= most) return false;
    const auto [place, first] = asked_.try_emplace(question(service, node, who), now);
    if (first) return true;
    if (!is_old(*place)) return false;
    place->second = now;
    return true;
}

Node* Core::create(Service& service, const std::string& name, const Caller& caller, NodeConfig config,
                   db::Unit& unit) const {
    if (!has_room(service, caller)) return nullptr;
    const std::string creator{caller.from.bare_text()};
    Node node{.name = name, .creator = creator, .created_at = now(), .config = std::move(config)};
    if (kind_ == Kind::service) node.affiliations.emplace(creator, Affiliation::owner);
    db::Pubsub::add_node(unit, service.jid.text(), stored_of(node));
    return &service.nodes.insert_or_assign(name, std::move(node)).first->second;
}

// ---- Writing ----

Result<void> Core::run_before(const Service& service, const Change& change, db::Unit& unit) const {
    session::Account* const owner = account(service);
    if (owner == nullptr) return {};
    for (const auto& [node, hook] : registry_.before) {
        if (!node.empty() && node != change.node) continue;
        if (Result<void> allowed = hook(*owner, change, unit); !allowed) return allowed;
    }
    return {};
}

void Core::run_after(const Use& service, const Change& change) const {
    if (kind_ != Kind::personal) return;
    const bool wanted = std::ranges::any_of(
        registry_.after, [&](const auto& hook) { return hook.first.empty() || hook.first == change.node; });
    if (!wanted) return;
    context_.home().with(service->jid, [this, change](session::Account* account, session::Missing) {
        if (account == nullptr) return;
        for (const auto& [node, hook] : registry_.after)
            if (node.empty() || node == change.node) hook(*account, change);
    });
}

Task<Result<void>> Core::commit(Use service, db::Unit unit, std::move_only_function<void()> stored) {
    if (unit.empty()) {
        service.leave();
        stored();
        co_return Result<void>{};
    }
    CallbackResult<bool> waiting{[&](std::function<void(bool)> answer) {
        ++service->writing;
        context_.home().commit(std::move(unit), [this, service, stored = std::move(stored),
                                                 answer = std::move(answer)](bool done) mutable {
            --service->writing;
            done ? stored() : directory_.forget(service->jid);
            answer(done);
        });
        service.leave();
    }};
    const bool on_disk = co_await waiting;
    if (!on_disk) co_return refuse(Condition::internal_server_error, ErrorType::wait, "This could not be stored.");
    co_return Result<void>{};
}

Task<void> Core::settled(Use service) {
    if (service->writing == 0) co_return;
    CallbackResult<bool> waiting{
        [this](std::function<void(bool)> go_on) { context_.home().after_commits([go_on] { go_on(true); }); }};
    co_await waiting;
}

// ---- Telling ----

bool Core::listens(const Service& service, const Node& node, const Jid& who, const Subscriber& subscriber,
                   const session::Account* account) const {
    return !subscriber.pending && subscriber.options.deliver && !is_over(subscriber, now()) &&
           may_retrieve(node.config, standing(service, node, who, account)).has_value();
}

std::vector<Jid> Core::audience(const Use& service, const Node& node) const {
    std::vector<Jid> found;
    const session::Account* const owner = account(*service);
    if (interests_ != nullptr && owner != nullptr)
        interests_->for_each(service->jid, node.name, [&](const Jid& full) {
            // XEP-0163 "When to Generate Notifications": not to those whom the owner blocks.
            if (!owner->blocks(full) && may_retrieve(node.config, standing(*service, node, full, owner)))
                found.push_back(full);
        });
    const std::size_t interested = found.size();
    std::ranges::sort(found);
    for (const auto& [jid, subscriber] : node.subscribers) {
        if (!listens(*service, node, jid, subscriber, owner) || (owner != nullptr && owner->blocks(jid))) continue;
        // XEP-0163 "Number of Notifications": who has a resource that takes an interest is not told twice.
        const auto end = found.begin() + static_cast<std::ptrdiff_t>(interested);
        const auto place = std::lower_bound(found.begin(), end, jid);
        if (place != end && (jid.is_bare() ? place->same_bare(jid) : *place == jid)) continue;
        found.push_back(jid);
    }
    return found;
}

void Core::tell(const Use& service, const Node& node, const event::Event& event) const {
    if (!node.config.deliver_notifications) return;
    const std::vector<Jid> whom = audience(service, node);
    if (!whom.empty()) tell(whom, notice(service->jid, node.config, new_id(), event));
}

bool Core::is_resource_here(const Jid& jid) const {
    session::Host* const host = jid.is_bare() || !jid.has_local() ? nullptr : context_.home().host(jid.domain());
    return host != nullptr && !host->is_service();
}

void Core::tell(const std::vector<Jid>& whom, const Notice& notice) const {
    // Who is named with his resource gets it there or not at all: nothing has to be decided for each.
    std::vector<Jid> here;
    const session::Account* const owner = kind_ == Kind::personal ? context_.home().find(notice.from) : nullptr;
    for (const Jid& jid : whom) {
        if (!is_resource_here(jid) || notice.type != MessageType::headline) {
            tell(jid, notice);
        } else if (owner == nullptr || !owner->blocks(jid)) {
            here.push_back(jid);
        }
    }
    if (here.empty()) return;
    context_.home().by_home(here, [from = notice.from, wire = addressed(notice, {}).wire()](
                                      session::Home& home, const std::vector<Jid>& part) {
        for (const Jid& jid : part) deliver(home, from, wire, jid);
    });
}

void Core::tell(const Jid& whom, const Notice& notice) const {
    // XEP-0163 "When to Generate Notifications": not to whom the user has blocked.
    if (kind_ == Kind::personal)
        if (const session::Account* const owner = context_.home().find(notice.from);
            owner != nullptr && owner->blocks(whom))
            return;
    context_.home().route(AnyStanza{addressed(notice, whom)});
}

}  // namespace aldis::modules::pubsub
