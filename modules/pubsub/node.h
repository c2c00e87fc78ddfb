#pragma once

#include <map>
#include <string>

#include "db/pubsub.h"
#include "jid/jid.h"
#include "modules/pubsub/access.h"

namespace aldis::modules::pubsub {

using xep::pubsub::SubscribeOptions;

struct Subscriber {
    bool pending = false;
    SubscribeOptions options = {};
};

/// A node as it is in memory: all but its items.
struct Node {
    std::string name;
    std::string creator;
    Timestamp created_at{};
    NodeConfig config = {};
    std::map<std::string, Affiliation, std::less<>> affiliations = {};  ///< of bare JIDs
    std::map<Jid, Subscriber> subscribers = {};
};

/// An account or a domain, with its nodes.
struct Service {
    Jid jid;
    std::map<std::string, Node, std::less<>> nodes;
    std::size_t writing = 0;  ///< units that are on their way to the disk

    [[nodiscard]] Node* find(std::string_view name) {
        const auto place = nodes.find(name);
        return place == nodes.end() ? nullptr : &place->second;
    }
};

[[nodiscard]] inline bool is_over(const Subscriber& subscriber, Timestamp now) {
    return subscriber.options.expire && *subscriber.options.expire <= now;
}

/// At all nodes together.
[[nodiscard]] std::size_t subscribers_of(const Service& service);
[[nodiscard]] std::size_t affiliated_with(const Service& service);

[[nodiscard]] Node node_of(const db::PubsubNode& stored);
[[nodiscard]] db::PubsubNode stored_of(const Node& node);
[[nodiscard]] db::PubsubSubscription stored_of(const Jid& jid, const Subscriber& subscriber);

/// The same enumeration on both sides.
[[nodiscard]] constexpr db::Affiliation stored_of(Affiliation affiliation) {
    return static_cast<db::Affiliation>(affiliation);
}

}  // namespace aldis::modules::pubsub
