#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xep/xep0004_data_forms.h"
#include "xep/xep0059_rsm.h"
#include "xep/xep0413_order_by.h"
#include "xml/schema.h"

/// XEP-0060: Publish-Subscribe 1.30.0: what is asked of a service and how it answers. What owners ask for is
/// xep0060_pubsub_owner.h, notifications are xep0060_pubsub_event.h, forms are xep0060_pubsub_forms.h.
///
/// What the text demands and answers with a condition of its own if it is missing (nodes, addresses) is optional here.
namespace aldis::xep::pubsub {

inline constexpr std::string_view ns = "http://jabber.org/protocol/pubsub";
inline constexpr std::string_view errors_ns = "http://jabber.org/protocol/pubsub#errors";

/// "Affiliations".
enum class Affiliation : std::uint8_t { none, owner, publisher, publish_only, member, outcast };
/// "Subscription States".
enum class SubscriptionState : std::uint8_t { none, pending, subscribed, unconfigured };

namespace detail {

template <auto Member>
struct PayloadsField {
    template <class T>
    Result<void> read(const xml::Element& element, T& into) const {
        for (const xml::Element& child : element.children()) (into.*Member).push_back(xml::to_string(child));
        return {};
    }
    template <class T>
    void write(xml::Element& element, const T& from) const {
        for (const std::string& payload : from.*Member) element.append_raw(payload);
    }
};

}  // namespace detail

/// A vector of strings: all children, whatever they are, as markup for xml::Element::append_raw().
template <auto Member>
constexpr auto payloads() {
    return detail::PayloadsField<Member>{};
}

struct Item {
    std::optional<std::string> id = {};
    std::optional<std::string> publisher = {};  ///< what a publisher says of it does not count
    std::vector<std::string> payload = {};      ///< one, but for requests that are wrong

    static constexpr auto schema =
        xml::element(ns, "item", xml::attribute<&Item::id>("id"), xml::attribute<&Item::publisher>("publisher"),
                     payloads<&Item::payload>());
};

struct Publish {
    std::optional<std::string> node = {};
    std::vector<Item> items = {};

    static constexpr auto schema =
        xml::element(ns, "publish", xml::attribute<&Publish::node>("node"), xml::children<&Publish::items>());
};

/// "Publishing Options": what must be true of the node.
struct PublishOptions {
    std::optional<dataforms::Form> form = {};

    static constexpr auto schema = xml::element(ns, "publish-options", xml::child<&PublishOptions::form>());
};

/// "Retrieve Items from a Node".
struct Items {
    std::optional<std::string> node = {};
    std::optional<std::uint32_t> max_items = {};
    std::optional<std::string> subid = {};
    std::vector<Item> items = {};

    static constexpr auto schema =
        xml::element(ns, "items", xml::attribute<&Items::node>("node"), xml::attribute<&Items::max_items>("max_items"),
                     xml::attribute<&Items::subid>("subid"), xml::children<&Items::items>());
};

/// "Delete an Item from a Node".
struct Retract {
    std::optional<std::string> node = {};
    std::optional<bool> notify = {};
    std::vector<Item> items = {};

    static constexpr auto schema =
        xml::element(ns, "retract", xml::attribute<&Retract::node>("node"), xml::attribute<&Retract::notify>("notify"),
                     xml::children<&Retract::items>());
};

struct Create {
    std::optional<std::string> node = {};

    static constexpr auto schema = xml::element(ns, "create", xml::attribute<&Create::node>("node"));
};

/// Goes with Create.
struct Configure {
    std::optional<std::string> node = {};
    std::optional<dataforms::Form> form = {};

    static constexpr auto schema =
        xml::element(ns, "configure", xml::attribute<&Configure::node>("node"), xml::child<&Configure::form>());
};

struct Subscribe {
    std::optional<std::string> node = {};
    std::optional<std::string> jid = {};

    static constexpr auto schema =
        xml::element(ns, "subscribe", xml::attribute<&Subscribe::node>("node"), xml::attribute<&Subscribe::jid>("jid"));
};

struct Unsubscribe {
    std::optional<std::string> node = {};
    std::optional<std::string> jid = {};
    std::optional<std::string> subid = {};

    static constexpr auto schema =
        xml::element(ns, "unsubscribe", xml::attribute<&Unsubscribe::node>("node"),
                     xml::attribute<&Unsubscribe::jid>("jid"), xml::attribute<&Unsubscribe::subid>("subid"));
};

/// "Configure Subscription Options".
struct Options {
    std::optional<std::string> node = {};
    std::optional<std::string> jid = {};
    std::optional<std::string> subid = {};
    std::optional<dataforms::Form> form = {};

