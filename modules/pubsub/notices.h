#pragma once

#include <optional>
#include <string>

#include "modules/pubsub/nodes.h"
#include "stanza/stanza.h"
#include "xep/xep0060_pubsub_event.h"
#include "xep/xep0060_pubsub_forms.h"

/// What those who want to hear of a node are sent. Without side effects.
namespace aldis::modules::pubsub {

namespace event = xep::pubsub::event;

/// A notification that has no address yet: made once for all who get it.
struct Notice {
    Jid from;                                  ///< bare: XEP-0163 "Addressing"
    MessageType type = MessageType::headline;  ///< neither archived nor stored offline
    std::string id;
    std::string markup;  ///< what stands in the message
};

/// @param late  when it happened, if it is told later
[[nodiscard]] Notice notice(const Jid& from, const xep::pubsub::NodeConfig& config, std::string id,
                            const event::Event& event, std::optional<Timestamp> late = {});

[[nodiscard]] Message addressed(const Notice& notice, const Jid& to);

/// The same as bytes, for many: what addressed() makes for nobody, and with an address put into it.
[[nodiscard]] Bytes with_address(const Bytes& to_nobody, const Jid& to);

/// As the node's configuration has it: with or without payload and publisher.
[[nodiscard]] event::Event published(const Jid& service, std::string_view node, const xep::pubsub::NodeConfig& config,
                                     const Item& item);
[[nodiscard]] event::Event retracted(std::string_view node, const std::vector<std::string>& ids);

/// Whom an item names as its publisher, if anybody: XEP-0060 "Associating Events and Payloads with the Generating
/// Entity".
[[nodiscard]] std::optional<std::string> publisher_shown(const Jid& service, const xep::pubsub::NodeConfig& config,
                                                         const std::string& publisher);

}  // namespace aldis::modules::pubsub
