#pragma once

#include <chrono>
#include <vector>

#include "jid/jid.h"
#include "xep/xep0060_pubsub.h"
#include "xep/xep0068_form_types.h"
#include "xep/xep0082_date_time.h"

/// XEP-0060 1.30.0 "Field Standardization": the forms.
namespace aldis::xep::pubsub {

enum class AccessModel : std::uint8_t { authorize, open, presence, roster, whitelist };
enum class PublishModel : std::uint8_t { publishers, subscribers, open };
enum class SendLast : std::uint8_t { never, on_sub, on_sub_and_presence };
enum class NodeType : std::uint8_t { leaf };
enum class NotificationType : std::uint8_t { normal, headline };
enum class ItemReply : std::uint8_t { none, owner, publisher };
/// What happens when something is published to a node that has max_items.
enum class NodeFull : std::uint8_t { retract_oldest, discard_oldest, reject };

/// A number, or as much as the service allows: "max".
struct Bound {
    std::optional<std::uint32_t> number = {};  ///< nothing: "max"

    friend bool operator==(const Bound&, const Bound&) = default;
};

/// "pubsub#node_config": what an owner may decide of a node. Empty texts are no texts.
struct NodeConfig {
    AccessModel access_model = AccessModel::open;
    std::vector<std::string> roster_groups = {};
    PublishModel publish_model = PublishModel::publishers;
    bool subscribe = true;
    bool persist_items = true;
    Bound max_items = {};
    Bound item_expire = {};  ///< seconds
    NodeFull node_full = NodeFull::retract_oldest;
    std::optional<std::uint32_t> max_payload_size = {};
    bool deliver_notifications = true;
    bool deliver_payloads = true;
    bool notify_config = false;
    bool notify_delete = false;
    bool notify_retract = false;
    bool notify_sub = false;
    SendLast send_last = SendLast::never;
    NotificationType notification_type = NotificationType::headline;
    ItemReply itemreply = ItemReply::none;
    NodeType node_type = NodeType::leaf;
    std::optional<std::string> title = {};
    std::optional<std::string> description = {};
    std::optional<std::string> type = {};  ///< namespace of the payloads
    std::optional<std::string> language = {};
    std::vector<Jid> contact = {};

    friend bool operator==(const NodeConfig&, const NodeConfig&) = default;

