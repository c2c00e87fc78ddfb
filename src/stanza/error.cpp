#include "stanza/stanza.h"

namespace aldis::stanza {
namespace {

constexpr std::string_view stanzas_ns = "urn:ietf:params:xml:ns:xmpp-stanzas";

/// In the order of the enumeration.
constexpr std::array<std::string_view, 22> condition_names{"bad-request",
                                                           "conflict",
                                                           "feature-not-implemented",
                                                           "forbidden",
                                                           "gone",
                                                           "internal-server-error",
                                                           "item-not-found",
                                                           "jid-malformed",
                                                           "not-acceptable",
                                                           "not-allowed",
                                                           "not-authorized",
                                                           "policy-violation",
                                                           "recipient-unavailable",
                                                           "redirect",
                                                           "registration-required",
                                                           "remote-server-not-found",
                                                           "remote-server-timeout",
                                                           "resource-constraint",
                                                           "service-unavailable",
                                                           "subscription-required",
                                                           "undefined-condition",
                                                           "unexpected-request"};

/// In the same order, by XEP-0086 version 1.0 "Supporting Legacy Entities"; conditions that came later have none.
constexpr std::array<std::string_view, 22> old_codes{"400", "409", "501", "403", "302", "500", "404", "400",
                                                     "406", "405", "401", "",    "404", "302", "407", "404",
                                                     "504", "500", "503", "407", "500", "400"};

constexpr std::array<std::string_view, 5> type_names{"auth", "cancel", "continue", "modify", "wait"};

/// XEP-0077 version 2.4 "Error Handling": here clients may know the old codes only.
/// COMPAT: Profanity (0.13 and later) publishes its first list of OMEMO devices only after an error with the code 404.
bool wants_old_code(const xml::Element& stanza) {
    const xml::Element* const payload = stanza.first_element();
    if (payload == nullptr) return false;
    return payload->ns() == "jabber:iq:register" || payload->ns() == "http://jabber.org/protocol/pubsub";
}

void append_error(xml::Element& stanza, const Error& error, bool with_old_code) {
    xml::Element& element = stanza.append("error").set("type", name_of(error.type));
    const std::string_view code = old_codes[static_cast<std::size_t>(error.condition)];
    if (with_old_code && !code.empty()) element.set("code", code);
    element.append(name_of(error.condition), stanzas_ns);
    if (!error.text.empty())
        element.append("text", stanzas_ns).set(xml::Name{xml::xml_ns, "lang"}, "en").append_text(error.text);
    if (error.specific.name.empty()) return;
    xml::Element& specific = element.append(error.specific.name, error.specific.ns);
    if (!error.specific.feature.empty()) specific.set("feature", error.specific.feature);
}

template <class S>
std::optional<AnyStanza> make_reply(S reply, const S& refused, const Error& error) {
    append_error(reply.edit(), error, wants_old_code(refused.element()));
    return AnyStanza{std::move(reply)};
}

}  // namespace

std::string_view name_of(Condition condition) { return condition_names[static_cast<std::size_t>(condition)]; }
std::string_view name_of(ErrorType type) { return type_names[static_cast<std::size_t>(type)]; }

void add_error(xml::Element& stanza, const Error& error) { append_error(stanza, error, wants_old_code(stanza)); }

std::optional<Error> error_of(const xml::Element& stanza) {
    const xml::Element* const element = stanza.child({stanza.ns(), "error"});
    if (element == nullptr) return std::nullopt;
    Error error;
    for (std::size_t i = 0; i < type_names.size(); ++i)
        if (type_names[i] == element->attribute_or("type", "cancel")) error.type = static_cast<ErrorType>(i);
    for (const xml::Element& child : element->children())
        for (std::size_t i = 0; i < condition_names.size(); ++i)
            if (child.is({stanzas_ns, condition_names[i]})) error.condition = static_cast<Condition>(i);
    return error;
}

std::optional<AnyStanza> error_reply(const Message& refused, const Error& error) {
    if (refused.is_error()) return std::nullopt;
    return make_reply(
        Message{
            {.from = refused.to(), .to = refused.from(), .type = MessageType::error, .id = refused.id().value_or("")}},
        refused, error);
}

std::optional<AnyStanza> error_reply(const Presence& refused, const Error& error) {
    if (refused.is_error()) return std::nullopt;
    return make_reply(
        Presence{
            {.from = refused.to(), .to = refused.from(), .type = PresenceType::error, .id = refused.id().value_or("")}},
        refused, error);
}

std::optional<AnyStanza> error_reply(const Iq& refused, const Error& error) {
    if (!refused.is_request()) return std::nullopt;
    return make_reply(
        Iq{{.from = refused.to(), .to = refused.from(), .type = IqType::error, .id = refused.id().value_or("")}},
        refused, error);
}

std::optional<AnyStanza> error_reply(const AnyStanza& refused, const Error& error) {
    return std::visit([&](const auto& stanza) { return error_reply(stanza, error); }, refused);
}

}  // namespace aldis::stanza
