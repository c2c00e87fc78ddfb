#pragma once

#include "base/result.h"
#include "xep/xep0060_pubsub.h"

/// The errors of XEP-0060 "Error Conditions" as its sections give them.
namespace aldis::modules::pubsub::errors {

using stanza::Error;

constexpr stanza::Specific specific(std::string_view name) { return {.ns = xep::pubsub::errors_ns, .name = name}; }

constexpr Error unsupported(std::string_view feature) {
    return {Condition::feature_not_implemented,
            ErrorType::cancel,
            {},
            {.ns = xep::pubsub::errors_ns, .name = "unsupported", .feature = feature}};
}

inline constexpr Error no_such{Condition::item_not_found, ErrorType::cancel, {}, {}};
inline constexpr Error forbidden{Condition::forbidden, ErrorType::auth, {}, {}};
inline constexpr Error bad_request{Condition::bad_request, ErrorType::modify, {}, {}};
inline constexpr Error not_acceptable{Condition::not_acceptable, ErrorType::modify, {}, {}};
inline constexpr Error exists{Condition::conflict, ErrorType::cancel, {}, {}};

inline constexpr Error presence_required{
    Condition::not_authorized, ErrorType::auth, {}, specific("presence-subscription-required")};
inline constexpr Error not_in_group{Condition::not_authorized, ErrorType::auth, {}, specific("not-in-roster-group")};
inline constexpr Error closed{Condition::not_allowed, ErrorType::cancel, {}, specific("closed-node")};
inline constexpr Error retrieval_not_subscribed{
    Condition::not_authorized, ErrorType::auth, {}, specific("not-subscribed")};
inline constexpr Error pending{Condition::not_authorized, ErrorType::auth, {}, specific("pending-subscription")};
inline constexpr Error not_subscribed{Condition::unexpected_request, ErrorType::cancel, {}, specific("not-subscribed")};
inline constexpr Error options_not_subscribed{
    Condition::unexpected_request, ErrorType::modify, {}, specific("not-subscribed")};
inline constexpr Error too_many_subscriptions{
    Condition::policy_violation, ErrorType::wait, {}, specific("too-many-subscriptions")};
inline constexpr Error too_many_nodes{Condition::policy_violation, ErrorType::wait, {}, specific("max-nodes-exceeded")};
inline constexpr Error too_many_affiliations{Condition::policy_violation, ErrorType::wait, {}, {}};
inline constexpr Error invalid_jid{Condition::bad_request, ErrorType::modify, {}, specific("invalid-jid")};
inline constexpr Error jid_required{Condition::bad_request, ErrorType::modify, {}, specific("jid-required")};
inline constexpr Error node_required{Condition::bad_request, ErrorType::modify, {}, specific("nodeid-required")};
inline constexpr Error invalid_options{Condition::bad_request, ErrorType::modify, {}, specific("invalid-options")};

inline constexpr Error item_required{Condition::bad_request, ErrorType::modify, {}, specific("item-required")};
inline constexpr Error item_forbidden{Condition::bad_request, ErrorType::modify, {}, specific("item-forbidden")};
inline constexpr Error payload_required{Condition::bad_request, ErrorType::modify, {}, specific("payload-required")};
inline constexpr Error invalid_payload{Condition::bad_request, ErrorType::modify, {}, specific("invalid-payload")};
inline constexpr Error payload_too_big{Condition::not_acceptable, ErrorType::modify, {}, specific("payload-too-big")};
inline constexpr Error too_many_items{
    Condition::policy_violation, ErrorType::modify, "Ask for fewer items at once.", {}};
inline constexpr Error node_full{Condition::conflict, ErrorType::cancel, {}, specific("node-full")};
inline constexpr Error precondition{Condition::conflict, ErrorType::cancel, {}, specific("precondition-not-met")};
inline constexpr Error unsupported_access{
    Condition::not_acceptable, ErrorType::modify, {}, specific("unsupported-access-model")};

}  // namespace aldis::modules::pubsub::errors
