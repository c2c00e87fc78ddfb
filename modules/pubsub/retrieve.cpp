#include <set>

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

/// "Requesting a Particular Item". @return  nothing: they are more than an answer has room for; one is always given
std::optional<std::vector<db::PubsubItem>> find_items(db::Connection& connection, const std::string& service,
                                                      const std::string& node, const std::vector<std::string>& ids,
                                                      std::size_t bytes, Timestamp now) {
    std::vector<db::PubsubItem> found;
    std::size_t size = 0;
    for (const std::string& id : ids) {
        std::optional<db::PubsubItem> item = db::Pubsub::item(connection, service, node, id, now);
        if (!item) continue;
        size += item->payload.size();
        if (size > bytes && !found.empty()) return std::nullopt;
        found.push_back(std::move(*item));
    }
    return found;
}

/// Each once, in the order in which they are named.
std::vector<std::string> ids_of(const Items& items) {
    std::vector<std::string> ids;
    std::set<std::string_view> known;
    for (const xep::pubsub::Item& item : items.items)
        if (item.id && known.insert(*item.id).second) ids.push_back(*item.id);
    return ids;
}

/// The node, for somebody who may see its items.
Result<Node*> readable(const Core& core, const Caller& caller, Service& service,
                       const std::optional<std::string>& name) {
    const Result<Node*> node = named(service, name);
    if (!node) return node;
    if (Result<void> allowed = may_retrieve((*node)->config, core.standing(service, **node, caller)); !allowed)
        return std::unexpected{allowed.error()};
    if (!(*node)->config.persist_items) return std::unexpected{errors::unsupported("persistent-items")};
    return node;
}

}  // namespace

Task<void> before_use(const Core& core, Jid owner, std::string node) {
    if (core.kind() != Kind::personal) co_return;
    const Registry& registry = core.context().host().slot<Registry>();
    const auto place = registry.before_use.find(node);
    if (place != registry.before_use.end()) co_await place->second(std::move(owner));
}

Task<mod::Reply> retrieve(Core& core, Caller caller, Use service, Pubsub asked) {
    Result<Node*> node = readable(core, caller, *service, asked.items->node);
    if (!node) co_return std::unexpected{node.error()};
    for (const xep::OrderBy& order : asked.order)
        if (order.by == xep::OrderField::other) co_return std::unexpected{xep::OrderBy::unknown};
    const std::vector<std::string> ids = ids_of(*asked.items);
    if (ids.size() > most_ids) co_return std::unexpected{errors::too_many_items};

    // One answer after the other for each who asks: of many at once, each may be as large as a page may be.
    const Lines::Ticket turn = co_await core.lines().wait("items for " + std::string{caller.from.bare_text()});
    co_await core.settled(service);
    const std::string name = *asked.items->node;
    const std::optional<db::PubsubPage> page =
        co_await core.context().read([jid = service->jid.text(), name, ids, query = query_of(core, asked),
                                      now = core.now()](db::Connection& connection) -> std::optional<db::PubsubPage> {
            if (ids.empty()) return db::Pubsub::items(connection, jid, name, query, now);
            auto found = find_items(connection, jid, name, ids, query.bytes, now);
            if (!found) return std::nullopt;
            return db::PubsubPage{.items = std::move(*found)};
        });
    // What he may see may have changed meanwhile.
    node = readable(core, caller, *service, name);
    if (!node) co_return std::unexpected{node.error()};
    if (!page) co_return std::unexpected{ids.empty() ? errors::no_such : errors::too_many_items};
    Pubsub answer{.items = Items{.node = name}};
    for (const db::PubsubItem& item : page->items)
        answer.items->items.push_back(item_of(*service, (*node)->config, item));
    const bool cut = ids.empty() && !asked.items->max_items && page->items.size() < page->count;
    if (ids.empty() && (asked.set || cut)) answer.set = bounds_of(*page);
    co_return reply(answer);
}

}  // namespace aldis::modules::pubsub
