#include "modules/pubsub/notices.h"

#include "xep/xep0203_delay.h"

namespace aldis::modules::pubsub {

using xep::pubsub::ItemReply;
using xep::pubsub::NodeConfig;
using xep::pubsub::NotificationType;

Notice notice(const Jid& from, const NodeConfig& config, std::string id, const event::Event& event,
              std::optional<Timestamp> late) {
    Notice made{
        .from = from,
        .type = config.notification_type == NotificationType::normal ? MessageType::normal : MessageType::headline,
        .id = std::move(id),
        .markup = xml::to_string(xml::build(event).root())};
    if (late) made.markup += xml::to_string(xml::build(xep::Delay{.stamp = *late}).root());
    return made;
}

Message addressed(const Notice& notice, const Jid& to) {
    Message message{{.from = notice.from, .to = to, .type = notice.type, .id = notice.id}};
    message.edit().append_raw(notice.markup);
    return message;
}

Bytes with_address(const Bytes& to_nobody, const Jid& to) {
    constexpr std::string_view start = "<message";
    std::string out;
    out.reserve(to_nobody->size() + to.text().size() + 8);
    out.append(start).append(" to='");
    xml::escape_attribute(out, to.text());
    out.append(1, '\'').append(*to_nobody, start.size());
    return make_bytes(std::move(out));
}

event::Event published(const Jid& service, std::string_view node, const NodeConfig& config, const Item& item) {
    event::Items items{.node = std::string{node}};
    // A node that neither keeps items nor delivers payloads has no items to speak of: "Event Types".
    if (config.persist_items || config.deliver_payloads) {
        items.items.push_back({.id = item.id, .publisher = publisher_shown(service, config, item.publisher)});
        if (config.deliver_payloads && !item.payload.empty()) items.items.back().payload.push_back(item.payload);
    }
    return {.items = std::move(items)};
}

event::Event retracted(std::string_view node, const std::vector<std::string>& ids) {
    event::Items items{.node = std::string{node}};
    for (const std::string& id : ids) items.retracted.push_back({id});
    return {.items = std::move(items)};
}

std::optional<std::string> publisher_shown(const Jid& service, const NodeConfig& config, const std::string& publisher) {
    switch (config.itemreply) {
        case ItemReply::owner: return service.text();
        case ItemReply::publisher: return publisher;
        case ItemReply::none: break;
    }
    return std::nullopt;
}

}  // namespace aldis::modules::pubsub
