#include "modules/quarantine_rules.h"

#include <algorithm>

#include "modules/message_content.h"
#include "xep/xep0184_receipts.h"
#include "xep/xep0333_markers.h"
#include "xml/parser.h"

namespace aldis::modules::quarantine {
namespace {

constexpr std::size_t preview = 80;  ///< bytes

/// The beginning of what a message says, cut between two characters.
std::string beginning_of(std::string_view stanza) {
    try {
        const xml::Document document = xml::parse_document(stanza, xml::client_ns, {.stanza_bytes = stanza.size()});
        const xml::Element* const body = document.root().child({xml::client_ns, "body"});
        if (body == nullptr) return {};
        const std::string_view text = body->text_view();
        if (text.size() <= preview) return std::string{text};
        std::size_t end = preview;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
        return std::string{text.substr(0, end)} + "\u2026";
    } catch (const std::exception&) {
        return {};
    }
}

bool tells_of_another(const xml::Element& child) {
    return child.is(xep::receipts::Received::schema.name) || child.ns() == xep::markers::ns || is_fleeting(child);
}

}  // namespace

Fate fate_of(const Message& message) {
    switch (message.type()) {
        // What failed was written to a stranger by nobody but a client by itself; nobody reads such a body.
        case MessageType::error:
            return message.element().child({xml::client_ns, "body"}) == nullptr ? Fate::pass : Fate::drop;
        case MessageType::groupchat:
        case MessageType::headline: return Fate::drop;
        case MessageType::normal:
        case MessageType::chat: break;
    }
    const auto children = message.element().children();
    return std::all_of(children.begin(), children.end(), &tells_of_another) ? Fate::drop : Fate::hold;
}

bool Acquaintances::contains(const Jid& address) const {
    return std::ranges::find(hashes_, address.bare_hash()) != hashes_.end();
}

void Acquaintances::add(const Jid& address) {
    if (contains(address)) return;
    if (hashes_.size() >= most) hashes_.erase(hashes_.begin());
    hashes_.push_back(address.bare_hash());
}

bool has_room(const std::vector<db::HeldSender>& senders, std::string_view sender, std::uint64_t bytes,
              const Limits& limits) {
    std::uint64_t messages = 1;
    for (const db::HeldSender& each : senders) {
        messages += each.messages + (each.request ? 1 : 0);
        bytes += each.bytes;
        if (each.sender == sender && each.messages >= limits.of_sender) return false;
    }
    return messages <= limits.messages && bytes <= limits.bytes;
}

std::string label_of(const db::HeldSender& sender, std::string_view stanza) {
    std::string label = sender.sender + ": ";
    if (sender.messages > 0)
        label += sender.messages == 1 ? "1 message" : std::to_string(sender.messages) + " messages";
    if (sender.request) label += sender.messages > 0 ? ", asks for a subscription" : "asks for a subscription";
    const std::string text = beginning_of(stanza);
    return text.empty() ? label : label + ": " + text;
}

}  // namespace aldis::modules::quarantine
