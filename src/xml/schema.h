#pragma once

#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "xml/codec.h"
#include "xml/element.h"
#include "xml/writer.h"

/// Payloads described once: a struct says how its members stand in XML, and parsing and building both follow from it.
///
///     struct Range {
///         std::string node;
///         std::optional<std::uint32_t> max;
///         static constexpr auto schema = xml::element("urn:example", "range", xml::attribute<&Range::node>("node"),
///                                                     xml::text_child<&Range::max>("max"));
///     };
///
/// A member that is a std::optional may be absent, a vector may be empty, anything else must be there.
/// What the schema does not name is ignored (RFC 6120 section 8.4).
namespace aldis::xml {

template <class T>
concept Described = requires { T::schema; };

template <class T>
[[nodiscard]] Result<T> parse(const Element& element);
template <class T>
void fill(Element& element, const T& value);

/// Adds `value` as a child of `parent`.
template <Described T>
Element& add(Element& parent, const T& value) {
    Element& made = parent.append(T::schema.name);
    fill(made, value);
    return made;
}

/// The child of the type's name, if it is there and well made; see parse() for why it may not be.
template <Described T>
[[nodiscard]] std::optional<T> get(const Element& parent) {
    const Element* const child = parent.child(T::schema.name);
    if (child == nullptr) return std::nullopt;
    Result<T> parsed = parse<T>(*child);
    if (!parsed) return std::nullopt;
    return std::move(*parsed);
}

template <Described T>
[[nodiscard]] bool has(const Element& parent) {
    return parent.child(T::schema.name) != nullptr;
}

namespace detail {

template <class M>
struct MemberOf;
template <class C, class T>
struct MemberOf<T C::*> {
    using Type = T;
};
template <auto Member>
using TypeOf = typename MemberOf<decltype(Member)>::Type;

template <class T>
struct Unwrap {
    using Type = T;
    static constexpr bool optional = false;
};
template <class T>
struct Unwrap<std::optional<T>> {
    using Type = T;
    static constexpr bool optional = true;
};
template <class T>
struct Unwrap<std::vector<T>> {
    using Type = T;
    static constexpr bool optional = true;
};

inline constexpr stanza::Error missing{Condition::bad_request, ErrorType::modify,
                                       "Something that is required is missing."};
inline constexpr stanza::Error malformed{Condition::bad_request, ErrorType::modify,
                                         "A value is not of the form it must have."};

template <class T>
Result<void> read_text(std::optional<std::string_view> text, T& member) {
    using Value = typename Unwrap<T>::Type;
    if (!text) {
        if constexpr (Unwrap<T>::optional) return {};
        return std::unexpected{missing};
    }
    std::optional<Value> value = Codec<Value>::parse(*text);
    if (!value) return std::unexpected{malformed};
    member = std::move(*value);
    return {};
}

template <class T, class Write>
void write_text(const T& member, Write&& write) {
    if constexpr (Unwrap<T>::optional) {
        if (member) write(Codec<typename Unwrap<T>::Type>::format(*member));
    } else {
        write(Codec<T>::format(member));
    }
}

template <auto Member>
struct AttributeField {
    Name name;
    template <class T>
    Result<void> read(const Element& element, T& into) const {
        return read_text(element.attribute(name), into.*Member);
    }
    template <class T>
    void write(Element& element, const T& from) const {
        write_text(from.*Member, [&](const std::string& text) { element.set(name, text); });
    }
};

template <auto Member>
struct DefaultedAttributeField {
    std::string_view name;
    TypeOf<Member> otherwise;
    template <class T>
    Result<void> read(const Element& element, T& into) const {
        into.*Member = otherwise;
        const std::optional<std::string_view> text = element.attribute(name);
        return text ? read_text(text, into.*Member) : Result<void>{};
    }
    template <class T>
    void write(Element& element, const T& from) const {
        if (from.*Member == otherwise) return;
        write_text(from.*Member, [&](const std::string& text) { element.set(name, text); });
    }
};

template <auto Member>
struct TextField {
    template <class T>
    Result<void> read(const Element& element, T& into) const {
        const std::string_view text = element.text_view();
        if (Unwrap<TypeOf<Member>>::optional && text.empty()) return {};
        return read_text(std::optional{text}, into.*Member);
    }
    template <class T>
    void write(Element& element, const T& from) const {
        write_text(from.*Member, [&](const std::string& text) { element.append_text(text); });
    }
};

template <auto Member>
struct TextChildField {
    std::string_view name;
    template <class T>
    Result<void> read(const Element& element, T& into) const {
        const Element* const child = element.child({element.ns(), name});
        return read_text(child == nullptr ? std::nullopt : std::optional{child->text_view()}, into.*Member);
    }
    template <class T>
    void write(Element& element, const T& from) const {
        write_text(from.*Member, [&](const std::string& text) { element.append(name).append_text(text); });
    }
};

template <auto Member>
struct TextChildrenField {
    std::string_view name;
    template <class T>
    Result<void> read(const Element& element, T& into) const {
        for (const Element& child : element.children()) {
            if (!child.is({element.ns(), name})) continue;
            typename TypeOf<Member>::value_type value;
            if (Result<void> done = read_text(std::optional{child.text_view()}, value); !done) return done;
            (into.*Member).push_back(std::move(value));
        }
        return {};
    }
    template <class T>
    void write(Element& element, const T& from) const {
        for (const auto& value : from.*Member)
            write_text(value, [&](const std::string& text) { element.append(name).append_text(text); });
    }
};

template <auto Member>
struct TextListField {
    std::string_view list;
    TextChildrenField<Member> items;
    template <class T>
    Result<void> read(const Element& element, T& into) const {
        const Element* const child = element.child({element.ns(), list});
        return child == nullptr ? Result<void>{} : items.read(*child, into);
    }
    template <class T>
    void write(Element& element, const T& from) const {
        items.write(element.append(list), from);
    }
};

template <auto Member>
struct FlagField {
    Name name;
    [[nodiscard]] Name full(const Element& element) const {
        return {name.ns.empty() ? element.ns() : name.ns, name.local};
    }
    template <class T>
    Result<void> read(const Element& element, T& into) const {
        into.*Member = element.child(full(element)) != nullptr;
        return {};
    }
    template <class T>
    void write(Element& element, const T& from) const {
        if (from.*Member) element.append(full(element));
    }
};

template <auto Member>
struct ChildField {
    using Value = typename Unwrap<TypeOf<Member>>::Type;
    Name name;
    template <class T>
    Result<void> read(const Element& element, T& into) const {
        const Element* const child = element.child(name);
        if (child == nullptr) {
            if constexpr (Unwrap<TypeOf<Member>>::optional) return {};
            return std::unexpected{missing};
        }
        Result<Value> value = parse<Value>(*child);
        if (!value) return std::unexpected{value.error()};
        into.*Member = std::move(*value);
        return {};
    }
    template <class T>
    void write(Element& element, const T& from) const {
        if constexpr (Unwrap<TypeOf<Member>>::optional) {
            if (from.*Member) fill(element.append(name), *(from.*Member));
        } else {
            fill(element.append(name), from.*Member);
        }
    }
};

template <auto Member>
struct ChildrenField {
    using Value = typename TypeOf<Member>::value_type;
    template <class T>
    Result<void> read(const Element& element, T& into) const {
        for (const Element& child : element.children()) {
            if (!child.is(Value::schema.name)) continue;
            Result<Value> value = parse<Value>(child);
            if (!value) return std::unexpected{value.error()};
            (into.*Member).push_back(std::move(*value));
        }
        return {};
    }
    template <class T>
    void write(Element& element, const T& from) const {
        for (const Value& value : from.*Member) add(element, value);
    }
};

template <auto Member>
struct MarkupField {
    std::string_view ns;
    template <class T>
    Result<void> read(const Element& element, T& into) const {
        for (const Element& child : element.children()) {
            if (child.ns() != ns) continue;
            into.*Member = make_bytes(to_string(child));
            return {};
        }
        into.*Member = nullptr;
        return {};
    }
    template <class T>
    void write(Element& element, const T& from) const {
        if (from.*Member != nullptr) element.append_raw(*(from.*Member));
    }
};

template <class... Fields>
struct Schema {
    Name name;
    std::tuple<Fields...> fields;
};

}  // namespace detail

/// `name='...'`, usually in no namespace.
template <auto Member>
constexpr auto attribute(std::string_view name, std::string_view ns = {}) {
    return detail::AttributeField<Member>{{ns, name}};
}
/// The same, where absent means `otherwise`; that value is not written.
template <auto Member>
constexpr auto attribute_or(std::string_view name, detail::TypeOf<Member> otherwise) {
    return detail::DefaultedAttributeField<Member>{name, otherwise};
}
/// The characters inside the element. A std::optional has no value where there are none.
template <auto Member>
constexpr auto text() {
    return detail::TextField<Member>{};
}
/// `<name>...</name>` in the element's own namespace.
template <auto Member>
constexpr auto text_child(std::string_view name) {
    return detail::TextChildField<Member>{name};
}
/// The same, any number of times, into a vector.
template <auto Member>
constexpr auto text_children(std::string_view name) {
    return detail::TextChildrenField<Member>{name};
}
/// `<list><item>...</item>...</list>`, both in the element's own namespace, into a vector. The list is always written.
template <auto Member>
constexpr auto text_list(std::string_view list, std::string_view item) {
    return detail::TextListField<Member>{list, {item}};
}
/// A bool: `<name/>` is there or not.
template <auto Member>
constexpr auto flag(std::string_view name, std::string_view ns = {}) {
    return detail::FlagField<Member>{{ns, name}};
}
/// A child with a schema of its own.
template <auto Member>
constexpr auto child() {
    return detail::ChildField<Member>{detail::ChildField<Member>::Value::schema.name};
}
/// The same by another name, in the namespace of the child's schema.
template <auto Member>
constexpr auto child(std::string_view name) {
    return detail::ChildField<Member>{{detail::ChildField<Member>::Value::schema.name.ns, name}};
}
/// A child() any number of times, into a vector.
template <auto Member>
constexpr auto children() {
    return detail::ChildrenField<Member>{};
}
/// Bytes: the first child in namespace `ns` as markup, whatever it is (see Raw); null where there is none.
template <auto Member>
constexpr auto markup(std::string_view ns) {
    return detail::MarkupField<Member>{ns};
}
template <class... Fields>
constexpr auto element(std::string_view ns, std::string_view local, Fields... fields) {
    return detail::Schema<Fields...>{{ns, local}, {fields...}};
}

template <class T>
Result<T> parse(const Element& element) {
    T value{};
    Result<void> outcome;
    std::apply(
        [&](const auto&... field) { static_cast<void>(((outcome = field.read(element, value)).has_value() && ...)); },
        T::schema.fields);
    if (!outcome) return std::unexpected{outcome.error()};
    return value;
}

template <class T>
void fill(Element& element, const T& value) {
    std::apply([&](const auto&... field) { (field.write(element, value), ...); }, T::schema.fields);
}

/// `value` as a document of its own.
template <Described T>
[[nodiscard]] Document build(const T& value) {
    Document document{T::schema.name};
    fill(document.root(), value);
    return document;
}

}  // namespace aldis::xml
