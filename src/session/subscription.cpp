#include "session/subscription.h"

namespace aldis::session {
namespace {

Subscription with(bool to, bool from) {
    return to ? (from ? Subscription::both : Subscription::to) : (from ? Subscription::from : Subscription::none);
}

SubscriptionState with_to(SubscriptionState state, bool to) {
    state.subscription = with(to, state.from());
    return state;
}

SubscriptionState with_from(SubscriptionState state, bool from) {
    state.subscription = with(state.to(), from);
    return state;
}

}  // namespace

SubscriptionStep outbound(const SubscriptionState& state, PresenceType type) {
    SubscriptionStep step{.next = state};
    switch (type) {
        case PresenceType::subscribe:  // A.2.1
            step.route = true;
            if (!state.to()) step.next.pending_out = true;
            break;
        case PresenceType::unsubscribe:  // A.2.2
            step.route = true;
            step.next = with_to(state, false);
            step.next.pending_out = false;
            break;
        case PresenceType::subscribed:  // A.2.3
            if (state.pending_in) {
                step.route = true;
                step.next = with_from(state, true);
                step.next.pending_in = false;
            } else if (!state.from()) {
                step.next.approved = true;  // section 3.4.2
            }
            break;
        case PresenceType::unsubscribed:  // A.2.4
            step.route = state.pending_in || state.from();
            step.next = with_from(state, false);
            step.next.pending_in = false;
            step.next.approved = false;
            break;
        default: break;
    }
    return step;
}

SubscriptionStep inbound(const SubscriptionState& state, PresenceType type) {
    SubscriptionStep step{.next = state};
    switch (type) {
        case PresenceType::subscribe:  // A.3.1
            if (state.from()) {
                step.auto_reply = true;  // section 3.1.3, rule 2
            } else if (state.approved) {
                step.auto_reply = true;  // section 3.4.2
                step.next = with_from(state, true);
                step.next.approved = false;
            } else if (!state.pending_in) {
                step.deliver = true;
                step.next.pending_in = true;
            }
            break;
        case PresenceType::unsubscribe:  // A.3.2
            step.deliver = state.pending_in || state.from();
            step.next = with_from(state, false);
            step.next.pending_in = false;
            break;
        case PresenceType::subscribed:  // A.3.3
            if (state.pending_out) {
                step.deliver = true;
                step.next = with_to(state, true);
                step.next.pending_out = false;
            }
            break;
        case PresenceType::unsubscribed:  // A.3.4
            step.deliver = state.pending_out || state.to();
            step.next = with_to(state, false);
            step.next.pending_out = false;
            break;
        default: break;
    }
    return step;
}

}  // namespace aldis::session
