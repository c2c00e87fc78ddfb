#pragma once

#include "xep/xep0060_pubsub.h"

/// XEP-0060 1.30.0: what the owner of a node asks for.
namespace aldis::xep::pubsub::owner {

inline constexpr std::string_view ns = "http://jabber.org/protocol/pubsub#owner";

/// "Configure a Node".
struct Configure {
    std::optional<std::string> node = {};
    std::optional<dataforms::Form> form = {};

    static constexpr auto schema =
        xml::element(ns, "configure", xml::attribute<&Configure::node>("node"), xml::child<&Configure::form>());
};

/// "Request Default Node Configuration Options".
struct Default {
    std::optional<dataforms::Form> form = {};

    static constexpr auto schema = xml::element(ns, "default", xml::child<&Default::form>());
};

struct Redirect {
    std::string uri;

    static constexpr auto schema = xml::element(ns, "redirect", xml::attribute<&Redirect::uri>("uri"));
};

struct Delete {
    std::optional<std::string> node = {};
    std::optional<Redirect> redirect = {};

    static constexpr auto schema =
        xml::element(ns, "delete", xml::attribute<&Delete::node>("node"), xml::child<&Delete::redirect>());
};

struct Purge {
    std::optional<std::string> node = {};

    static constexpr auto schema = xml::element(ns, "purge", xml::attribute<&Purge::node>("node"));
};

struct Subscription {
    std::optional<std::string> jid = {};
    std::optional<std::string> subid = {};
    std::optional<SubscriptionState> state = {};

    static constexpr auto schema = xml::element(ns, "subscription", xml::attribute<&Subscription::jid>("jid"),
                                                xml::attribute<&Subscription::subid>("subid"),
                                                xml::attribute<&Subscription::state>("subscription"));
};

/// "Manage Subscriptions".
struct Subscriptions {
    std::optional<std::string> node = {};
    std::vector<Subscription> subscriptions = {};

    static constexpr auto schema = xml::element(ns, "subscriptions", xml::attribute<&Subscriptions::node>("node"),
                                                xml::children<&Subscriptions::subscriptions>());
};

struct Affiliated {
    std::optional<std::string> jid = {};
    std::optional<Affiliation> affiliation = {};

    static constexpr auto schema = xml::element(ns, "affiliation", xml::attribute<&Affiliated::jid>("jid"),
                                                xml::attribute<&Affiliated::affiliation>("affiliation"));
};

/// "Manage Affiliations".
struct Affiliations {
    std::optional<std::string> node = {};
    std::vector<Affiliated> affiliations = {};

    static constexpr auto schema = xml::element(ns, "affiliations", xml::attribute<&Affiliations::node>("node"),
                                                xml::children<&Affiliations::affiliations>());
};

/// A request or its answer: one of these.
struct Pubsub {
    std::optional<Configure> configure = {};
    std::optional<Default> default_config = {};
    std::optional<Delete> remove = {};
    std::optional<Purge> purge = {};
    std::optional<Subscriptions> subscriptions = {};
    std::optional<Affiliations> affiliations = {};

    static constexpr auto schema =
        xml::element(ns, "pubsub", xml::child<&Pubsub::configure>(), xml::child<&Pubsub::default_config>(),
                     xml::child<&Pubsub::remove>(), xml::child<&Pubsub::purge>(), xml::child<&Pubsub::subscriptions>(),
                     xml::child<&Pubsub::affiliations>());
};

}  // namespace aldis::xep::pubsub::owner
