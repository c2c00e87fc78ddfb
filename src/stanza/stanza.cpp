#include "stanza/stanza.h"

namespace aldis::stanza {
namespace {

constexpr std::array message_types{std::pair{MessageType::normal, std::string_view{"normal"}},
                                   std::pair{MessageType::chat, std::string_view{"chat"}},
                                   std::pair{MessageType::groupchat, std::string_view{"groupchat"}},
                                   std::pair{MessageType::headline, std::string_view{"headline"}},
                                   std::pair{MessageType::error, std::string_view{"error"}}};
constexpr std::array presence_types{std::pair{PresenceType::unavailable, std::string_view{"unavailable"}},
                                    std::pair{PresenceType::probe, std::string_view{"probe"}},
                                    std::pair{PresenceType::subscribe, std::string_view{"subscribe"}},
                                    std::pair{PresenceType::subscribed, std::string_view{"subscribed"}},
                                    std::pair{PresenceType::unsubscribe, std::string_view{"unsubscribe"}},
                                    std::pair{PresenceType::unsubscribed, std::string_view{"unsubscribed"}},
                                    std::pair{PresenceType::error, std::string_view{"error"}}};
constexpr std::array iq_types{
    std::pair{IqType::get, std::string_view{"get"}}, std::pair{IqType::set, std::string_view{"set"}},
    std::pair{IqType::result, std::string_view{"result"}}, std::pair{IqType::error, std::string_view{"error"}}};

template <class Table, class E>
std::string_view text_in(const Table& table, E value) {
    for (const auto& [known, text] : table)
        if (known == value) return text;
    return {};
}

template <class E, class Table>
std::optional<E> value_in(const Table& table, std::string_view text) {
    for (const auto& [value, known] : table)
        if (known == text) return value;
    return std::nullopt;
}

std::expected<Jid, StanzaFault> address(const xml::Element& element, std::string_view attribute,
                                        const StanzaFault& fault) {
    const std::optional<std::string_view> text = element.attribute(attribute);
    if (!text) return Jid{};
    Result<Jid> jid = Jid::parse(*text);
    if (!jid) return std::unexpected{fault};
    return std::move(*jid);
}

/// Content of another stream namespace (jabber:server ...) is content of jabber:client to everybody inside.
void into_client_ns(xml::Element& element, std::string_view content_ns) {
    if (element.ns() == content_ns) element.rename({xml::client_ns, element.local()});
    for (const xml::Element& child : element.children()) into_client_ns(const_cast<xml::Element&>(child), content_ns);
}

}  // namespace

void Stanza::set_from(Jid from) {
    from_ = std::move(from);
    xml::Element& element = edit();
    from_.empty() ? element.remove_attribute("from") : static_cast<void>(element.set("from", from_.text()));
}

void Stanza::set_to(Jid to) {
    to_ = std::move(to);
    xml::Element& element = edit();
    to_.empty() ? element.remove_attribute("to") : static_cast<void>(element.set("to", to_.text()));
}

const Bytes& Stanza::wire() const {
    if (!wire_) {
        std::string text;
        text.reserve(384);
        xml::write(text, root());
        wire_ = make_bytes(std::move(text));
    }
    return wire_;
}

Bytes Stanza::splice(const Bytes& before, const xml::Element& added) {
    if (before->ends_with("/>")) return nullptr;  // it was empty; wire() will write it anew
    const std::size_t end_tag = before->rfind("</");
    std::string text;
    text.reserve(before->size() + 128);
    text.append(*before, 0, end_tag);
    xml::write(text, added);
    text.append(*before, end_tag);
    return make_bytes(std::move(text));
}

Stanza::Stanza(std::string_view local, std::string_view type, const Jid& from, const Jid& to, std::string_view id)
    : document_{xml::Name{xml::client_ns, local}}, from_{from}, to_{to} {
    xml::Element& element = document_.root();
    if (!from.empty()) element.set("from", from.text());
    if (!to.empty()) element.set("to", to.text());
    if (!type.empty()) element.set("type", type);
    if (!id.empty()) element.set("id", id);
}

Message::Message(const With& with)
    : Stanza{"message", with.type == MessageType::normal ? std::string_view{} : text_in(message_types, with.type),
             with.from, with.to, with.id},
      type_{with.type} {}

Presence::Presence(const With& with)
    : Stanza{"presence", text_in(presence_types, with.type), with.from, with.to, with.id}, type_{with.type} {}

Iq::Iq(const With& with) : Stanza{"iq", text_in(iq_types, with.type), with.from, with.to, with.id}, type_{with.type} {}

std::optional<std::string_view> Message::body() const {
    const xml::Element* const body = element().child({xml::client_ns, "body"});
    if (body == nullptr) return std::nullopt;
    return body->text_view();
}

int Presence::priority() const {
    const xml::Element* const priority = element().child({xml::client_ns, "priority"});
    if (priority == nullptr) return 0;
    return xml::Codec<std::int8_t>::parse(priority->text_view()).value_or(0);
}

std::expected<AnyStanza, StanzaFault> read(xml::Document& document, std::string_view content_ns) {
    xml::Element& element = document.root();
    if (element.ns() != content_ns) return std::unexpected{NotAStanza{}};
    const bool message = element.local() == "message";
    const bool presence = element.local() == "presence";
    if (!message && !presence && element.local() != "iq") return std::unexpected{NotAStanza{}};
    if (content_ns != xml::client_ns) into_client_ns(element, content_ns);

    std::expected<Jid, StanzaFault> from = address(element, "from", BadFrom{});
    if (!from) return std::unexpected{from.error()};
    static constexpr Error bad_to{Condition::jid_malformed, ErrorType::modify, "'to' is not an address."};
    std::expected<Jid, StanzaFault> to = address(element, "to", bad_to);
    if (!to) return std::unexpected{to.error()};

    const std::optional<std::string_view> type = element.attribute("type");
    if (message) {
        // RFC 6121 section 5.2.2: a type that is not understood counts as normal.
        const MessageType value =
            type ? value_in<MessageType>(message_types, *type).value_or(MessageType::normal) : MessageType::normal;
        return Message{std::move(document), std::move(*from), std::move(*to), value};
    }
    static constexpr Error bad_type{Condition::bad_request, ErrorType::modify, "This type of stanza does not exist."};
    if (presence) {
        const std::optional<PresenceType> value =
            type ? value_in<PresenceType>(presence_types, *type) : PresenceType::available;
        if (!value) return std::unexpected{bad_type};
        return Presence{std::move(document), std::move(*from), std::move(*to), *value};
    }
    const std::optional<IqType> value = type ? value_in<IqType>(iq_types, *type) : std::nullopt;
    if (!value) return std::unexpected{bad_type};
    return Iq{std::move(document), std::move(*from), std::move(*to), *value};
}

Iq result_of(const Iq& request) {
    return Iq{{.from = request.to(), .to = request.from(), .type = IqType::result, .id = request.id().value_or("")}};
}

}  // namespace aldis::stanza
