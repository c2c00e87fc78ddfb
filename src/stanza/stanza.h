#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "jid/jid.h"
#include "xml/element.h"
#include "xml/schema.h"
#include "xml/writer.h"

namespace aldis::stanza {

enum class Kind : std::uint8_t { message, presence, iq };
enum class MessageType : std::uint8_t { normal, chat, groupchat, headline, error };  ///< RFC 6121 section 5.2.2
enum class PresenceType : std::uint8_t {                                             ///< RFC 6121 section 4.7.1
    available,
    unavailable,
    probe,
    subscribe,
    subscribed,
    unsubscribe,
    unsubscribed,
    error
};
enum class IqType : std::uint8_t { get, set, result, error };  ///< RFC 6120 section 8.2.3

/// What the three kinds of stanza have in common (RFC 6120 section 8.1): an element, and its addresses already
/// parsed. Movable, not copyable: a stanza is parsed once and serialised once, and wire() is what many share.
class Stanza {
public:
    /// An empty address means that the attribute is absent.
    [[nodiscard]] const Jid& from() const { return from_; }
    [[nodiscard]] const Jid& to() const { return to_; }
    void set_from(Jid from);
    void set_to(Jid to);
    [[nodiscard]] std::optional<std::string_view> id() const { return root().attribute("id"); }

    [[nodiscard]] const xml::Element& element() const { return root(); }
    /// For changes; what wire() returned before stays as it was.
    [[nodiscard]] xml::Element& edit() {
        wire_.reset();
        return document_.root();
    }

    template <xml::Described T>
    [[nodiscard]] bool has() const {
        return xml::has<T>(root());
    }
    /// The payload of that type; one that is malformed counts as absent.
    template <xml::Described T>
    [[nodiscard]] std::optional<T> get() const {
        return xml::get<T>(root());
    }
    template <xml::Described T>
    Stanza& add(const T& payload) {
        xml::add(edit(), payload);
        return *this;
    }
    /// Adds a payload to what wire() returns by writing only the payload: what is annotated on its way to a recipient.
    template <xml::Described T>
    void annotate(const T& payload) {
        const Bytes before = wire();
        const xml::Element& added = xml::add(edit(), payload);
        wire_ = splice(before, added);
    }

    /// The stanza as it is sent on a stream whose default namespace is jabber:client. Made at the first call.
    [[nodiscard]] const Bytes& wire() const;

protected:
    Stanza(xml::Document document, Jid from, Jid to)
        : document_{std::move(document)}, from_{std::move(from)}, to_{std::move(to)} {}
    Stanza(std::string_view local, std::string_view type, const Jid& from, const Jid& to, std::string_view id);

private:
    [[nodiscard]] const xml::Element& root() const { return document_.root(); }
    [[nodiscard]] static Bytes splice(const Bytes& before, const xml::Element& added);

    xml::Document document_;
    Jid from_;
    Jid to_;
    mutable Bytes wire_;
};

class Message : public Stanza {
public:
    static constexpr Kind kind = Kind::message;
    struct With {
        Jid from = {};
        Jid to = {};
        MessageType type = MessageType::normal;
        std::string_view id = {};
    };
    explicit Message(const With& with);
    Message(xml::Document document, Jid from, Jid to, MessageType type)
        : Stanza{std::move(document), std::move(from), std::move(to)}, type_{type} {}

    [[nodiscard]] MessageType type() const { return type_; }
    [[nodiscard]] bool is_error() const { return type_ == MessageType::error; }
    /// The first <body/>, if any.
    [[nodiscard]] std::optional<std::string_view> body() const;

private:
    MessageType type_;
};

class Presence : public Stanza {
public:
    static constexpr Kind kind = Kind::presence;
    struct With {
        Jid from = {};
        Jid to = {};
        PresenceType type = PresenceType::available;
        std::string_view id = {};
    };
    explicit Presence(const With& with);
    Presence(xml::Document document, Jid from, Jid to, PresenceType type)
        : Stanza{std::move(document), std::move(from), std::move(to)}, type_{type} {}

