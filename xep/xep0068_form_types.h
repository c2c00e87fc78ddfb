#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "jid/jid.h"
#include "stanza/stanza.h"
#include "xep/xep0004_data_forms.h"

/// XEP-0068: Field Standardization for Data Forms 1.3.0. A form whose FORM_TYPE is known is described once, like a
/// payload; reading what was submitted, the empty form and the result all follow from it:
///
///     struct Filter {
///         std::optional<Jid> with;
///         static constexpr auto form =
///             dataforms::form("urn:xmpp:mam:2", dataforms::field<&Filter::with>("with", FieldType::jid_single)
///                                                   .labelled("Correspondent"));
///     };
///
/// What a field says beside its name and type - label, whether it is required, XEP-0122's rules - is for those who fill
/// the form in, and for check() (XEP-0004), which judges submissions by the form that was shown.
namespace aldis::xep::dataforms {

/// What becomes of fields that the description does not name.
enum class Unknown : std::uint8_t { ignored, refused };

inline constexpr stanza::Error other_form{Condition::bad_request, ErrorType::modify, "This is another form."};
inline constexpr stanza::Error unknown_field{Condition::feature_not_implemented, ErrorType::modify,
                                             "The form has a field that is not known here."};
/// XEP-0004 section "Data Validation".
inline constexpr stanza::Error bad_value{Condition::not_acceptable, ErrorType::modify,
                                         "A field's value is not of the form it must have."};

/// One of a list's options.
struct Choice {
    std::string_view value;
    std::string_view label = {};  ///< for humans
};

/// XEP-0122, in a description. Texts that are empty and numbers that are 0 say nothing.
struct Rules {
    std::string_view datatype = {};
    bool open = false;
    std::string_view min = {};
    std::string_view max = {};
    std::string_view regex = {};
    std::uint32_t fewest = 0;
    std::uint32_t most = 0;

    [[nodiscard]] std::optional<Validate> validate() const {
        const auto text = [](std::string_view t) { return t.empty() ? std::nullopt : std::optional<std::string>{t}; };
        const auto number = [](std::uint32_t n) { return n == 0 ? std::nullopt : std::optional{n}; };
        Validate made{.open = open, .regex = text(regex)};
        if (!datatype.empty()) made.datatype = datatype;
        if (!min.empty() || !max.empty()) made.range = Range{.min = text(min), .max = text(max)};
        if (fewest + most > 0) made.list_range = ListRange{.min = number(fewest), .max = number(most)};
        made.basic = !datatype.empty() && !open && !made.range && !made.regex;
        if (datatype.empty() && !made.takes_others() && !made.list_range) return std::nullopt;
        return made;
    }
};

template <auto Member>
struct TypedField {
    using Type = xml::detail::TypeOf<Member>;
    using Value = typename xml::detail::Unwrap<Type>::Type;
    static constexpr bool many = requires(Type t) { t.push_back(Value{}); } && !std::same_as<Type, std::string>;

    std::string_view var;
    FieldType type;
    Rules rules = {};
    std::string_view label = {};
    std::string_view desc = {};
    bool required = false;
    std::span<const Choice> options = {};

    [[nodiscard]] constexpr TypedField labelled(std::string_view text) const {
        TypedField changed = *this;
        changed.label = text;
        return changed;
    }
    /// More than a label says.
    [[nodiscard]] constexpr TypedField described(std::string_view text) const {
        TypedField changed = *this;
        changed.desc = text;
        return changed;
    }
    [[nodiscard]] constexpr TypedField needed() const {
        TypedField changed = *this;
        changed.required = true;
        return changed;
    }
    /// The options of a list, in storage that lasts. Without, a list of an enumeration has its names.
    [[nodiscard]] constexpr TypedField choices(std::span<const Choice> all) const {
        TypedField changed = *this;
        changed.options = all;
        return changed;
    }
    /// A datatype of XEP-0122, such as "xs:integer".
    [[nodiscard]] constexpr TypedField datatype(std::string_view name) const {
        TypedField changed = *this;
        changed.rules.datatype = name;
        return changed;
    }
    /// Values of that datatype in a range; one end may be left open by an empty text.
    [[nodiscard]] constexpr TypedField between(std::string_view name, std::string_view min,
                                               std::string_view max) const {
        TypedField changed = datatype(name);
        changed.rules.min = min;
        changed.rules.max = max;
        return changed;
    }
    /// Values that fit a POSIX extended regular expression as a whole.
    [[nodiscard]] constexpr TypedField matching(std::string_view regex) const {
        TypedField changed = *this;
        changed.rules.regex = regex;
        return changed;
    }
    /// So many values of a list-multi; 0: no bound.
    [[nodiscard]] constexpr TypedField counting(std::uint32_t fewest, std::uint32_t most) const {
        TypedField changed = *this;
        changed.rules.fewest = fewest;
        changed.rules.most = most;
        return changed;
    }

