#include "modules/pubsub/access.h"

#include <algorithm>

#include "modules/pubsub/errors.h"

namespace aldis::modules::pubsub {
namespace {

/// "Node Access Models", for who has no affiliation that decides.
Result<void> admits(const NodeConfig& config, const Standing& who) {
    switch (config.access_model) {
        case AccessModel::open:
        case AccessModel::authorize: break;
        case AccessModel::presence:
            if (!who.sees_presence) return std::unexpected{errors::presence_required};
            break;
        case AccessModel::roster:
            if (!who.sees_presence || !who.in_group) return std::unexpected{errors::not_in_group};
            break;
        case AccessModel::whitelist: return std::unexpected{errors::closed};
    }
    return {};
}

/// The table of "Affiliations": who is in whatever the access model says.
bool is_in(Affiliation affiliation) {
    return affiliation == Affiliation::owner || affiliation == Affiliation::publisher ||
           affiliation == Affiliation::member;
}

bool is_out(Affiliation affiliation) {
    return affiliation == Affiliation::outcast || affiliation == Affiliation::publish_only;
}

}  // namespace

Result<void> may_subscribe(const NodeConfig& config, const Standing& who) {
    if (is_out(who.affiliation)) return std::unexpected{errors::forbidden};
    return is_in(who.affiliation) ? Result<void>{} : admits(config, who);
}

Result<void> may_retrieve(const NodeConfig& config, const Standing& who) {
    if (is_out(who.affiliation)) return std::unexpected{errors::forbidden};
    if (is_in(who.affiliation)) return {};
    if (config.access_model == AccessModel::authorize && who.subscription != SubscriptionState::subscribed)
        return std::unexpected{errors::retrieval_not_subscribed};
    return admits(config, who);
}

Result<void> may_publish(const NodeConfig& config, const Standing& who) {
    switch (who.affiliation) {
        case Affiliation::owner:
        case Affiliation::publisher:
        case Affiliation::publish_only: return {};
        case Affiliation::outcast: return std::unexpected{errors::forbidden};
        case Affiliation::none:
        case Affiliation::member: break;
    }
    if (config.publish_model == PublishModel::open) return {};
    if (config.publish_model == PublishModel::subscribers && who.subscription == SubscriptionState::subscribed)
        return {};
    return std::unexpected{errors::forbidden};
}

Result<void> may_retract(const NodeConfig& config, const Standing& who, bool own) {
    if (who.affiliation == Affiliation::owner || who.affiliation == Affiliation::publisher) return {};
    if (!own) return std::unexpected{errors::forbidden};
    return may_publish(config, who);
}

Result<void> may_manage(const Standing& who) {
    return who.affiliation == Affiliation::owner ? Result<void>{} : std::unexpected{errors::forbidden};
}

bool in_groups(const NodeConfig& config, const std::vector<std::string>& groups) {
    return std::ranges::find_first_of(groups, config.roster_groups) != groups.end();
}

bool may_see(const NodeConfig& config, Affiliation affiliation, bool sees_presence,
             const std::vector<std::string>& groups) {
    return may_retrieve(
               config,
               {.affiliation = affiliation, .sees_presence = sees_presence, .in_group = in_groups(config, groups)})
        .has_value();
}

}  // namespace aldis::modules::pubsub