    using enum dataforms::FieldType;
    static constexpr auto form = dataforms::form(
        "http://jabber.org/protocol/pubsub#node_config",
        dataforms::field<&NodeConfig::title>("pubsub#title", text_single).labelled("A friendly name for the node"),
        dataforms::field<&NodeConfig::description>("pubsub#description", text_single)
            .labelled("A description of the node"),
        dataforms::field<&NodeConfig::type>("pubsub#type", text_single)
            .labelled("What kind of data the node has, usually the namespace of the payload"),
        dataforms::field<&NodeConfig::language>("pubsub#language", text_single)
            .labelled("The default language of the node"),
        dataforms::field<&NodeConfig::contact>("pubsub#contact", jid_multi).labelled("Whom to contact with questions"),
        dataforms::field<&NodeConfig::access_model>("pubsub#access_model", list_single)
            .labelled("Who may subscribe and retrieve items"),
        dataforms::field<&NodeConfig::roster_groups>("pubsub#roster_groups_allowed", text_multi)
            .labelled("Roster groups allowed to subscribe and retrieve items"),
        dataforms::field<&NodeConfig::publish_model>("pubsub#publish_model", list_single).labelled("Who may publish"),
        dataforms::field<&NodeConfig::subscribe>("pubsub#subscribe", boolean)
            .labelled("Whether to allow subscriptions"),
        dataforms::field<&NodeConfig::persist_items>("pubsub#persist_items", boolean).labelled("Whether to keep items"),
        dataforms::field<&NodeConfig::max_items>("pubsub#max_items", text_single)
            .labelled("How many items to keep; 'max' for as many as the service allows"),
        dataforms::field<&NodeConfig::item_expire>("pubsub#item_expire", text_single)
            .labelled("Seconds after which items are removed; 'max' to keep them"),
        dataforms::field<&NodeConfig::node_full>("pubsub#publish_node_full", list_single)
            .labelled("What to do when something is published to a node that is full"),
        dataforms::field<&NodeConfig::max_payload_size>("pubsub#max_payload_size", text_single)
            .labelled("The largest payload, in bytes"),
        dataforms::field<&NodeConfig::deliver_notifications>("pubsub#deliver_notifications", boolean)
            .labelled("Whether to deliver event notifications"),
        dataforms::field<&NodeConfig::deliver_payloads>("pubsub#deliver_payloads", boolean)
            .labelled("Whether to deliver payloads with event notifications"),
        dataforms::field<&NodeConfig::notify_config>("pubsub#notify_config", boolean)
            .labelled("Whether to notify subscribers when the configuration changes"),
        dataforms::field<&NodeConfig::notify_delete>("pubsub#notify_delete", boolean)
            .labelled("Whether to notify subscribers when the node is deleted"),
        dataforms::field<&NodeConfig::notify_retract>("pubsub#notify_retract", boolean)
            .labelled("Whether to notify subscribers when items are removed"),
        dataforms::field<&NodeConfig::notify_sub>("pubsub#notify_sub", boolean)
            .labelled("Whether to notify owners about new subscribers and unsubscribes"),
        dataforms::field<&NodeConfig::send_last>("pubsub#send_last_published_item", list_single)
            .labelled("When to send the last published item"),
        dataforms::field<&NodeConfig::notification_type>("pubsub#notification_type", list_single)
            .labelled("What type of message notifications are"),
        dataforms::field<&NodeConfig::itemreply>("pubsub#itemreply", list_single)
            .labelled("Whom items name as the one to reply to"),
        dataforms::field<&NodeConfig::node_type>("pubsub#node_type", list_single).labelled("What kind of node it is"));
};

/// "pubsub#subscribe_options".
struct SubscribeOptions {
    bool deliver = true;
    std::optional<Timestamp> expire = {};

    friend bool operator==(const SubscribeOptions&, const SubscribeOptions&) = default;

    static constexpr auto form =
        dataforms::form("http://jabber.org/protocol/pubsub#subscribe_options",
                        dataforms::field<&SubscribeOptions::deliver>("pubsub#deliver", dataforms::FieldType::boolean)
                            .labelled("Whether to receive notifications"),
                        dataforms::field<&SubscribeOptions::expire>("pubsub#expire", dataforms::FieldType::text_single)
                            .labelled("When the subscription ends"));
};

/// "pubsub#subscribe_authorization".
struct SubscribeAuthorization {
    std::string node;
    std::string subscriber;
    bool allow = false;

    static constexpr auto form = dataforms::form(
        "http://jabber.org/protocol/pubsub#subscribe_authorization",
        dataforms::field<&SubscribeAuthorization::node>("pubsub#node", dataforms::FieldType::text_single)
            .labelled("The node"),
        dataforms::field<&SubscribeAuthorization::subscriber>("pubsub#subscriber_jid", dataforms::FieldType::jid_single)
            .labelled("The address of the subscriber"),
        dataforms::field<&SubscribeAuthorization::allow>("pubsub#allow", dataforms::FieldType::boolean)
            .labelled("Whether to allow the subscription"));
};

/// "pubsub#meta-data": what everybody may know of a node.
struct NodeMetadata {
    std::optional<std::string> title = {};
    std::optional<std::string> description = {};
    std::optional<std::string> type = {};
    std::optional<std::string> language = {};
    std::vector<Jid> contact = {};
    std::optional<std::string> creator = {};
    Timestamp creation_date{};
    std::vector<std::string> owners = {};
    std::vector<std::string> publishers = {};
    AccessModel access_model = AccessModel::open;
    PublishModel publish_model = PublishModel::publishers;
    Bound max_items = {};
    std::uint64_t num_subscribers = 0;

