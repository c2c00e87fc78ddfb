#include <algorithm>

#include "modules/pubsub/errors.h"
#include "modules/pubsub/topics.h"

namespace aldis::modules::pubsub {
namespace {

namespace forms = xep::dataforms;
using xep::pubsub::owner::Configure;

constexpr std::size_t longest_name = 1023;  // bytes
constexpr std::size_t most_at_once = 100'000;

Result<NodeConfig> config_of_new(const Core& core, const Pubsub& asked, std::string_view name) {
    const NodeConfig usual = usual_config(core, name);
    if (!asked.configure) return usual;
    // "Create and Configure a Node": the node is that of <create/>.
    if (asked.configure->node) return std::unexpected{errors::bad_request};
    // A form without fields, or none, asks for what is usual.
    if (!asked.configure->form || asked.configure->form->fields.empty()) return usual;
    return configured(*asked.configure->form, usual, core.kind());
}

/// The node, for one of its owners.
Result<Node*> own(const Core& core, const Caller& caller, Service& service, const std::optional<std::string>& name) {
    const Result<Node*> node = named(service, name);
    if (!node) return node;
    if (Result<void> allowed = may_manage(core.standing(service, **node, caller)); !allowed)
        return std::unexpected{allowed.error()};
    return node;
}

/// "Success With Notifications".
event::Event config_event(const Core& core, const Node& node) {
    event::Configuration told{.node = node.name};
    if (node.config.deliver_payloads) told.form = config_form(node.config, core.kind(), forms::Kind::result);
    return {.configuration = std::move(told)};
}

/// The node's new configuration, and what follows from it for what is stored.
void write_config(const Core& core, const Service& service, Node& node, NodeConfig config, db::Unit& unit) {
    const bool fewer = items_kept(config, core.limits().items) < items_kept(node.config, core.limits().items);
    const bool other_time = config.item_expire != node.config.item_expire;
    node.config = std::move(config);
    db::Pubsub::set_config(unit, service.jid.text(), node.name, encode(node.config));
    if (!fewer && !other_time) return;
    // What is over stays so, even if items are kept longer from now on.
    unit.add([now = core.now()](db::Connection& connection) { db::Pubsub::expire(connection, now, most_at_once); });
    const auto& seconds = node.config.item_expire.number;
    db::Pubsub::trim(unit, service.jid.text(), node.name, items_kept(node.config, core.limits().items),
                     seconds ? std::optional{std::chrono::seconds{*seconds}} : std::nullopt);
}

/// "Notification Triggers": who gains access by the change is sent the last item.
std::vector<Jid> newcomers(const Core& core, const Use& service, const Node& node, std::vector<Jid> before) {
    std::vector<Jid> now = core.audience(service, node);
    std::ranges::sort(before);
    std::erase_if(now, [&](const Jid& jid) { return std::ranges::binary_search(before, jid); });
    return now;
}

Task<Result<void>> apply_config(Core& core, Use service, Node& node, NodeConfig config) {
    if (config == node.config) co_return Result<void>{};
    db::Unit unit;
    const std::string name = node.name;
    const bool other_access =
        config.access_model != node.config.access_model || config.roster_groups != node.config.roster_groups;
    std::vector<Jid> before = other_access ? core.audience(service, node) : std::vector<Jid>{};
    write_config(core, *service, node, std::move(config), unit);
    const Result<void> stored = co_await core.commit(
        service, std::move(unit), [&core, service, name, other_access, before = std::move(before)] {
            const Node* const there = service->find(name);
            if (there == nullptr) return;
            if (there->config.notify_config) core.tell(service, *there, config_event(core, *there));
            if (other_access)
                core.context().start(send_last(core, service, name, newcomers(core, service, *there, before)));
        });
    co_return stored;
}

}  // namespace

NodeConfig usual_config(const Core& core, std::string_view node) {
    NodeConfig usual = default_config(core.kind());
    if (core.kind() != Kind::personal) return usual;
    const Registry& registry = core.context().host().slot<Registry>();
    const auto place = registry.defaults.find(node);
    if (place == registry.defaults.end()) return usual;
    return config_of_options(options_form(place->second), usual, core.kind()).value_or(usual);
}

Task<Result<void>> reconfigure(Core& core, Use service, std::string name, Config options) {
    const Result<Node*> node = named(*service, name);
    if (!node) co_return std::unexpected{node.error()};
    Result<NodeConfig> config = config_of_options(options_form(options), (*node)->config, core.kind());
    if (!config) co_return std::unexpected{config.error()};
    const Result<void> stored = co_await apply_config(core, service, **node, std::move(*config));
    co_return stored;
}

Result<Node*> named(Service& service, const std::optional<std::string>& name) {
    if (!name || name->empty()) return std::unexpected{errors::node_required};
    Node* const node = service.find(*name);
    if (node == nullptr) return std::unexpected{errors::no_such};
    return node;
}

Task<mod::Reply> create(Core& core, Caller caller, Use service, Pubsub asked) {
    if (Result<void> allowed = core.may_create(*service, caller); !allowed) co_return std::unexpected{allowed.error()};
    const bool instant = !asked.create->node || asked.create->node->empty();
    const std::string name = instant ? core.new_id() : *asked.create->node;
    if (name.size() > longest_name) co_return std::unexpected{errors::not_acceptable};
    if (service->find(name) != nullptr) co_return std::unexpected{errors::exists};
    Result<NodeConfig> config = config_of_new(core, asked, name);
    if (!config) co_return std::unexpected{config.error()};

    db::Unit unit;
    if (core.create(*service, name, caller, std::move(*config), unit) == nullptr)
        co_return std::unexpected{errors::too_many_nodes};
    const Result<void> stored = co_await core.commit(service, std::move(unit), [] {});
    if (!stored) co_return std::unexpected{stored.error()};
    if (!instant) co_return done();
    co_return reply(Pubsub{.create = xep::pubsub::Create{.node = name}});
}

Task<mod::Reply> configuration(Core& core, Caller caller, Use service, Owner asked) {
    const Result<Node*> node = own(core, caller, *service, asked.configure->node);
    if (!node) co_return std::unexpected{node.error()};
    co_return reply(
        Owner{.configure = Configure{.node = (*node)->name,
                                     .form = config_form((*node)->config, core.kind(), forms::Kind::form)}});
}

Task<mod::Reply> configure(Core& core, Caller caller, Use service, Owner asked) {
    const Result<Node*> node = own(core, caller, *service, asked.configure->node);
    if (!node) co_return std::unexpected{node.error()};
    if (!asked.configure->form) co_return std::unexpected{errors::bad_request};
    if (asked.configure->form->kind == forms::Kind::cancel) co_return done();
    Result<NodeConfig> config = configured(*asked.configure->form, (*node)->config, core.kind());
    if (!config) co_return std::unexpected{config.error()};
    const Result<void> stored = co_await apply_config(core, service, **node, std::move(*config));
    if (!stored) co_return std::unexpected{stored.error()};
    co_return done();
}

mod::Reply default_configuration(const Core& core) {
    return reply(Owner{.default_config = xep::pubsub::owner::Default{
                           .form = config_form(default_config(core.kind()), core.kind(), forms::Kind::form)}});
}

Task<Result<void>> remove_node(Core& core, Caller caller, Use service, std::string name,
                               std::optional<std::string> redirect) {
    const Result<Node*> node = own(core, caller, *service, name);
    if (!node) co_return std::unexpected{node.error()};
    Change change{.kind = Change::deleted, .node = name, .by = caller.from, .session = caller.session};
    db::Unit unit;
    if (Result<void> allowed = core.run_before(*service, change, unit); !allowed)
        co_return std::unexpected{allowed.error()};
    change.session = nullptr;
    db::Pubsub::remove_node(unit, service->jid.text(), name);
    auto gone = std::make_shared<const Node>(std::move(**node));
    service->nodes.erase(name);
    co_return co_await core.commit(service, std::move(unit), [&core, service, change, gone, redirect] {
        event::Delete told{.node = change.node};
        if (redirect) told.redirect = event::Redirect{*redirect};
        if (gone->config.notify_delete) core.tell(service, *gone, {.removed = std::move(told)});
        core.run_after(service, change);
    });
}

Task<mod::Reply> remove(Core& core, Caller caller, Use service, Owner asked) {
    const Result<Node*> node = own(core, caller, *service, asked.remove->node);
    if (!node) co_return std::unexpected{node.error()};
    std::optional<std::string> redirect;
    if (asked.remove->redirect) redirect = asked.remove->redirect->uri;
    const Result<void> removed = co_await remove_node(core, caller, service, *asked.remove->node, std::move(redirect));
    if (!removed) co_return std::unexpected{removed.error()};
    co_return done();
}

}  // namespace aldis::modules::pubsub
