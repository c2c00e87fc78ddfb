#include "modules/pubsub/errors.h"
#include "modules/pubsub/topics.h"

namespace aldis::modules::pubsub {
namespace {

using xep::pubsub::Items;

constexpr std::size_t most_ids = 100;

/// What is asked for, as the store understands it.
db::PubsubQuery query_of(const Core& core, const Pubsub& asked) {
    db::PubsubQuery query{.limit = core.limits().page, .bytes = core.limits().page_bytes};
    if (!asked.order.empty()) {
        query.by_creation = asked.order.front().by == xep::OrderField::creation;
        query.descending = asked.order.front().descending;
    }
    if (asked.set) {
        query.limit = std::min<std::size_t>(query.limit, asked.set->max.value_or(core.limits().page));
        query.after = asked.set->after;
        query.before = asked.set->before;
        query.index = asked.set->index;
    }
    // "Requesting the Most Recent Items". Without a word, too, the newest are what does not get lost.
    const bool paged = query.after || query.before || query.index;
    if (asked.items->max_items)
        query.limit = std::min<std::size_t>(query.limit, std::max<std::uint32_t>(*asked.items->max_items, 1));
    if (!query.descending && !paged && (asked.items->max_items || !asked.set)) query.before = "";
    return query;
}

xep::pubsub::Item item_of(const Service& service, const NodeConfig& config, const db::PubsubItem& stored) {
    xep::pubsub::Item item{.id = stored.id, .publisher = publisher_shown(service.jid, config, stored.publisher)};
    if (!stored.payload.empty()) item.payload.push_back(stored.payload);
    return item;
}

xep::rsm::Set bounds_of(const db::PubsubPage& page) {
    xep::rsm::Set set{.count = page.count};
    if (page.items.empty()) return set;
    set.first = {.index = page.index, .id = page.items.front().id};
    set.last = page.items.back().id;
    return set;
}

/// "Requesting a Particular Item".
std::vector<db::PubsubItem> find_items(db::Connection& connection, const std::string& service, const std::string& node,
                                       const std::vector<std::string>& ids, Timestamp now) {
    std::vector<db::PubsubItem> found;
    for (const std::string& id : ids)
        if (std::optional<db::PubsubItem> item = db::Pubsub::item(connection, service, node, id, now))
            found.push_back(std::move(*item));
    return found;
}

std::vector<std::string> ids_of(const Items& items) {
    std::vector<std::string> ids;
    for (const xep::pubsub::Item& item : items.items)
        if (item.id) ids.push_back(*item.id);
    return ids;
}

}  // namespace

Task<void> before_use(const Core& core, Use service, std::string node) {
    if (core.kind() != Kind::personal) co_return;
    const Registry& registry = core.context().host().slot<Registry>();
    const auto place = registry.before_use.find(node);
    if (place != registry.before_use.end()) co_await place->second(service->jid);
}

Task<mod::Reply> retrieve(Core& core, Caller caller, Use service, Pubsub asked) {
    const Result<Node*> node = named(*service, asked.items->node);
    if (!node) co_return std::unexpected{node.error()};
    if (Result<void> allowed = may_retrieve((*node)->config, core.standing(*service, **node, caller)); !allowed)
        co_return std::unexpected{allowed.error()};
    if (!(*node)->config.persist_items) co_return std::unexpected{errors::unsupported("persistent-items")};
    for (const xep::OrderBy& order : asked.order)
        if (order.by == xep::OrderField::other) co_return std::unexpected{xep::OrderBy::unknown};
    const std::vector<std::string> ids = ids_of(*asked.items);
    if (ids.size() > most_ids) co_return std::unexpected{errors::too_many_items};

    const NodeConfig config = (*node)->config;
    const std::string name = (*node)->name;
    Pubsub answer{.items = Items{.node = name}};
    co_await before_use(core, service, name);
    co_await core.settled(service);
    std::optional<db::PubsubPage> page =
        co_await core.context().read([jid = service->jid.text(), name, ids, query = query_of(core, asked),
                                      now = core.now()](db::Connection& connection) -> std::optional<db::PubsubPage> {
            if (!ids.empty()) return db::PubsubPage{.items = find_items(connection, jid, name, ids, now)};
            return db::Pubsub::items(connection, jid, name, query, now);
        });
    if (!page) co_return std::unexpected{errors::no_such};
    for (const db::PubsubItem& item : page->items) answer.items->items.push_back(item_of(*service, config, item));
    const bool cut = ids.empty() && !asked.items->max_items && page->items.size() < page->count;
    if (ids.empty() && (asked.set || cut)) answer.set = bounds_of(*page);
    co_return reply(answer);
}

}  // namespace aldis::modules::pubsub
