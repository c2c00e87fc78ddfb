#include "modules/pubsub/errors.h"
#include "modules/pubsub/topics.h"

namespace aldis::modules::pubsub {
namespace {

namespace forms = xep::dataforms;
using xep::pubsub::Options;

/// Whose options, at which node: XEP-0060 "Configure Subscription Options".
struct Place {
    Node* node = nullptr;
    Jid who = {};
    Subscriber* subscriber = nullptr;
};

Result<Place> place_of(const Caller& caller, Service& service, const Options& options) {
    const Result<Node*> node = named(service, options.node);
    if (!node) return std::unexpected{node.error()};
    if (!options.jid) return std::unexpected{errors::jid_required};
    const Result<Jid> who = Jid::parse(*options.jid);
    if (!who) return std::unexpected{errors::invalid_jid};
    if (!who->same_bare(caller.from)) return std::unexpected{errors::forbidden};
    const auto subscriber = (*node)->subscribers.find(*who);
    if (subscriber == (*node)->subscribers.end()) return std::unexpected{errors::options_not_subscribed};
    return Place{.node = *node, .who = *who, .subscriber = &subscriber->second};
}

/// What this service does not do can be declined, but not asked for.
bool is_declined(const forms::Field& field) {
    return (field.var == "pubsub#digest" || field.var == "pubsub#include_body") &&
           xml::Codec<bool>::parse(field.value()) == false;
}

}  // namespace

Result<SubscribeOptions> options_of(const Form& form, SubscribeOptions current) {
    Form rest = form;
    std::erase_if(rest.fields, is_declined);
    Result<SubscribeOptions> options = forms::read(rest, forms::Unknown::refused, current);
    if (!options) return std::unexpected{errors::invalid_options};
    return options;
}

mod::Reply options(Core& /*core*/, const Caller& caller, const Use& service, const Pubsub& asked) {
    const Result<Place> place = place_of(caller, *service, *asked.options);
    if (!place) return std::unexpected{place.error()};
    return reply(Pubsub{.options = Options{.node = asked.options->node,
                                           .jid = asked.options->jid,
                                           .form = forms::filled(place->subscriber->options, forms::Kind::form)}});
}

Task<mod::Reply> set_options(Core& core, Caller caller, Use service, Pubsub asked) {
    const Result<Place> place = place_of(caller, *service, *asked.options);
    if (!place) co_return std::unexpected{place.error()};
    if (!asked.options->form) co_return std::unexpected{errors::invalid_options};
    if (asked.options->form->kind == forms::Kind::cancel) co_return done();
    const Result<SubscribeOptions> wanted = options_of(*asked.options->form, place->subscriber->options);
    if (!wanted) co_return std::unexpected{wanted.error()};

    place->subscriber->options = *wanted;
    db::Unit unit;
    db::Pubsub::put_subscription(unit, service->jid.text(), place->node->name,
                                 stored_of(place->who, *place->subscriber));
    const Result<void> stored = co_await core.commit(service, std::move(unit), [] {});
    if (!stored) co_return std::unexpected{stored.error()};
    co_return done();
}

mod::Reply default_options(Core& core, const Caller& caller, const Use& service, const Pubsub& asked) {
    const std::optional<std::string>& name = asked.default_options->node;
    if (name && !name->empty()) {
        const Result<Node*> node = named(*service, name);
        if (!node) return std::unexpected{node.error()};
        if (Result<void> allowed = may_subscribe((*node)->config, core.standing(*service, **node, caller)); !allowed)
            return std::unexpected{allowed.error()};
    }
    return reply(Pubsub{.default_options = xep::pubsub::Default{
                            .node = name, .form = forms::filled(SubscribeOptions{}, forms::Kind::result)}});
}

}  // namespace aldis::modules::pubsub
