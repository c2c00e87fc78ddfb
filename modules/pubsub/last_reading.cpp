#include "modules/pubsub/last_reading.h"

#include <algorithm>
#include <unordered_map>

#include "db/blocks.h"
#include "db/roster.h"
#include "modules/pubsub/access.h"
#include "modules/pubsub/config.h"
#include "session/blocklist.h"

namespace aldis::modules::pubsub {
namespace {

constexpr std::size_t most_bytes = 64 << 10;

/// The other side of the subscription: what the owner says of who wants his items.
struct Relation {
    bool sees_presence = false;
    std::vector<std::string> groups = {};
};

bool is_blocked(db::Connection& connection, std::string_view owner, const Jid& to) {
    session::Blocklist blocklist;
    for (const std::string& address : db::Blocks::load(connection, owner))
        if (const Result<Jid> jid = Jid::parse(address)) blocklist.add(*jid);
    return blocklist.blocks(to);
}

Relation relation_of(db::Connection& connection, std::string_view owner, const Jid& to) {
    std::optional<db::RosterItem> contact = db::Roster::find(connection, owner, to.bare_text());
    if (!contact || is_blocked(connection, owner, to)) return {};
    const bool sees =
        contact->subscription == db::Subscription::from || contact->subscription == db::Subscription::both;
    return {.sees_presence = sees, .groups = std::move(contact->groups)};
}

bool is_sent(const NodeConfig& config, Began began) {
    using enum xep::pubsub::SendLast;
    if (!config.deliver_notifications) return false;
    return config.send_last == on_sub_and_presence || (config.send_last == on_sub && began == Began::subscription);
}

/// Most nodes are configured like others, and reading a configuration takes longer than finding it.
class Configs {
public:
    const std::shared_ptr<const NodeConfig>& of(const std::string& text) {
        std::shared_ptr<const NodeConfig>& config = known_[text];
        if (!config) config = std::make_shared<const NodeConfig>(decode(text));
        return config;
    }

private:
    std::unordered_map<std::string, std::shared_ptr<const NodeConfig>> known_;
};

void read_owner(db::Connection& connection, const LastQuestion& question, Configs& configs, std::size_t index,
                LastAnswer& answer) {
    const std::string& owner = question.owners[index];
    std::vector<db::PubsubFound> nodes = db::Pubsub::find(connection, owner, question.to.bare_text());
    std::erase_if(nodes, [&](const db::PubsubFound& node) {
        return !std::ranges::binary_search(*question.nodes, node.name) ||
               !is_sent(*configs.of(node.config), question.began);
    });
    if (nodes.empty()) return;
    const bool own = owner == question.to.bare_text();
    const Relation relation = own ? Relation{} : relation_of(connection, owner, question.to);
    if (!own && !relation.sees_presence) return;
    for (db::PubsubFound& node : nodes) {
        std::shared_ptr<const NodeConfig> config = configs.of(node.config);
        if (!own && !may_see(*config, static_cast<Affiliation>(node.affiliation), true, relation.groups)) continue;
        std::optional<db::PubsubItem> item = db::Pubsub::last(connection, node.number, question.now);
        if (!item) continue;
        constexpr std::size_t around = 400;
        answer.bytes += item->payload.size() + around;
        answer.found.push_back(
            {.owner = index, .node = std::move(node.name), .config = std::move(config), .item = std::move(*item)});
    }
}

}  // namespace

LastAnswer read_last(db::Connection& connection, const LastQuestion& question) {
    LastAnswer answer;
    Configs configs;
    while (answer.done < question.owners.size() && answer.bytes < most_bytes)
        read_owner(connection, question, configs, answer.done++, answer);
    return answer;
}

}  // namespace aldis::modules::pubsub
