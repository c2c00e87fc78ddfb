#include "modules/pubsub/errors.h"
#include "modules/pubsub/topics.h"

namespace aldis::modules::pubsub {
namespace {

constexpr std::size_t longest_name = 1023;  // bytes, of nodes and items

/// "Request Does Not Match Configuration".
Result<void> check_item(const Core& core, const NodeConfig& config, const Publication& what) {
    const auto no = [](const stanza::Error& error) { return std::unexpected{error}; };
    if (!config.persist_items && !config.deliver_payloads && what.has_item) return no(errors::item_forbidden);
    if (!what.has_item)
        return config.persist_items || config.deliver_payloads ? no(errors::item_required) : Result<void>{};
    if (config.deliver_payloads && what.item.payload.empty()) return no(errors::payload_required);
    if (what.item.payload.size() >
        std::min<std::size_t>(core.limits().payload, config.max_payload_size.value_or(core.limits().payload)))
        return no(errors::payload_too_big);
    if (what.item.id.size() > longest_name) return no(errors::not_acceptable);
    return {};
}

/// How a node that is not there would have to be.
Result<NodeConfig> config_of_new(const Core& core, const Caller& caller, const Service& service,
                                 const Publication& what) {
    // Who may not make it only hears that it is not there.
    if (!core.may_create(service, caller)) return std::unexpected{errors::no_such};
    if (what.node.size() > longest_name) return std::unexpected{errors::not_acceptable};
    if (!core.has_room(service, caller)) return std::unexpected{errors::too_many_nodes};
    NodeConfig usual = usual_config(core, what.node);
    return what.options ? config_of_options(*what.options, std::move(usual), core.kind()) : std::move(usual);
}

Result<NodeConfig> config_for(const Core& core, const Caller& caller, Service& service, const Publication& what) {
    const Node* const node = service.find(what.node);
    if (node == nullptr) return config_of_new(core, caller, service, what);
    const Standing who = core.standing(service, *node, caller);
    if (Result<void> allowed = may_publish(node->config, who); !allowed) return std::unexpected{allowed.error()};
    if (what.options && what.must_match)
        if (Result<void> met = check_preconditions(*what.options, node->config, core.kind()); !met)
            return std::unexpected{met.error()};
    return node->config;
}

/// It is on disk.
void tell_published(const Core& core, const Use& service, const Change& change, const db::PubsubStored* stored) {
    if (stored != nullptr && stored->full) return;
    const Node* const node = service->find(change.node);
    if (node == nullptr) return;
    // A node for one item says by the new one that the old one has gone.
    const bool tell_removed = stored != nullptr && !stored->removed.empty() && node->config.notify_retract &&
                              node->config.node_full == xep::pubsub::NodeFull::retract_oldest &&
                              node->config.max_items.number != 1;
    if (tell_removed) core.tell(service, *node, retracted(node->name, stored->removed));
    core.tell(service, *node, published(service->jid, node->name, node->config, change.items.front()));
    core.run_after(service, change);
}

Result<Publication> publication_of(const Pubsub& asked) {
    const xep::pubsub::Publish& publish = *asked.publish;
    if (!publish.node || publish.node->empty()) return std::unexpected{errors::node_required};
    if (publish.items.size() > 1) return std::unexpected{errors::bad_request};
    Publication what{.node = *publish.node, .has_item = !publish.items.empty()};
    if (what.has_item) {
        const xep::pubsub::Item& item = publish.items.front();
        if (item.payload.size() > 1) return std::unexpected{errors::invalid_payload};
        what.item.id = item.id.value_or("");
        if (!item.payload.empty()) what.item.payload = item.payload.front();
    }
    if (asked.publish_options) {
        if (!asked.publish_options->form) return std::unexpected{errors::bad_request};
        what.options = asked.publish_options->form;
    }
    return what;
}

}  // namespace

Task<Result<std::string>> put(Core& core, Caller caller, Use service, Publication what) {
    Result<NodeConfig> config = config_for(core, caller, *service, what);
    if (!config) co_return std::unexpected{config.error()};
    if (Result<void> good = check_item(core, *config, what); !good) co_return std::unexpected{good.error()};

    Item& item = what.item;
    if (item.id.empty()) item.id = core.new_id();
    item.publisher = caller.from.bare_text();
    item.at = core.now();
    Change change{.node = what.node, .items = {item}, .by = caller.from, .session = caller.session};
    db::Unit unit;
    if (Result<void> allowed = core.run_before(*service, change, unit); !allowed)
        co_return std::unexpected{allowed.error()};
    change.session = nullptr;

    if (service->find(what.node) == nullptr) static_cast<void>(core.create(*service, what.node, caller, *config, unit));
    std::shared_ptr<const db::PubsubStored> stored;
    if (const std::size_t keep = items_kept(*config, core.limits().items); keep > 0) {
        const auto& seconds = config->item_expire.number;
        stored = db::Pubsub::put_item(
            unit, service->jid.text(), what.node,
            {.id = item.id, .publisher = item.publisher, .payload = item.payload, .created_at = item.at, .at = item.at},
            seconds ? std::optional{item.at + std::chrono::seconds{*seconds}} : std::nullopt,
            {.items = keep, .refuse = config->node_full == xep::pubsub::NodeFull::reject});
    }
    Result<void> done = co_await core.commit(service, std::move(unit), [&core, service, change, stored] {
        tell_published(core, service, change, stored.get());
    });
    if (!done) co_return std::unexpected{done.error()};
    if (stored && stored->full) co_return std::unexpected{errors::node_full};
    co_return item.id;
}

Task<mod::Reply> publish(Core& core, Caller caller, Use service, Pubsub asked) {
    Result<Publication> what = publication_of(asked);
    if (!what) co_return std::unexpected{what.error()};
    const std::string node = what->node;
    const bool has_item = what->has_item;
    const Result<std::string> id = co_await put(core, caller, service, std::move(*what));
    if (!id) co_return std::unexpected{id.error()};
    Pubsub answer{.publish = xep::pubsub::Publish{.node = node}};
    if (has_item) answer.publish->items.push_back({.id = *id});
    co_return reply(answer);
}

}  // namespace aldis::modules::pubsub
