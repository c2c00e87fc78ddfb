#include <algorithm>
#include <set>

#include "modules/pubsub/errors.h"
#include "modules/pubsub/topics.h"

namespace aldis::modules::pubsub {
namespace {

namespace owner = xep::pubsub::owner;

/// The node, for one of its owners.
Result<Node*> own(const Core& core, const Caller& caller, Service& service, const std::optional<std::string>& name) {
    const Result<Node*> node = named(service, name);
    if (!node) return node;
    if (Result<void> allowed = may_manage(core.standing(service, **node, caller)); !allowed)
        return std::unexpected{allowed.error()};
    return node;
}

/// Affiliations that are to be set, by bare address.
Result<std::map<std::string, Affiliation>> wanted(const owner::Affiliations& asked) {
    std::map<std::string, Affiliation> found;
    for (const owner::Affiliated& entry : asked.affiliations) {
        const Result<Jid> jid = Jid::parse(entry.jid.value_or(""));
        if (!jid) return std::unexpected{errors::bad_request};
        if (!entry.affiliation) continue;
        if (!found.emplace(jid->bare_text(), *entry.affiliation).second) return std::unexpected{errors::bad_request};
    }
    return found;
}

/// A node has an owner at all times; that of an account's nodes is the account.
Result<void> check_owners(const Core& core, const Service& service, const Node& node,
                          const std::map<std::string, Affiliation>& changes) {
    if (core.kind() == Kind::personal) {
        const auto self = changes.find(service.jid.text());
        const bool stays = self == changes.end() || self->second == Affiliation::owner;
        return stays ? Result<void>{} : std::unexpected{errors::not_acceptable};
    }
    std::set<std::string_view> owners;
    for (const auto& [jid, affiliation] : node.affiliations)
        if (affiliation == Affiliation::owner) owners.insert(jid);
    for (const auto& [jid, affiliation] : changes)
        affiliation == Affiliation::owner ? static_cast<void>(owners.insert(jid))
                                          : static_cast<void>(owners.erase(jid));
    return owners.empty() ? std::unexpected{errors::not_acceptable} : Result<void>{};
}

/// Only what makes them more needs room.
bool have_room(const Core& core, const Service& service, const Node& node,
               const std::map<std::string, Affiliation>& changes) {
    const auto adds = std::ranges::count_if(changes, [&](const auto& change) {
        return change.second != Affiliation::none && !node.affiliations.contains(change.first);
    });
    const auto more = static_cast<std::size_t>(adds);
    return more == 0 || (node.affiliations.size() + more <= core.limits().affiliations &&
                         affiliated_with(service) + more <= core.limits().affiliations_in_all);
}

void set_affiliation(const Service& service, Node& node, const std::string& jid, Affiliation affiliation,
                     db::Unit& unit) {
    db::Pubsub::set_affiliation(unit, service.jid.text(), node.name, {jid, stored_of(affiliation)});
    if (affiliation == Affiliation::none) {
        node.affiliations.erase(jid);
    } else {
        node.affiliations.insert_or_assign(jid, affiliation);
    }
}

/// "Notifying Entities".
void tell_affiliation(const Core& core, const Use& service, const std::string& node, const std::string& jid,
                      Affiliation affiliation) {
    const Result<Jid> to = Jid::parse(jid);
    if (!to || *to == service->jid) return;
    const Pubsub told{.affiliations = xep::pubsub::Affiliations{
                          .node = node, .affiliations = {{.jid = jid, .affiliation = affiliation}}}};
    Message message{{.from = service->jid, .to = *to, .type = MessageType::headline, .id = core.new_id()}};
    message.add(told);
    core.context().home().route(AnyStanza{std::move(message)});
}

/// What is to become of one subscriber.
struct Step {
    Jid jid;
    SubscriptionState state = SubscriptionState::none;
};

Result<std::vector<Step>> steps_of(const owner::Subscriptions& asked) {
    std::vector<Step> steps;
    for (const owner::Subscription& entry : asked.subscriptions) {
        Result<Jid> jid = Jid::parse(entry.jid.value_or(""));
        if (!jid) return std::unexpected{errors::bad_request};
        if (!entry.state) continue;
        if (entry.state == SubscriptionState::unconfigured) return std::unexpected{errors::not_acceptable};
        steps.push_back({std::move(*jid), *entry.state});
    }
    return steps;
}

bool have_room(const Core& core, const Service& service, const Node& node, const std::vector<Step>& steps) {
    const auto adds = std::ranges::count_if(steps, [&](const Step& step) {
        return step.state != SubscriptionState::none && !node.subscribers.contains(step.jid);
    });
    const auto more = static_cast<std::size_t>(adds);
    return more == 0 || (node.subscribers.size() + more <= core.limits().subscriptions &&
                         subscribers_of(service) + more <= core.limits().subscriptions_in_all);
}

void set_subscription(const Service& service, Node& node, const Step& step, db::Unit& unit) {
    if (step.state == SubscriptionState::none) {
        node.subscribers.erase(step.jid);
        return db::Pubsub::remove_subscription(unit, service.jid.text(), node.name, step.jid.text());
    }
    Subscriber& subscriber = node.subscribers[step.jid];
    subscriber.pending = step.state == SubscriptionState::pending;
    db::Pubsub::put_subscription(unit, service.jid.text(), node.name, stored_of(step.jid, subscriber));
}

}  // namespace

mod::Reply own_affiliations(const Core& core, const Caller& caller, const Use& service, const Pubsub& asked) {
    xep::pubsub::Affiliations found{.node = asked.affiliations->node};
    if (found.node && service->find(*found.node) == nullptr) return std::unexpected{errors::no_such};
    for (const auto& [name, node] : service->nodes) {
        if (found.node && *found.node != name) continue;
        const Affiliation affiliation = core.affiliation(*service, node, caller.from.bare_text());
        if (affiliation != Affiliation::none) found.affiliations.push_back({.node = name, .affiliation = affiliation});
    }
    return reply(Pubsub{.affiliations = std::move(found)});
}

mod::Reply affiliations(const Core& core, const Caller& caller, const Use& service, const Owner& asked) {
    const Result<Node*> node = own(core, caller, *service, asked.affiliations->node);
    if (!node) return std::unexpected{node.error()};
    owner::Affiliations found{.node = (*node)->name};
    if (core.kind() == Kind::personal)
        found.affiliations.push_back({.jid = service->jid.text(), .affiliation = Affiliation::owner});
    for (const auto& [jid, affiliation] : (*node)->affiliations)
        found.affiliations.push_back({.jid = jid, .affiliation = affiliation});
    return reply(Owner{.affiliations = std::move(found)});
}

Task<mod::Reply> set_affiliations(Core& core, Caller caller, Use service, Owner asked) {
    const Result<Node*> node = own(core, caller, *service, asked.affiliations->node);
    if (!node) co_return std::unexpected{node.error()};
    Result<std::map<std::string, Affiliation>> changes = wanted(*asked.affiliations);
    if (!changes) co_return std::unexpected{changes.error()};
    if (Result<void> good = check_owners(core, *service, **node, *changes); !good)
        co_return std::unexpected{good.error()};
    if (core.kind() == Kind::personal) changes->erase(service->jid.text());
    if (!have_room(core, *service, **node, *changes)) co_return std::unexpected{errors::too_many_affiliations};

    const std::string name = (*node)->name;
    db::Unit unit;
    for (const auto& [jid, affiliation] : *changes) set_affiliation(*service, **node, jid, affiliation, unit);
    const Result<void> stored = co_await core.commit(service, std::move(unit), [&core, service, name, told = *changes] {
        for (const auto& [jid, affiliation] : told) {
            tell_affiliation(core, service, name, jid, affiliation);
            if (Result<Jid> who = Jid::parse(jid))
                core.context().start(end_subscriptions(core, service, std::move(*who)));
        }
    });
    if (!stored) co_return std::unexpected{stored.error()};
    co_return done();
}

mod::Reply subscriptions(const Core& core, const Caller& caller, const Use& service, const Owner& asked) {
    const Result<Node*> node = own(core, caller, *service, asked.subscriptions->node);
    if (!node) return std::unexpected{node.error()};
    owner::Subscriptions found{.node = (*node)->name};
    for (const auto& [jid, subscriber] : (*node)->subscribers)
        if (!subscriber.pending)
            found.subscriptions.push_back({.jid = jid.text(), .state = SubscriptionState::subscribed});
    return reply(Owner{.subscriptions = std::move(found)});
}

Task<mod::Reply> set_subscriptions(Core& core, Caller caller, Use service, Owner asked) {
    const Result<Node*> node = own(core, caller, *service, asked.subscriptions->node);
    if (!node) co_return std::unexpected{node.error()};
    const Result<std::vector<Step>> steps = steps_of(*asked.subscriptions);
    if (!steps) co_return std::unexpected{steps.error()};
    if (!have_room(core, *service, **node, *steps)) co_return std::unexpected{errors::too_many_subscriptions};

    const std::string name = (*node)->name;
    db::Unit unit;
    for (const Step& step : *steps) set_subscription(*service, **node, step, unit);
    const Result<void> stored = co_await core.commit(service, std::move(unit), [&core, service, name, told = *steps] {
        const Node* const there = service->find(name);
        if (there == nullptr) return;
        for (const Step& step : told) tell_subscription(core, service, *there, step.jid, step.state);
    });
    if (!stored) co_return std::unexpected{stored.error()};
    co_return done();
}

}  // namespace aldis::modules::pubsub
