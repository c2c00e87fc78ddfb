#pragma once

#include "modules/pubsub/core.h"
#include "xep/xep0030_disco.h"
#include "xep/xep0060_pubsub_owner.h"

/// What can be asked of a service, one file for each topic. All of it runs on the service's home shard.
namespace aldis::modules::pubsub {

using xep::pubsub::Pubsub;
using Owner = xep::pubsub::owner::Pubsub;

// publish.cpp
struct Publication {
    std::string node;
    bool has_item = true;
    Item item = {};
    std::optional<Form> options = {};
    bool must_match = true;  ///< the options of a node that is there
};
/// Stores and tells. @return  the item's id
Task<Result<std::string>> put(Core& core, Caller caller, Use service, Publication what);
Task<mod::Reply> publish(Core& core, Caller caller, Use service, Pubsub asked);

// retract.cpp
/// @param notify  nothing: as the node is configured
Task<Result<void>> take_back(Core& core, Caller caller, Use service, std::string name, std::string id, bool notify);
Task<mod::Reply> retract(Core& core, Caller caller, Use service, Pubsub asked);
Task<mod::Reply> purge(Core& core, Caller caller, Use service, Owner asked);

// retrieve.cpp
/// Waits for what a module is about to write to that node: Registry::before_use.
Task<void> before_use(const Core& core, Jid owner, std::string node);
Task<mod::Reply> retrieve(Core& core, Caller caller, Use service, Pubsub asked);

// configure.cpp
/// What a node of that name is where its maker says nothing else.
[[nodiscard]] NodeConfig usual_config(const Core& core, std::string_view node);
/// @return  item-not-found: there is no such node
Task<Result<void>> reconfigure(Core& core, Use service, std::string name, Config options);
Task<mod::Reply> create(Core& core, Caller caller, Use service, Pubsub asked);
Task<mod::Reply> configuration(Core& core, Caller caller, Use service, Owner asked);
Task<mod::Reply> configure(Core& core, Caller caller, Use service, Owner asked);
Task<Result<void>> remove_node(Core& core, Caller caller, Use service, std::string name,
                               std::optional<std::string> redirect);
Task<mod::Reply> remove(Core& core, Caller caller, Use service, Owner asked);
[[nodiscard]] mod::Reply default_configuration(const Core& core);

// subscribe.cpp
Task<mod::Reply> subscribe(Core& core, Caller caller, Use service, Pubsub asked);
Task<mod::Reply> unsubscribe(Core& core, Caller caller, Use service, Pubsub asked);
[[nodiscard]] mod::Reply own_subscriptions(const Core& core, const Caller& caller, const Use& service,
                                           const Pubsub& asked);
/// "Receiving the Last Published Item", as far as the node is configured to send it.
Task<void> send_last(Core& core, Use service, std::string name, std::vector<Jid> to);
/// Ends subscriptions of `who` (bare) that his access does not allow any more: XEP-0163 "Cancelling Subscriptions".
Task<void> end_subscriptions(Core& core, Use service, Jid who);

// options.cpp
[[nodiscard]] mod::Reply options(Core& core, const Caller& caller, const Use& service, const Pubsub& asked);
Task<mod::Reply> set_options(Core& core, Caller caller, Use service, Pubsub asked);
[[nodiscard]] mod::Reply default_options(Core& core, const Caller& caller, const Use& service, const Pubsub& asked);
[[nodiscard]] Result<SubscribeOptions> options_of(const Form& form, SubscribeOptions current);

// members.cpp
[[nodiscard]] mod::Reply own_affiliations(const Core& core, const Caller& caller, const Use& service,
                                          const Pubsub& asked);
[[nodiscard]] mod::Reply affiliations(const Core& core, const Caller& caller, const Use& service, const Owner& asked);
Task<mod::Reply> set_affiliations(Core& core, Caller caller, Use service, Owner asked);
[[nodiscard]] mod::Reply subscriptions(const Core& core, const Caller& caller, const Use& service, const Owner& asked);
Task<mod::Reply> set_subscriptions(Core& core, Caller caller, Use service, Owner asked);

// approve.cpp: "Manage Subscription Requests".
void ask_owners(Core& core, const Use& service, const Node& node, const Jid& who);
/// Is it the answer to such a request?
[[nodiscard]] bool is_approval(const Message& message);
Task<void> approve(Core& core, Caller caller, Use service, std::shared_ptr<const Message> message);

/// Tells somebody, and the owners if they want to know, that a subscription has changed.
void tell_subscription(const Core& core, const Use& service, const Node& node, const Jid& who, SubscriptionState state);

// discover.cpp
Task<Result<std::optional<xep::disco::Info>>> node_info(Core& core, Caller caller, Use service, std::string name);
/// @param request  may have a filter (XEP-0462)
Task<Result<std::optional<xep::disco::Items>>> node_items(Core& core, Caller caller, Use service,
                                                          xep::disco::Items query, const Iq* request);

/// The node that a request names. @return  bad-request: it names none; item-not-found
[[nodiscard]] Result<Node*> named(Service& service, const std::optional<std::string>& name);

}  // namespace aldis::modules::pubsub
