#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "xep/xep0060_pubsub_forms.h"

/// Who may do what at a node: XEP-0060 "Affiliations" and "Node Access Models", without side effects.
namespace aldis::modules::pubsub {

using xep::pubsub::AccessModel;
using xep::pubsub::Affiliation;
using xep::pubsub::NodeConfig;
using xep::pubsub::PublishModel;
using xep::pubsub::SubscriptionState;

/// Somebody, as one node sees him.
struct Standing {
    Affiliation affiliation = Affiliation::none;
    SubscriptionState subscription = SubscriptionState::none;
    bool sees_presence = false;  ///< is subscribed to the presence of the account whose node it is
    bool in_group = false;       ///< is in one of the node's roster groups
};

[[nodiscard]] Result<void> may_subscribe(const NodeConfig& config, const Standing& who);
/// Also: may be told of what is published.
[[nodiscard]] Result<void> may_retrieve(const NodeConfig& config, const Standing& who);
[[nodiscard]] Result<void> may_publish(const NodeConfig& config, const Standing& who);
/// @param own  he has published the item
[[nodiscard]] Result<void> may_retract(const NodeConfig& config, const Standing& who, bool own);
/// Configure, purge, delete, manage.
[[nodiscard]] Result<void> may_manage(const Standing& who);

/// Is one of a contact's groups among those that the node admits?
[[nodiscard]] bool in_groups(const NodeConfig& config, const std::vector<std::string>& groups);

/// May he see the items of an account's node, as far as he has not subscribed to it himself?
/// @param groups  in which the account's roster has him
[[nodiscard]] bool may_see(const NodeConfig& config, Affiliation affiliation, bool sees_presence,
                           const std::vector<std::string>& groups);

}  // namespace aldis::modules::pubsub