    static constexpr auto schema =
        xml::element(ns, "options", xml::attribute<&Options::node>("node"), xml::attribute<&Options::jid>("jid"),
                     xml::attribute<&Options::subid>("subid"), xml::child<&Options::form>());
};

/// "Request Default Subscription Configuration Options".
struct Default {
    std::optional<std::string> node = {};
    std::optional<dataforms::Form> form = {};

    static constexpr auto schema =
        xml::element(ns, "default", xml::attribute<&Default::node>("node"), xml::child<&Default::form>());
};

struct Subscription {
    std::optional<std::string> node = {};
    std::optional<std::string> jid = {};
    std::optional<std::string> subid = {};
    std::optional<SubscriptionState> state = {};

    static constexpr auto schema = xml::element(
        ns, "subscription", xml::attribute<&Subscription::node>("node"), xml::attribute<&Subscription::jid>("jid"),
        xml::attribute<&Subscription::subid>("subid"), xml::attribute<&Subscription::state>("subscription"));
};

/// "Retrieve Subscriptions".
struct Subscriptions {
    std::optional<std::string> node = {};
    std::vector<Subscription> subscriptions = {};

    static constexpr auto schema = xml::element(ns, "subscriptions", xml::attribute<&Subscriptions::node>("node"),
                                                xml::children<&Subscriptions::subscriptions>());
};

struct Affiliated {
    std::optional<std::string> node = {};
    std::optional<std::string> jid = {};
    std::optional<Affiliation> affiliation = {};

    static constexpr auto schema =
        xml::element(ns, "affiliation", xml::attribute<&Affiliated::node>("node"),
                     xml::attribute<&Affiliated::jid>("jid"), xml::attribute<&Affiliated::affiliation>("affiliation"));
};

/// "Retrieve Affiliations".
struct Affiliations {
    std::optional<std::string> node = {};
    std::vector<Affiliated> affiliations = {};

    static constexpr auto schema = xml::element(ns, "affiliations", xml::attribute<&Affiliations::node>("node"),
                                                xml::children<&Affiliations::affiliations>());
};

/// A request or its answer: one of these, and what goes with it.
struct Pubsub {
    std::optional<Publish> publish = {};
    std::optional<PublishOptions> publish_options = {};
    std::optional<Items> items = {};
    std::optional<Retract> retract = {};
    std::optional<Create> create = {};
    std::optional<Configure> configure = {};
    std::optional<Subscribe> subscribe = {};
    std::optional<Unsubscribe> unsubscribe = {};
    std::optional<Subscription> subscription = {};
    std::optional<Options> options = {};
    std::optional<Default> default_options = {};
    std::optional<Subscriptions> subscriptions = {};
    std::optional<Affiliations> affiliations = {};
    std::vector<OrderBy> order = {};
    std::optional<rsm::Set> set = {};

    static constexpr auto schema = xml::element(
        ns, "pubsub", xml::child<&Pubsub::publish>(), xml::child<&Pubsub::publish_options>(),
        xml::child<&Pubsub::items>(), xml::child<&Pubsub::retract>(), xml::child<&Pubsub::create>(),
        xml::child<&Pubsub::configure>(), xml::child<&Pubsub::subscribe>(), xml::child<&Pubsub::unsubscribe>(),
        xml::child<&Pubsub::subscription>(), xml::child<&Pubsub::options>(), xml::child<&Pubsub::default_options>(),
        xml::child<&Pubsub::subscriptions>(), xml::child<&Pubsub::affiliations>(), xml::children<&Pubsub::order>(),
        xml::child<&Pubsub::set>());
};

}  // namespace aldis::xep::pubsub

template <>
struct aldis::xml::EnumNames<aldis::xep::pubsub::Affiliation> {
    using enum xep::pubsub::Affiliation;
    static constexpr std::array values{
        std::pair{none, std::string_view{"none"}},           std::pair{owner, std::string_view{"owner"}},
        std::pair{publisher, std::string_view{"publisher"}}, std::pair{publish_only, std::string_view{"publish-only"}},
        std::pair{member, std::string_view{"member"}},       std::pair{outcast, std::string_view{"outcast"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::pubsub::SubscriptionState> {
    using enum xep::pubsub::SubscriptionState;
    static constexpr std::array values{std::pair{none, std::string_view{"none"}},
                                       std::pair{pending, std::string_view{"pending"}},
                                       std::pair{subscribed, std::string_view{"subscribed"}},
                                       std::pair{unconfigured, std::string_view{"unconfigured"}}};
};
