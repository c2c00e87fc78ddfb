#include "modules/offline_rules.h"

#include <algorithm>
#include <sstream>

#include "modules/message_content.h"
#include "xep/xep0334_hints.h"
#include "xep/xep0359_stanza_ids.h"
#include "xml/parser.h"

namespace aldis::modules::offline {
namespace {

namespace hints = xep::hints;

bool claims(const xml::Element& child, const Jid& server) {
    if (!child.is(xep::Delay::schema.name)) return false;
    const std::optional<std::string_view> from = child.attribute("from");
    if (!from) return false;
    if (*from == server.text()) return true;
    const Result<Jid> claimed = Jid::parse(*from);
    return claimed && *claimed == server;
}

}  // namespace

Fate fate_of(const Message& message) {
    if (message.type() != MessageType::normal && message.type() != MessageType::chat) return Fate::pass;
    // Whoever has, or will get, the other message must get it: XEP-0424 "Business Rules".
    if (is_retraction(message)) return Fate::keep;
    const bool may_not = message.has<hints::NoStore>();
    const bool asked = !may_not && message.has<hints::Store>() && !is_chat_state_alone(message);
    if (!asked && std::ranges::all_of(message.element().children().begin(), xml::Element::Iterator{}, is_fleeting))
        return Fate::drop;
    return may_not ? Fate::refuse : Fate::keep;
}

bool fits(const Usage& usage, std::size_t size, const Usage& most) {
    return usage.messages < most.messages && usage.bytes + size <= most.bytes;
}

std::string to_text(const std::vector<Held>& held, std::uint64_t session) {
    std::string text;
    for (const Held& one : held) {
        if (one.session != session || one.leaving) continue;
        text.append(std::to_string(one.sent)).append(1, ' ').append(std::to_string(one.first)).append(1, ' ');
        text.append(std::to_string(one.last)).append(1, ' ').append(std::to_string(one.usage.messages)).append(1, ' ');
        text.append(std::to_string(one.usage.bytes)).append(1, '\n');
    }
    return text;
}

std::vector<Held> held_from(std::string_view text, std::uint64_t session) {
    std::vector<Held> held;
    std::istringstream in{std::string{text}};
    Held one{.session = session};
    while (in >> one.sent >> one.first >> one.last >> one.usage.messages >> one.usage.bytes) held.push_back(one);
    return held;
}

std::string delayed(std::string_view stanza, const xep::Delay& delay) {
    const std::string added = xml::to_string(xml::build(delay).root());
    const std::size_t end_tag = stanza.rfind("</");
    // Only a message without anything in it has no end tag, and such a message is not kept.
    if (end_tag == std::string_view::npos || stanza.ends_with("/>")) return std::string{stanza};
    std::string text;
    text.reserve(stanza.size() + added.size());
    return text.append(stanza, 0, end_tag).append(added).append(stanza, end_tag);
}

void remove_delays(Message& message, const Jid& server) {
    const auto is_forged = [&](const xml::Element& child) { return claims(child, server); };
    const auto children = message.element().children();
    // edit() gives up what is serialised, so it is not called without need.
    if (std::none_of(children.begin(), children.end(), is_forged)) return;
    message.edit().remove_if(is_forged);
}

bool is_archived(std::string_view stanza, const Jid& account) {
    try {
        xml::Document document = xml::parse_document(stanza, xml::client_ns, {.stanza_bytes = stanza.size()});
        const auto read = stanza::read(document);
        return read && xep::stanza_id_by(stanza::base_of(*read), account).has_value();
    } catch (const xml::ParseError&) {
        return false;  // it was taken under larger limits
    }
}

}  // namespace aldis::modules::offline
