#include "modules/pubsub/errors.h"
#include "modules/pubsub/topics.h"

namespace aldis::modules::pubsub {
namespace {

namespace forms = xep::dataforms;
using xep::pubsub::SubscribeAuthorization;

/// The form that a message carries.
std::optional<Form> form_of(const Message& message) { return message.get<Form>(); }

Message request(const Core& core, const Use& service, const Node& node, const Jid& who) {
    Message message{{.from = service->jid, .id = core.new_id()}};
    Form form = forms::filled(SubscribeAuthorization{.node = node.name, .subscriber = who.text()}, forms::Kind::form);
    form.title = "Somebody asks to subscribe";
    form.instructions = {"Submit the form to allow or deny the subscription."};
    message.edit().append("body").append_text(who.text() + " asks to subscribe to " + node.name + ".");
    message.add(form);
    return message;
}

}  // namespace

void ask_owners(Core& core, const Use& service, const Node& node, const Jid& who) {
    // Who subscribes and unsubscribes in turn is asked for once; the form that the owners have is good for all of it.
    if (!core.asks_first(*service, node, who)) return;
    for (const Jid& owner : core.owners(*service, node)) {
        Message message = request(core, service, node, who);
        message.set_to(owner);
        core.context().home().route(AnyStanza{std::move(message)});
    }
}

bool is_approval(const Message& message) {
    const std::optional<Form> form = form_of(message);
    return form && form->kind != forms::Kind::form && form->form_type() == SubscribeAuthorization::form.type;
}

Task<void> approve(Core& core, Caller caller, Use service, std::shared_ptr<const Message> message) {
    const std::optional<Form> form = form_of(*message);
    // "If the owner cancels the Data Form, then the subscription request MUST remain in the pending state."
    if (!form || form->kind != forms::Kind::submit) co_return;
    const Result<SubscribeAuthorization> answer = forms::read<SubscribeAuthorization>(*form);
    if (!answer) co_return;
    const Result<Jid> who = Jid::parse(answer->subscriber);
    Node* const node = service->find(answer->node);
    if (!who || node == nullptr || !may_manage(core.standing(*service, *node, caller))) co_return;
    const auto place = node->subscribers.find(*who);
    if (place == node->subscribers.end() || !place->second.pending) co_return;

    core.answered(*service, *node, *who);
    db::Unit unit;
    if (answer->allow) {
        place->second.pending = false;
        db::Pubsub::put_subscription(unit, service->jid.text(), node->name, stored_of(*who, place->second));
    } else {
        node->subscribers.erase(place);
        db::Pubsub::remove_subscription(unit, service->jid.text(), node->name, who->text());
    }
    static_cast<void>(co_await core.commit(
        service, std::move(unit), [&core, service, name = node->name, jid = *who, allow = answer->allow] {
            if (const Node* const there = service->find(name)) {
                tell_subscription(core, service, *there, jid,
                                  allow ? SubscriptionState::subscribed : SubscriptionState::none);
                const auto subscriber = there->subscribers.find(jid);
                if (allow && subscriber != there->subscribers.end() && subscriber->second.options.deliver)
                    core.context().start(send_last(core, service, name, {jid}));
            }
        }));
}

}  // namespace aldis::modules::pubsub
