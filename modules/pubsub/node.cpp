#include "modules/pubsub/node.h"

#include "modules/pubsub/config.h"

namespace aldis::modules::pubsub {
namespace {

SubscribeOptions options_of(std::string_view text) {
    SubscribeOptions options;
    options.deliver = !text.starts_with('0');
    if (!text.empty()) text.remove_prefix(1);
    options.expire = xml::Codec<Timestamp>::parse(text);
    return options;
}

std::string text_of(const SubscribeOptions& options) {
    return (options.deliver ? "1" : "0") + (options.expire ? xml::Codec<Timestamp>::format(*options.expire) : "");
}

}  // namespace

std::size_t subscribers_of(const Service& service) {
    std::size_t sum = 0;
    for (const auto& [name, node] : service.nodes) sum += node.subscribers.size();
    return sum;
}

std::size_t affiliated_with(const Service& service) {
    std::size_t sum = 0;
    for (const auto& [name, node] : service.nodes) sum += node.affiliations.size();
    return sum;
}

Node node_of(const db::PubsubNode& stored) {
    Node node{.name = stored.name,
              .creator = stored.creator,
              .created_at = stored.created_at,
              .config = decode(stored.config)};
    for (const db::PubsubAffiliation& affiliation : stored.affiliations)
        node.affiliations.emplace(affiliation.jid, static_cast<Affiliation>(affiliation.affiliation));
    for (const db::PubsubSubscription& subscription : stored.subscriptions)
        if (const Result<Jid> jid = Jid::parse(subscription.jid))
            node.subscribers.emplace(
                *jid, Subscriber{.pending = subscription.pending, .options = options_of(subscription.options)});
    return node;
}

db::PubsubNode stored_of(const Node& node) {
    db::PubsubNode stored{
        .name = node.name, .creator = node.creator, .created_at = node.created_at, .config = encode(node.config)};
    for (const auto& [jid, affiliation] : node.affiliations)
        stored.affiliations.push_back({jid, stored_of(affiliation)});
    for (const auto& [jid, subscriber] : node.subscribers) stored.subscriptions.push_back(stored_of(jid, subscriber));
    return stored;
}

db::PubsubSubscription stored_of(const Jid& jid, const Subscriber& subscriber) {
    return {.jid = jid.text(), .pending = subscriber.pending, .options = text_of(subscriber.options)};
}

}  // namespace aldis::modules::pubsub
