#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "stanza/stanza.h"
#include "xml/schema.h"

/// Fields of schemas that are needed here beyond those of xml/schema.h.
namespace aldis::xep {

namespace detail {

template <auto Member>
struct ForeignField {
    template <class T>
    Result<void> read(const xml::Element& element, T& into) const {
        into.*Member = xml::Document{element.name()};
        for (const xml::Element& child : element.children())
            if (child.ns() != element.ns()) (into.*Member).root().append_copy(child);
        return {};
    }
    template <class T>
    void write(xml::Element& element, const T& from) const {
        if ((from.*Member).empty()) return;
        for (const xml::Element& child : (from.*Member).root().children()) element.append_copy(child);
    }
};

template <auto Member>
struct NameField {
    using Type = xml::detail::TypeOf<Member>;
    using Value = typename xml::detail::Unwrap<Type>::Type;
    std::string_view ns;
    template <class T>
    Result<void> read(const xml::Element& element, T& into) const {
        for (const xml::Element& child : element.children())
            if (child.ns() == ns && child.local() != "text")
                return xml::detail::read_text(std::optional{child.local()}, into.*Member);
        return xml::detail::read_text(std::nullopt, into.*Member);
    }
    template <class T>
    void write(xml::Element& element, const T& from) const {
        xml::detail::write_text(from.*Member, [&](const std::string& name) { element.append(name, ns); });
    }
};

}  // namespace detail

/// An xml::Document: the children in other namespaces than the element's own, whatever they are. Its root is there
/// after parsing and has the element's name, so that xml::get finds payloads in it; empty counts as none when building.
template <auto Member>
constexpr auto foreign() {
    return detail::ForeignField<Member>{};
}

/// The name of the first child in namespace `ns` that is not <text/>: how errors tell their condition.
template <auto Member>
constexpr auto name_in(std::string_view ns) {
    return detail::NameField<Member>{ns};
}

}  // namespace aldis::xep

/// The names of RFC 6120 section 8.3.3; others count as undefined-condition.
template <>
struct aldis::xml::Codec<aldis::stanza::Condition> {
    static std::optional<Condition> parse(std::string_view text) {
        constexpr auto last = static_cast<std::uint8_t>(Condition::unexpected_request);
        for (std::uint8_t i = 0; i <= last; ++i)
            if (stanza::name_of(static_cast<Condition>(i)) == text) return static_cast<Condition>(i);
        return Condition::undefined_condition;
    }
    static std::string format(Condition condition) { return std::string{stanza::name_of(condition)}; }
};
