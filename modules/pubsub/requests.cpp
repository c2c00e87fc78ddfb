#include "modules/pubsub/requests.h"

#include "modules/disco_nodes.h"
#include "modules/pubsub/errors.h"
#include "xep/xep0462_pubsub_filter.h"

namespace aldis::modules::pubsub {
namespace {

/// "Feature Summary": what both kinds of services can do.
constexpr std::string_view common_features[] = {"auto-create",
                                                "config-node",
                                                "config-node-max",
                                                "create-and-configure",
                                                "create-nodes",
                                                "delete-items",
                                                "delete-nodes",
                                                "instant-nodes",
                                                "item-ids",
                                                "leased-subscription",
                                                "manage-subscriptions",
                                                "member-affiliation",
                                                "meta-data",
                                                "modify-affiliations",
                                                "multi-items",
                                                "outcast-affiliation",
                                                "persistent-items",
                                                "publish",
                                                "publish-node-full",
                                                "publish-only-affiliation",
                                                "publish-options",
                                                "publisher-affiliation",
                                                "purge-nodes",
                                                "retract-items",
                                                "retrieve-affiliations",
                                                "retrieve-default",
                                                "retrieve-default-sub",
                                                "retrieve-items",
                                                "retrieve-subscriptions",
                                                "rsm",
                                                "subscribe",
                                                "subscription-notifications",
                                                "subscription-options"};
constexpr std::string_view personal_features[] = {"access-presence", "auto-subscribe",     "filtered-notifications",
                                                  "last-published",  "presence-subscribe", "pubsub-on-a-jid"};
constexpr std::string_view service_features[] = {"access-open"};

void announce(mod::Context& context, mod::For target, std::span<const std::string_view> features) {
    for (const std::string_view feature : features)
        context.feature(target, std::string{xep::pubsub::ns} + "#" + std::string{feature});
}

void announce(mod::Context& context, mod::For target, Kind kind) {
    announce(context, target, common_features);
    announce(context, target,
             kind == Kind::personal ? std::span<const std::string_view>{personal_features} : service_features);
    context.feature(target, xep::OrderBy::ns);
    context.feature(target, std::string{xep::OrderBy::ns} + "@" + std::string{xep::pubsub::ns});
    context.feature(target, xep::PubsubFilter::ns);
    if (kind == Kind::personal) {
        context.identity(target, "pubsub", "pep");
    } else {
        context.identity(target, "pubsub", "service", "Publish-Subscribe");
    }
}

}  // namespace

Requests::Requests(mod::Context& context, Kind kind, const Limits& limits) : core_{context, kind, limits} {
    if (kind == Kind::service) {
        listen(mod::For::server);
        announce(context, mod::For::server, kind);
    } else {
        listen(mod::For::own_account);
        listen(mod::For::account);
        listen_for_nobody();
        announce(context, mod::For::account, kind);
    }
}

void Requests::listen(mod::For target) {
    mod::Context& context = core_.context();
    context.on_iq(IqType::get, target, *this, &Requests::get);
    context.on_iq(IqType::set, target, *this, &Requests::set);
    context.on_iq(IqType::get, target, *this, &Requests::owner_get);
    context.on_iq(IqType::set, target, *this, &Requests::owner_set);
    context.host().slot<discovery::Sources>().add(
        target,
        {.info = [this](mod::Request request, xep::disco::Info query) { return info(request, std::move(query)); },
         .items = [this](mod::Request request, xep::disco::Items query) { return items(request, std::move(query)); }});
}

void Requests::listen_for_nobody() {
    mod::Context& context = core_.context();
    context.on_iq(IqType::get, mod::For::nobody, *this, &Requests::get_of_nobody);
    context.on_iq(IqType::set, mod::For::nobody, *this, &Requests::set_of_nobody);
    context.on_iq(IqType::get, mod::For::nobody, *this, &Requests::owner_get_of_nobody);
    context.on_iq(IqType::set, mod::For::nobody, *this, &Requests::owner_set_of_nobody);
}

mod::Reply Requests::get_of_nobody(const mod::Request& /*request*/, Pubsub asked) {
    if (asked.subscriptions && !asked.subscriptions->node) return reply(asked);
    if (asked.affiliations && !asked.affiliations->node) return reply(asked);
    if (asked.default_options && !asked.default_options->node)
        return reply(Pubsub{.default_options = xep::pubsub::Default{
                                .form = xep::dataforms::filled(SubscribeOptions{}, xep::dataforms::Kind::result)}});
    return std::unexpected{errors::no_such};
}

mod::Reply Requests::set_of_nobody(const mod::Request& /*request*/, Pubsub asked) {
    return std::unexpected{asked.create ? errors::forbidden : errors::no_such};
}

mod::Reply Requests::owner_get_of_nobody(const mod::Request& /*request*/, Owner asked) {
    if (asked.default_config) return default_configuration(core_);
    return std::unexpected{errors::no_such};
}

mod::Reply Requests::owner_set_of_nobody(const mod::Request& /*request*/, Owner /*asked*/) {
    return std::unexpected{errors::no_such};
}

// ---- Of those who have nodes, or may have ----

namespace {

/// The node that is asked for something; empty: none is named.
template <class... T>
std::string node_of(const T&... asked) {
    std::string node;
    static_cast<void>((... || (asked && (node = asked->node.value_or(""), true))));
    return node;
}

std::string node_of(const Pubsub& asked) {
    return node_of(asked.items, asked.publish, asked.retract, asked.create, asked.subscribe, asked.unsubscribe,
                   asked.options);
}

std::string node_of(const Owner& asked) {
    return node_of(asked.configure, asked.remove, asked.purge, asked.subscriptions, asked.affiliations);
}

}  // namespace

Jid Requests::service_of(const mod::Request& request) const {
    return core_.kind() == Kind::personal ? request.account->jid() : core_.context().host().jid();
}

Caller Requests::caller_of(const mod::Request& request) {
    return {.from = request.iq->from(), .session = request.session};
}

Task<mod::Reply> Requests::get(mod::Request request, Pubsub asked) {
    const Caller caller = caller_of(request);
    const Jid owner = service_of(request);
    const std::string node = node_of(asked);
    if (asked.items) co_await before_use(core_, owner, node);
    const Use service = co_await core_.open(owner, node);
    service.leave();
    if (asked.items) co_return co_await retrieve(core_, caller, service, std::move(asked));
    if (asked.subscriptions) co_return own_subscriptions(core_, caller, service, asked);
    if (asked.affiliations) co_return own_affiliations(core_, caller, service, asked);
    if (asked.options) co_return options(core_, caller, service, asked);
    if (asked.default_options) co_return default_options(core_, caller, service, asked);
    co_return std::unexpected{errors::bad_request};
}

Task<mod::Reply> Requests::set(mod::Request request, Pubsub asked) {
    const Caller caller = caller_of(request);
    const Jid owner = service_of(request);
    const std::string node = node_of(asked);
    if (asked.publish || asked.retract) co_await before_use(core_, owner, node);
    const Use service = co_await core_.open(owner, node);
    if (asked.publish) co_return co_await publish(core_, caller, service, std::move(asked));
    if (asked.retract) co_return co_await retract(core_, caller, service, std::move(asked));
    if (asked.create) co_return co_await create(core_, caller, service, std::move(asked));
    if (asked.subscribe) co_return co_await subscribe(core_, caller, service, std::move(asked));
    if (asked.unsubscribe) co_return co_await unsubscribe(core_, caller, service, std::move(asked));
    if (asked.options) co_return co_await set_options(core_, caller, service, std::move(asked));
    co_return std::unexpected{errors::bad_request};
}

Task<mod::Reply> Requests::owner_get(mod::Request request, Owner asked) {
    const Caller caller = caller_of(request);
    const Jid owner = service_of(request);
    const std::string node = node_of(asked);
    const Use service = co_await core_.open(owner, node);
    if (asked.configure) co_return co_await configuration(core_, caller, service, std::move(asked));
    if (asked.default_config) co_return default_configuration(core_);
    if (asked.subscriptions) co_return subscriptions(core_, caller, service, asked);
    if (asked.affiliations) co_return affiliations(core_, caller, service, asked);
    co_return std::unexpected{errors::bad_request};
}

Task<mod::Reply> Requests::owner_set(mod::Request request, Owner asked) {
    const Caller caller = caller_of(request);
    const Jid owner = service_of(request);
    const std::string node = node_of(asked);
    const Use service = co_await core_.open(owner, node);
    if (asked.configure) co_return co_await configure(core_, caller, service, std::move(asked));
    if (asked.remove) co_return co_await remove(core_, caller, service, std::move(asked));
    if (asked.purge) co_return co_await purge(core_, caller, service, std::move(asked));
    if (asked.subscriptions) co_return co_await set_subscriptions(core_, caller, service, std::move(asked));
    if (asked.affiliations) co_return co_await set_affiliations(core_, caller, service, std::move(asked));
    co_return std::unexpected{errors::bad_request};
}

Task<Result<std::optional<xep::disco::Info>>> Requests::info(mod::Request request, xep::disco::Info query) {
    const Use service = co_await core_.open(service_of(request));
    co_return co_await node_info(core_, caller_of(request), service, query.node.value_or(""));
}

Task<Result<std::optional<xep::disco::Items>>> Requests::items(mod::Request request, xep::disco::Items query) {
    const Use service = co_await core_.open(service_of(request), query.node.value_or(""));
    service.leave();
    co_return co_await node_items(core_, caller_of(request), service, std::move(query), request.iq);
}

}  // namespace aldis::modules::pubsub
