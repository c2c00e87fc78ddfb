#pragma once

#include <cstdint>
#include <tuple>

#include "db/roster.h"
#include "stanza/stanza.h"

/// The states of a presence subscription and what moves them: RFC 6121 appendix A, as functions without side effects.
namespace aldis::session {

using db::Subscription;

/// One contact's state: the nine of appendix A.1, and pre-approval (section 3.4).
struct SubscriptionState {
    Subscription subscription = Subscription::none;
    bool pending_out = false;
    bool pending_in = false;
    bool approved = false;

    friend bool operator==(const SubscriptionState&, const SubscriptionState&) = default;
    [[nodiscard]] bool to() const { return subscription == Subscription::to || subscription == Subscription::both; }
    /// What of it the roster item shows.
    [[nodiscard]] std::tuple<Subscription, bool, bool> in_roster() const {
        return {subscription, pending_out, approved};
    }
    [[nodiscard]] bool from() const { return subscription == Subscription::from || subscription == Subscription::both; }
};

/// What follows from a subscription stanza.
struct SubscriptionStep {
    SubscriptionState next;
    bool route = false;       ///< outbound: send it to the contact
    bool deliver = false;     ///< inbound: show it to the user's resources
    bool auto_reply = false;  ///< inbound subscribe: answer 'subscribed' on the user's behalf
    friend bool operator==(const SubscriptionStep&, const SubscriptionStep&) = default;
};

/// A stanza that the user sends: appendix A.2.
[[nodiscard]] SubscriptionStep outbound(const SubscriptionState& state, PresenceType type);
/// A stanza that the user receives: appendix A.3.
[[nodiscard]] SubscriptionStep inbound(const SubscriptionState& state, PresenceType type);

}  // namespace aldis::session