    [[nodiscard]] PresenceType type() const { return type_; }
    [[nodiscard]] bool is_error() const { return type_ == PresenceType::error; }
    /// One of the four types that ask for, grant or end a subscription: RFC 6121 section 3.
    [[nodiscard]] bool is_subscription() const {
        return type_ >= PresenceType::subscribe && type_ <= PresenceType::unsubscribed;
    }
    /// From -128 to 127; 0 where it is absent or malformed (RFC 6121 section 4.7.2.3).
    [[nodiscard]] int priority() const;

private:
    PresenceType type_;
};

class Iq : public Stanza {
public:
    static constexpr Kind kind = Kind::iq;
    struct With {
        Jid from = {};
        Jid to = {};
        IqType type = IqType::get;
        std::string_view id = {};
    };
    explicit Iq(const With& with);
    Iq(xml::Document document, Jid from, Jid to, IqType type)
        : Stanza{std::move(document), std::move(from), std::move(to)}, type_{type} {}

    [[nodiscard]] IqType type() const { return type_; }
    [[nodiscard]] bool is_error() const { return type_ == IqType::error; }
    [[nodiscard]] bool is_request() const { return type_ == IqType::get || type_ == IqType::set; }
    /// The one child of a request, the child of a result (or none).
    [[nodiscard]] const xml::Element* payload() const { return element().first_element(); }

private:
    IqType type_;
};

using AnyStanza = std::variant<Message, Presence, Iq>;

/// What is wrong with an element that was sent as a stanza.
struct NotAStanza {};  ///< none of the three kinds: RFC 6120 section 4.9.3.24 unsupported-stanza-type
struct BadFrom {};     ///< 'from' is no address: section 4.9.3.9 invalid-from
using StanzaFault = std::variant<NotAStanza, BadFrom, Error>;

/// Makes a stanza of a stream's element whose namespace is `content_ns`; its children of that namespace come into
/// jabber:client. An Error is answered to the sender (see error_reply_to).
[[nodiscard]] std::expected<AnyStanza, StanzaFault> read(xml::Document& document,
                                                         std::string_view content_ns = xml::client_ns);

/// Elements of an error: RFC 6120 section 8.3.2.
void add_error(xml::Element& stanza, const Error& error);
/// The error that a received stanza of type error carries.
[[nodiscard]] std::optional<Error> error_of(const xml::Element& stanza);

/// The stanza that refuses `refused`: same kind and id, addresses swapped. Nothing where an answer is forbidden: errors
/// are never answered, nor are results (RFC 6120 sections 8.3.1 and 8.2.3).
[[nodiscard]] std::optional<AnyStanza> error_reply(const AnyStanza& refused, const Error& error);
[[nodiscard]] std::optional<AnyStanza> error_reply(const Message& refused, const Error& error);
[[nodiscard]] std::optional<AnyStanza> error_reply(const Presence& refused, const Error& error);
[[nodiscard]] std::optional<AnyStanza> error_reply(const Iq& refused, const Error& error);

/// An empty result with the addresses swapped and the same id.
[[nodiscard]] Iq result_of(const Iq& request);

[[nodiscard]] std::string_view name_of(Condition condition);
[[nodiscard]] std::string_view name_of(ErrorType type);

[[nodiscard]] inline const Stanza& base_of(const AnyStanza& stanza) {
    return std::visit([](const auto& s) -> const Stanza& { return s; }, stanza);
}
[[nodiscard]] inline Stanza& base_of(AnyStanza& stanza) {
    return std::visit([](auto& s) -> Stanza& { return s; }, stanza);
}

}  // namespace aldis::stanza

namespace aldis {

using stanza::AnyStanza;
using stanza::Iq;
using stanza::IqType;
using stanza::Message;
using stanza::MessageType;
using stanza::Presence;
using stanza::PresenceType;

template <>
struct xml::Codec<Jid> {
    static std::optional<Jid> parse(std::string_view text) {
        Result<Jid> jid = Jid::parse(text);
        if (!jid) return std::nullopt;
        return std::move(*jid);
    }
    static std::string format(const Jid& jid) { return std::string{jid.text()}; }
};

}  // namespace aldis