    using enum dataforms::FieldType;
    static constexpr auto form =
        dataforms::form("http://jabber.org/protocol/pubsub#meta-data",
                        dataforms::field<&NodeMetadata::title>("pubsub#title", text_single),
                        dataforms::field<&NodeMetadata::description>("pubsub#description", text_single),
                        dataforms::field<&NodeMetadata::type>("pubsub#type", text_single),
                        dataforms::field<&NodeMetadata::language>("pubsub#language", text_single),
                        dataforms::field<&NodeMetadata::contact>("pubsub#contact", jid_multi),
                        dataforms::field<&NodeMetadata::creator>("pubsub#creator", jid_single),
                        dataforms::field<&NodeMetadata::creation_date>("pubsub#creation_date", text_single),
                        dataforms::field<&NodeMetadata::owners>("pubsub#owner", jid_multi),
                        dataforms::field<&NodeMetadata::publishers>("pubsub#publisher", jid_multi),
                        dataforms::field<&NodeMetadata::access_model>("pubsub#access_model", list_single),
                        dataforms::field<&NodeMetadata::publish_model>("pubsub#publish_model", list_single),
                        dataforms::field<&NodeMetadata::max_items>("pubsub#max_items", text_single),
                        dataforms::field<&NodeMetadata::num_subscribers>("pubsub#num_subscribers", text_single));
};

}  // namespace aldis::xep::pubsub

template <>
struct aldis::xml::Codec<aldis::xep::pubsub::Bound> {
    static std::optional<xep::pubsub::Bound> parse(std::string_view text) {
        if (trim(text) == "max") return xep::pubsub::Bound{};
        const std::optional<std::uint32_t> number = Codec<std::uint32_t>::parse(text);
        return number ? std::optional{xep::pubsub::Bound{*number}} : std::nullopt;
    }
    static std::string format(const xep::pubsub::Bound& bound) {
        return bound.number ? std::to_string(*bound.number) : "max";
    }
};

template <>
struct aldis::xml::EnumNames<aldis::xep::pubsub::AccessModel> {
    using enum xep::pubsub::AccessModel;
    static constexpr std::array values{
        std::pair{authorize, std::string_view{"authorize"}}, std::pair{open, std::string_view{"open"}},
        std::pair{presence, std::string_view{"presence"}}, std::pair{roster, std::string_view{"roster"}},
        std::pair{whitelist, std::string_view{"whitelist"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::pubsub::PublishModel> {
    using enum xep::pubsub::PublishModel;
    static constexpr std::array values{std::pair{publishers, std::string_view{"publishers"}},
                                       std::pair{subscribers, std::string_view{"subscribers"}},
                                       std::pair{open, std::string_view{"open"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::pubsub::SendLast> {
    using enum xep::pubsub::SendLast;
    static constexpr std::array values{std::pair{never, std::string_view{"never"}},
                                       std::pair{on_sub, std::string_view{"on_sub"}},
                                       std::pair{on_sub_and_presence, std::string_view{"on_sub_and_presence"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::pubsub::NodeType> {
    static constexpr std::array values{std::pair{xep::pubsub::NodeType::leaf, std::string_view{"leaf"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::pubsub::NotificationType> {
    using enum xep::pubsub::NotificationType;
    static constexpr std::array values{std::pair{normal, std::string_view{"normal"}},
                                       std::pair{headline, std::string_view{"headline"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::pubsub::ItemReply> {
    using enum xep::pubsub::ItemReply;
    static constexpr std::array values{std::pair{none, std::string_view{"none"}},
                                       std::pair{owner, std::string_view{"owner"}},
                                       std::pair{publisher, std::string_view{"publisher"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::pubsub::NodeFull> {
    using enum xep::pubsub::NodeFull;
    static constexpr std::array values{std::pair{retract_oldest, std::string_view{"retract-oldest"}},
                                       std::pair{discard_oldest, std::string_view{"discard-oldest"}},
                                       std::pair{reject, std::string_view{"reject"}}};
};
