#include "modules/pubsub/personal_nodes.h"

#include "modules/pubsub/errors.h"
#include "modules/pubsub/topics.h"

namespace aldis::modules::pubsub {
namespace {

Item item_of(db::PubsubItem&& stored) {
    return {.id = std::move(stored.id),
            .publisher = std::move(stored.publisher),
            .payload = std::move(stored.payload),
            .at = stored.at};
}

}  // namespace

Task<Result<std::vector<Item>>> PersonalNodes::items(Jid owner, std::string node, std::size_t newest) {
    const Use service = co_await core_.open(owner, node);
    service.leave();
    if (service->find(node) == nullptr) co_return std::unexpected{errors::no_such};
    co_await core_.settled(service);
    // What a client has filled up is not read all at once.
    const db::PubsubQuery query{
        .descending = true, .limit = newest == 0 ? core_.limits().items : newest, .bytes = core_.limits().page_bytes};
    std::optional<db::PubsubPage> page =
        co_await core_.context().read([jid = owner.text(), node, query, now = core_.now()](db::Connection& connection) {
            return db::Pubsub::items(connection, jid, node, query, now);
        });
    std::vector<Item> found;
    if (!page) co_return found;
    if (newest == 0 && page->items.size() < page->count) co_return std::unexpected{errors::too_many_items};
    for (db::PubsubItem& item : page->items) found.push_back(item_of(std::move(item)));
    co_return found;
}

Task<Result<std::optional<Item>>> PersonalNodes::item(Jid owner, std::string node, std::string id) {
    const Use service = co_await core_.open(owner, node);
    service.leave();
    if (service->find(node) == nullptr) co_return std::nullopt;
    co_await core_.settled(service);
    std::optional<db::PubsubItem> found =
        co_await core_.context().read([jid = owner.text(), node, id, now = core_.now()](db::Connection& connection) {
            return db::Pubsub::item(connection, jid, node, id, now);
        });
    if (!found) co_return std::nullopt;
    co_return item_of(std::move(*found));
}

Task<Result<std::string>> PersonalNodes::publish(Jid owner, std::string node, Item item, PublishOptions options) {
    const Use service = co_await core_.open(owner, node);
    Publication what{.node = std::move(node), .item = std::move(item), .must_match = options.must_match};
    if (!options.config.empty()) what.options = options_form(options.config);
    const Caller caller{.from = options.by.empty() ? owner : options.by, .session = options.session};
    co_return co_await put(core_, caller, service, std::move(what));
}

Task<Result<void>> PersonalNodes::retract(Jid owner, std::string node, std::string id, bool notify) {
    const Use service = co_await core_.open(owner, node);
    co_return co_await take_back(core_, {.from = owner}, service, std::move(node), std::move(id), notify);
}

Task<Result<void>> PersonalNodes::remove(Jid owner, std::string node) {
    const Use service = co_await core_.open(owner, node);
    co_return co_await remove_node(core_, {.from = owner}, service, std::move(node), std::nullopt);
}

Task<Result<void>> PersonalNodes::configure(Jid owner, std::string node, Config config) {
    const Use service = co_await core_.open(owner, node);
    co_return co_await reconfigure(core_, service, std::move(node), std::move(config));
}

Task<bool> PersonalNodes::may_see(Jid owner, std::string node, Jid viewer) {
    const Use service = co_await core_.open(owner, node);
    const Node* const found = service->find(node);
    co_return found != nullptr&& may_retrieve(found->config, core_.standing(*service, *found, viewer)).has_value();
}

}  // namespace aldis::modules::pubsub