    template <class T>
    Result<void> read(const Field& field, T& into) const {
        // XEP-0004 "Setting empty or absent values": one empty value says no more than none.
        const bool empty = field.values.empty() || (field.values.size() == 1 && field.values[0].empty());
        if constexpr (many) {
            (into.*Member).clear();
            return empty ? Result<void>{} : read_all(field.values, into.*Member);
        } else {
            if (xml::detail::Unwrap<Type>::optional && empty) {
                into.*Member = {};
                return {};
            }
            if (field.values.size() > 1) return std::unexpected{bad_value};
            std::optional<Value> value = xml::Codec<Value>::parse(field.value());
            if (!value) return std::unexpected{bad_value};
            into.*Member = std::move(*value);
            return {};
        }
    }
    [[nodiscard]] Field blank() const {
        Field field{.var = std::string{var}, .type = type, .required = required, .validate = rules.validate()};
        if (!label.empty()) field.label = label;
        if (!desc.empty()) field.desc = desc;
        for (const Choice& choice : options) field.options.push_back(option(choice));
        if constexpr (requires { xml::EnumNames<Value>::values; })
            if (options.empty() && (type == FieldType::list_single || type == FieldType::list_multi))
                for (const auto& [value, name] : xml::EnumNames<Value>::values)
                    field.options.push_back(option({.value = name}));
        return field;
    }
    template <class T>
    [[nodiscard]] Field filled(const T& from) const {
        Field field = blank();
        const auto add = [&](const Value& value) { field.values.push_back(xml::Codec<Value>::format(value)); };
        if constexpr (many) {
            std::ranges::for_each(from.*Member, add);
        } else if constexpr (xml::detail::Unwrap<Type>::optional) {
            if (from.*Member) add(*(from.*Member));
        } else {
            add(from.*Member);
        }
        return field;
    }

private:
    static Option option(const Choice& choice) {
        Option made{.value = std::string{choice.value}};
        if (!choice.label.empty()) made.label = choice.label;
        return made;
    }
    template <class Values>
    static Result<void> read_all(const std::vector<std::string>& texts, Values& into) {
        for (const std::string& text : texts) {
            std::optional<Value> value = xml::Codec<Value>::parse(text);
            if (!value) return std::unexpected{bad_value};
            into.push_back(std::move(*value));
        }
        if constexpr (std::same_as<Value, Jid>) {
            // XEP-0004 "Field Types": of jid-multi, "duplicate JIDs MUST be ignored".
            std::unordered_set<Jid> seen;
            std::erase_if(into, [&](const Jid& jid) { return !seen.insert(jid).second; });
        }
        return {};
    }
};

template <class... Fields>
struct FormDescription {
    std::string_view type;
    std::tuple<Fields...> fields;
};

/// A member of the struct as a field of the form. Lists that are `open` say so (XEP-0122).
template <auto Member>
constexpr auto field(std::string_view var, FieldType type) {
    return TypedField<Member>{.var = var, .type = type};
}
template <auto Member>
constexpr auto open_field(std::string_view var, FieldType type) {
    return TypedField<Member>{.var = var, .type = type, .rules = {.open = true}};
}
template <class... Fields>
constexpr auto form(std::string_view form_type, Fields... fields) {
    return FormDescription<Fields...>{form_type, {fields...}};
}

template <class T>
concept DescribedForm = requires { T::form.type; };

namespace detail {

/// @return  whether the description names the field
template <DescribedForm T>
Result<bool> read_field(const Field& field, T& into) {
    Result<void> outcome;
    const auto read = [&](const auto& described) {
        if (field.var != described.var) return false;
        outcome = described.read(field, into);
        return true;
    };
    const bool known = std::apply([&](const auto&... described) { return (read(described) || ...); }, T::form.fields);
    if (!outcome) return std::unexpected{outcome.error()};
    return known;
}

inline Field form_type_field(std::string_view form_type) {
    return {.var = "FORM_TYPE", .type = FieldType::hidden, .values = {std::string{form_type}}};
}

}  // namespace detail

/// Reads a form that was submitted.
/// @param current  what stays where a field is left out ("Incomplete Submission Form Handling")
/// @return         bad-request: another FORM_TYPE; not-acceptable: a malformed value; feature-not-implemented: an
/// unknown
///                 field, where those are refused
template <DescribedForm T>
[[nodiscard]] Result<T> read(const Form& submitted, Unknown unknown = Unknown::ignored, T current = {}) {
    if (submitted.kind != Kind::submit || submitted.form_type() != T::form.type) return std::unexpected{other_form};
    for (const Field& field : submitted.fields) {
        if (field.type == FieldType::fixed || field.var == "FORM_TYPE") continue;
        const Result<bool> known = detail::read_field(field, current);
        if (!known) return std::unexpected{known.error()};
        if (!*known && unknown == Unknown::refused) return std::unexpected{unknown_field};
    }
    return current;
}

/// The form to be filled in.
template <DescribedForm T>
[[nodiscard]] Form blank() {
    Form made{.kind = Kind::form, .fields = {detail::form_type_field(T::form.type)}};
    std::apply([&](const auto&... described) { (made.fields.push_back(described.blank()), ...); }, T::form.fields);
    return made;
}

/// The form with its values, as `kind`: a configuration to be changed, a result, a submission.
template <DescribedForm T>
[[nodiscard]] Form filled(const T& value, Kind kind) {
    Form made{.kind = kind, .fields = {detail::form_type_field(T::form.type)}};
    std::apply([&](const auto&... described) { (made.fields.push_back(described.filled(value)), ...); },
               T::form.fields);
    if (kind == Kind::form) {
        // XEP-0004 "Setting empty or absent values": a default that is empty is none.
        for (Field& field : made.fields)
            if (field.values.size() == 1 && field.values[0].empty()) field.values.clear();
        return made;
    }
    std::erase_if(made.fields, [](const Field& field) { return field.values.empty(); });
    for (Field& field : made.fields) {
        field.validate.reset();
        field.options.clear();
        field.required = false;
        if (kind == Kind::result) continue;
        field.label.reset();
        field.desc.reset();
    }
    return made;
}

}  // namespace aldis::xep::dataforms
