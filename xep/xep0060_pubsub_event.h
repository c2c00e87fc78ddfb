#pragma once

#include "xep/xep0060_pubsub.h"

/// XEP-0060 1.30.0: what subscribers are told, in a <message/> from the service.
namespace aldis::xep::pubsub::event {

inline constexpr std::string_view ns = "http://jabber.org/protocol/pubsub#event";

struct Item {
    std::optional<std::string> id = {};
    std::optional<std::string> publisher = {};
    std::vector<std::string> payload = {};

    static constexpr auto schema =
        xml::element(ns, "item", xml::attribute<&Item::id>("id"), xml::attribute<&Item::publisher>("publisher"),
                     payloads<&Item::payload>());
};

struct Retract {
    std::string id;

    static constexpr auto schema = xml::element(ns, "retract", xml::attribute<&Retract::id>("id"));
};

/// Published or deleted.
struct Items {
    std::string node;
    std::vector<Item> items = {};
    std::vector<Retract> retracted = {};

    static constexpr auto schema = xml::element(ns, "items", xml::attribute<&Items::node>("node"),
                                                xml::children<&Items::items>(), xml::children<&Items::retracted>());
};

struct Configuration {
    std::string node;
    std::optional<dataforms::Form> form = {};

    static constexpr auto schema = xml::element(ns, "configuration", xml::attribute<&Configuration::node>("node"),
                                                xml::child<&Configuration::form>());
};

struct Redirect {
    std::string uri;

    static constexpr auto schema = xml::element(ns, "redirect", xml::attribute<&Redirect::uri>("uri"));
};

struct Delete {
    std::string node;
    std::optional<Redirect> redirect = {};

    static constexpr auto schema =
        xml::element(ns, "delete", xml::attribute<&Delete::node>("node"), xml::child<&Delete::redirect>());
};

struct Purge {
    std::string node;

    static constexpr auto schema = xml::element(ns, "purge", xml::attribute<&Purge::node>("node"));
};

/// "Notification of Subscription State Changes".
struct Subscription {
    std::string node;
    std::string jid;
    SubscriptionState state = SubscriptionState::none;

    static constexpr auto schema =
        xml::element(ns, "subscription", xml::attribute<&Subscription::node>("node"),
                     xml::attribute<&Subscription::jid>("jid"), xml::attribute<&Subscription::state>("subscription"));
};

/// One of these.
struct Event {
    std::optional<Items> items = {};
    std::optional<Configuration> configuration = {};
    std::optional<Delete> removed = {};
    std::optional<Purge> purge = {};
    std::optional<Subscription> subscription = {};

    static constexpr auto schema =
        xml::element(ns, "event", xml::child<&Event::items>(), xml::child<&Event::configuration>(),
                     xml::child<&Event::removed>(), xml::child<&Event::purge>(), xml::child<&Event::subscription>());
};

}  // namespace aldis::xep::pubsub::event
