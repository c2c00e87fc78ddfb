#include "modules/pubsub/errors.h"
#include "modules/pubsub/topics.h"

namespace aldis::modules::pubsub {
namespace {

using xep::pubsub::Subscription;

/// "JIDs Do Not Match".
Result<Jid> subscriber_of(const Caller& caller, const std::optional<std::string>& text, const stanza::Error& other) {
    if (!text) return std::unexpected{errors::jid_required};
    Result<Jid> jid = Jid::parse(*text);
    if (!jid) return std::unexpected{errors::invalid_jid};
    if (!jid->same_bare(caller.from)) return std::unexpected{other};
    return jid;
}

/// "Time-Based Subscriptions (Leases)": what is over goes when somebody subscribes anew; all of it if there is no room.
void end_leases(const Core& core, const Service& service, Node& node, const Jid& who, db::Unit& unit) {
    const bool full = node.subscribers.size() >= core.limits().subscriptions;
    for (auto place = full ? node.subscribers.begin() : node.subscribers.lower_bound(who.bare());
         place != node.subscribers.end() && (full || place->first.same_bare(who));) {
        const bool over = is_over(place->second, core.now());
        if (over) db::Pubsub::remove_subscription(unit, service.jid.text(), node.name, place->first.text());
        place = over ? node.subscribers.erase(place) : std::next(place);
    }
}

/// For one more. Nobody can take all of it with resources that he makes up.
bool has_room(const Core& core, const Service& service, const Node& node, const Jid& who) {
    constexpr std::size_t most_of_one = 10;
    std::size_t own = 0;
    for (auto place = node.subscribers.lower_bound(who.bare());
         place != node.subscribers.end() && place->first.same_bare(who); ++place)
        ++own;
    return own < most_of_one && node.subscribers.size() < core.limits().subscriptions &&
           subscribers_of(service) < core.limits().subscriptions_in_all;
}

Subscription shown(const Node& node, const Jid& who, SubscriptionState state) {
    return {.node = node.name, .jid = who.text(), .state = state};
}

SubscriptionState state_of(const Subscriber& subscriber) {
    return subscriber.pending ? SubscriptionState::pending : SubscriptionState::subscribed;
}

/// "Subscribe and Configure".
Result<SubscribeOptions> options_asked(const Pubsub& asked) {
    if (!asked.options || !asked.options->form) return SubscribeOptions{};
    if (asked.options->node || asked.options->jid) return std::unexpected{errors::bad_request};
    return options_of(*asked.options->form, {});
}

/// Members and the like are let in at once: "Approval Required".
bool needs_approval(const Node& node, const Standing& who) {
    return node.config.access_model == AccessModel::authorize && who.affiliation == Affiliation::none;
}

bool sends_last(const NodeConfig& config) {
    return config.persist_items && config.deliver_notifications && config.send_last != xep::pubsub::SendLast::never;
}

/// A new subscription is on disk.
void tell_new(Core& core, const Use& service, const std::string& name, const Jid& who) {
    const Node* const node = service->find(name);
    if (node == nullptr) return;
    const auto place = node->subscribers.find(who);
    if (place == node->subscribers.end()) return;
    if (place->second.pending) return ask_owners(core, service, *node, who);
    if (node->config.notify_sub)
        for (const Jid& owner : core.owners(*service, *node))
            core.tell(owner, notice(service->jid, node->config, core.new_id(),
                                    {.subscription = event::Subscription{
                                         .node = name, .jid = who.text(), .state = SubscriptionState::subscribed}}));
    if (place->second.options.deliver) core.context().start(send_last(core, service, name, {who}));
}

Pubsub answer_of(const Node& node, const Jid& who, const Subscriber& subscriber, bool with_options) {
    Pubsub answer{.subscription = shown(node, who, state_of(subscriber))};
    if (with_options)
        answer.options =
            xep::pubsub::Options{.form = xep::dataforms::filled(subscriber.options, xep::dataforms::Kind::result)};
    return answer;
}

}  // namespace

Task<void> send_last(Core& core, Use service, std::string name, std::vector<Jid> to) {
    const Node* node = service->find(name);
    if (to.empty() || node == nullptr || !sends_last(node->config)) co_return;
    const std::optional<db::PubsubItem> item =
        co_await core.context().read([jid = service->jid.text(), name, now = core.now()](db::Connection& connection) {
            return db::Pubsub::last(connection, jid, name, now);
        });
    node = service->find(name);
    if (!item || node == nullptr) co_return;
    // Who may see it may have changed meanwhile.
    std::erase_if(to, [&](const Jid& who) { return !may_retrieve(node->config, core.standing(*service, *node, who)); });
    const Item last{.id = item->id, .publisher = item->publisher, .payload = item->payload};
    core.tell(to, notice(service->jid, node->config, core.new_id(), published(service->jid, name, node->config, last),
                         item->at));
}

void tell_subscription(const Core& core, const Use& service, const Node& node, const Jid& who,
                       SubscriptionState state) {
    const Notice told =
        notice(service->jid, node.config, core.new_id(),
               {.subscription = event::Subscription{.node = node.name, .jid = who.text(), .state = state}});
    core.tell(who, told);
    if (node.config.notify_sub) core.tell(core.owners(*service, node), told);
}

Task<mod::Reply> subscribe(Core& core, Caller caller, Use service, Pubsub asked) {
    const Result<Node*> node = named(*service, asked.subscribe->node);
    if (!node) co_return std::unexpected{node.error()};
    const Result<Jid> who = subscriber_of(caller, asked.subscribe->jid, errors::invalid_jid);
    if (!who) co_return std::unexpected{who.error()};
    const Standing standing = core.standing(*service, **node, caller);
    if (Result<void> allowed = may_subscribe((*node)->config, standing); !allowed)
        co_return std::unexpected{allowed.error()};
    if (!(*node)->config.subscribe && standing.affiliation != Affiliation::owner)
        co_return std::unexpected{errors::unsupported("subscribe")};
    const Result<SubscribeOptions> options = options_asked(asked);
    if (!options) co_return std::unexpected{options.error()};

    db::Unit unit;
    end_leases(core, *service, **node, *who, unit);
    const auto there = (*node)->subscribers.find(*who);
    if (there != (*node)->subscribers.end() && there->second.pending) co_return std::unexpected{errors::pending};
    const bool known = there != (*node)->subscribers.end();
    // "Multiple Subscriptions" are not had: whoever asks again hears how it is.
    if (known && !asked.options) co_return reply(answer_of(**node, *who, there->second, false));
    if (!known && !has_room(core, *service, **node, *who)) co_return std::unexpected{errors::too_many_subscriptions};

    const Subscriber subscriber{.pending = !known && needs_approval(**node, standing), .options = *options};
    const std::string name = (*node)->name;
    const Pubsub answer = answer_of(**node, *who, subscriber, asked.options.has_value());
    db::Pubsub::put_subscription(unit, service->jid.text(), name, stored_of(*who, subscriber));
    (*node)->subscribers.insert_or_assign(*who, subscriber);
    const Result<void> stored =
        co_await core.commit(service, std::move(unit), [&core, service, name, known, to = *who] {
            if (!known) tell_new(core, service, name, to);
        });
    if (!stored) co_return std::unexpected{stored.error()};
    co_return reply(answer);
}

Task<mod::Reply> unsubscribe(Core& core, Caller caller, Use service, Pubsub asked) {
    const Result<Node*> node = named(*service, asked.unsubscribe->node);
    if (!node) co_return std::unexpected{node.error()};
    const Result<Jid> who = subscriber_of(caller, asked.unsubscribe->jid, errors::forbidden);
    if (!who) co_return std::unexpected{who.error()};
    if ((*node)->subscribers.erase(*who) == 0) co_return std::unexpected{errors::not_subscribed};

    const std::string name = (*node)->name;
    db::Unit unit;
    db::Pubsub::remove_subscription(unit, service->jid.text(), name, who->text());
    const Result<void> stored = co_await core.commit(service, std::move(unit), [&core, service, name, jid = *who] {
        const Node* const there = service->find(name);
        if (there == nullptr || !there->config.notify_sub) return;
        core.tell(core.owners(*service, *there),
                  notice(service->jid, there->config, core.new_id(),
                         {.subscription = event::Subscription{.node = name, .jid = jid.text()}}));
    });
    if (!stored) co_return std::unexpected{stored.error()};
    co_return done();
}

mod::Reply own_subscriptions(const Core& core, const Caller& caller, const Use& service, const Pubsub& asked) {
    xep::pubsub::Subscriptions found{.node = asked.subscriptions->node};
    if (found.node && service->find(*found.node) == nullptr) return std::unexpected{errors::no_such};
    const Jid bare = caller.from.bare();
    for (const auto& [name, node] : service->nodes) {
        if (found.node && *found.node != name) continue;
        for (auto place = node.subscribers.lower_bound(bare);
             place != node.subscribers.end() && place->first.same_bare(bare); ++place)
            if (!is_over(place->second, core.now()))
                found.subscriptions.push_back(shown(node, place->first, state_of(place->second)));
    }
    return reply(Pubsub{.subscriptions = std::move(found)});
}

Task<void> end_subscriptions(Core& core, Use service, Jid who) {
    struct Ended {
        std::string node;
        Jid jid;
    };
    std::vector<Ended> ended;
    for (auto& [name, node] : service->nodes)
        for (auto place = node.subscribers.lower_bound(who);
             place != node.subscribers.end() && place->first.same_bare(who);) {
            const bool stays = may_subscribe(node.config, core.standing(*service, node, place->first)).has_value();
            if (!stays) ended.push_back({name, place->first});
            place = stays ? std::next(place) : node.subscribers.erase(place);
        }
    db::Unit unit;
    for (const Ended& one : ended) db::Pubsub::remove_subscription(unit, service->jid.text(), one.node, one.jid.text());
    static_cast<void>(co_await core.commit(service, std::move(unit), [&core, service, ended] {
        for (const Ended& one : ended)
            if (const Node* const node = service->find(one.node))
                tell_subscription(core, service, *node, one.jid, SubscriptionState::none);
    }));
}

}  // namespace aldis::modules::pubsub
