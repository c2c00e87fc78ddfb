#include "modules/mam/retraction.h"

#include "db/archive.h"
#include "xep/xep0359_stanza_ids.h"
#include "xep/xep0424_retraction.h"
#include "xml/parser.h"

namespace aldis::modules::mam {
namespace {

using xep::retraction::Retract;
using xep::retraction::Retracted;

bool is_conversation(MessageType type) { return type == MessageType::chat || type == MessageType::normal; }

/// XEP-0045 section 7.5: between the occupants of a room, of whom each has a resource of its address.
bool is_private_message(const Message& message) {
    return message.element().child({"http://jabber.org/protocol/muc#user", "x"}) != nullptr;
}

/// "Business Rules": both by the same account, or by the same occupant.
bool may_retract(const Retraction& retraction, const Message& message, bool outgoing) {
    if (outgoing != retraction.outgoing) return false;
    return outgoing || !is_private_message(message) || message.from().text() == retraction.from;
}

std::string tombstone_of(const Message& message, const Retraction& retraction) {
    xml::Document tombstone{{xml::client_ns, "message"}};
    const xml::Element& original = message.element();
    for (const xml::Attribute* attribute = original.first_attribute(); attribute != nullptr;
         attribute = attribute->next)
        tombstone.root().set(attribute->name, attribute->value);
    if (const xml::Element* const origin_id = original.child(xep::OriginId::schema.name))
        tombstone.root().append_copy(*origin_id);
    xml::add(tombstone.root(), Retracted{.id = retraction.id, .stamp = retraction.at});
    return xml::to_string(tombstone.root());
}

}  // namespace

std::optional<Retraction> retraction_of(const Message& message, bool outgoing, Timestamp at) {
    const std::optional<Retract> asked = message.get<Retract>();
    if (!asked || !is_conversation(message.type())) return std::nullopt;
    Retraction retraction{.id = std::string{message.id().value_or("")},
                          .of = asked->id,
                          .from = message.from().text(),
                          .outgoing = outgoing,
                          .at = at};
    const auto is_name = [](const std::string& id) { return !id.empty() && id.size() <= db::Archive::longest_key; };
    if (!is_name(retraction.id) || !is_name(retraction.of)) return std::nullopt;
    return retraction;
}

std::optional<std::string> tombstone_of(const std::string& stored, bool outgoing, const Retraction& retraction) {
    try {
        xml::Document document = xml::parse_document(stored, xml::client_ns, {.stanza_bytes = stored.size()});
        const auto stanza = stanza::read(document);
        const auto* const message = stanza ? std::get_if<Message>(&*stanza) : nullptr;
        if (message == nullptr || message->id() != retraction.of || !is_conversation(message->type())) return {};
        if (message->has<Retracted>()) return {};
        if (!may_retract(retraction, *message, outgoing)) return {};
        return tombstone_of(*message, retraction);
    } catch (const xml::ParseError&) {
        return {};  // it was taken under larger limits
    }
}

}  // namespace aldis::modules::mam
