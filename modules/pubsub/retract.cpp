#include "modules/pubsub/errors.h"
#include "modules/pubsub/topics.h"

namespace aldis::modules::pubsub {
namespace {

/// Looks for the node again: it may have gone meanwhile.
Result<Node*> retractable(const Core& core, const Caller& caller, Service& service, const std::string& name,
                          const std::string& publisher) {
    Node* const node = service.find(name);
    if (node == nullptr) return std::unexpected{errors::no_such};
    const bool own = publisher == caller.from.bare_text();
    if (Result<void> allowed = may_retract(node->config, core.standing(service, *node, caller), own); !allowed)
        return std::unexpected{allowed.error()};
    if (!node->config.persist_items) return std::unexpected{errors::unsupported("persistent-items")};
    return node;
}

}  // namespace

Task<Result<void>> take_back(Core& core, Caller caller, Use service, std::string name, std::string id, bool notify) {
    // Who may not even take back what is his own need not know what there is.
    Result<Node*> node = retractable(core, caller, *service, name, std::string{caller.from.bare_text()});
    if (!node) co_return std::unexpected{node.error()};
    co_await core.settled(service);
    const std::optional<db::PubsubItem> item = co_await core.context().read(
        [jid = service->jid.text(), name, id, now = core.now()](db::Connection& connection) {
            return db::Pubsub::item(connection, jid, name, id, now);
        });
    if (!item) co_return std::unexpected{errors::no_such};
    node = retractable(core, caller, *service, name, item->publisher);
    if (!node) co_return std::unexpected{node.error()};

    Change change{.kind = Change::retracted,
                  .node = name,
                  .items = {{.id = id, .publisher = item->publisher}},
                  .by = caller.from,
                  .session = caller.session};
    db::Unit unit;
    if (Result<void> allowed = core.run_before(*service, change, unit); !allowed)
        co_return std::unexpected{allowed.error()};
    change.session = nullptr;
    db::Pubsub::remove_item(unit, service->jid.text(), name, id);
    co_return co_await core.commit(service, std::move(unit), [&core, service, change, notify] {
        if (const Node* const there = service->find(change.node);
            there != nullptr && (notify || there->config.notify_retract))
            core.tell(service, *there, retracted(change.node, {change.items.front().id}));
        core.run_after(service, change);
    });
}

Task<mod::Reply> retract(Core& core, Caller caller, Use service, Pubsub asked) {
    const xep::pubsub::Retract& retract = *asked.retract;
    const Result<Node*> node = named(*service, retract.node);
    if (!node) co_return std::unexpected{node.error()};
    if (retract.items.empty() || !retract.items.front().id || retract.items.front().id->empty())
        co_return std::unexpected{errors::item_required};
    if (retract.items.size() > 1) co_return std::unexpected{errors::bad_request};
    const Result<void> done = co_await take_back(core, caller, service, *retract.node, *retract.items.front().id,
                                                 retract.notify.value_or(false));
    if (!done) co_return std::unexpected{done.error()};
    co_return pubsub::done();
}

Task<mod::Reply> purge(Core& core, Caller caller, Use service, Owner asked) {
    const Result<Node*> node = named(*service, asked.purge->node);
    if (!node) co_return std::unexpected{node.error()};
    if (Result<void> allowed = may_manage(core.standing(*service, **node, caller)); !allowed)
        co_return std::unexpected{allowed.error()};
    if (!(*node)->config.persist_items) co_return std::unexpected{errors::unsupported("persistent-items")};

    Change change{.kind = Change::purged, .node = (*node)->name, .by = caller.from, .session = caller.session};
    db::Unit unit;
    if (Result<void> allowed = core.run_before(*service, change, unit); !allowed)
        co_return std::unexpected{allowed.error()};
    change.session = nullptr;
    db::Pubsub::remove_items(unit, service->jid.text(), change.node);
    const Result<void> done = co_await core.commit(service, std::move(unit), [&core, service, change] {
        const Node* const there = service->find(change.node);
        if (there != nullptr && there->config.notify_retract)
            core.tell(service, *there, {.purge = event::Purge{.node = change.node}});
        core.run_after(service, change);
    });
    if (!done) co_return std::unexpected{done.error()};
    co_return pubsub::done();
}

}  // namespace aldis::modules::pubsub
