#pragma once

#include "config/codec.h"

/// What a struct of settings is written with:
///
///     struct MamConfig {
///         std::uint32_t largest_page = 250;
///         static constexpr auto fields = config::fields(config::field<&MamConfig::largest_page>(
///             "largest_page", config::at_least(1), config::doc("Messages in a page.")));
///     };
///
/// The member's initialiser is the default. Types: bool, integers, std::string, std::filesystem::path, durations of
/// <chrono> ("10 s"), ByteSize ("256 KiB"), enumerations with enum_names, std::vector and std::map<std::string, ...> of
/// these, structs with fields, and std::vector of such structs.
namespace aldis::config {

namespace detail {

template <class S, class T>
S owner_of(T S::*);
template <class S, class T>
T value_of(T S::*);

/// A bound as the number that is compared: ticks of T, bytes, or the integer itself.
template <class T, class Bound>
constexpr std::int64_t in_units(Bound bound) {
    if constexpr (Duration<T>) {
        return static_cast<std::int64_t>(std::chrono::ceil<T>(bound).count());
    } else if constexpr (std::same_as<T, ByteSize>) {
        return static_cast<std::int64_t>(std::uint64_t{bound});
    } else {
        static_assert(std::integral<T>, "only numbers, sizes and durations have a range");
        return static_cast<std::int64_t>(bound);
    }
}

template <class Bound>
struct AtLeast {
    Bound bound;
    template <class T>
    constexpr void apply(Field& field) const {
        field.least = in_units<T>(bound);
    }
};
template <class Bound>
struct AtMost {
    Bound bound;
    template <class T>
    constexpr void apply(Field& field) const {
        field.most = in_units<T>(bound);
    }
};
template <class Bound>
struct Between {
    Bound least, most;
    template <class T>
    constexpr void apply(Field& field) const {
        field.least = in_units<T>(least);
        field.most = in_units<T>(most);
    }
};
struct Doc {
    std::string_view text;
    template <class T>
    constexpr void apply(Field& field) const {
        field.doc = text;
    }
};
struct DefaultText {
    std::string_view text;
    template <class T>
    constexpr void apply(Field& field) const {
        field.default_text = text;
    }
};
struct OneOf {
    std::span<const std::string_view> names;
    template <class T>
    constexpr void apply(Field& field) const {
        field.one_of = names;
    }
};
struct Checked {
    TextCheck check;
    template <class T>
    constexpr void apply(Field& field) const {
        field.check = check;
    }
};
template <bool Field::* Flag>
struct SetFlag {
    template <class T>
    constexpr void apply(Field& field) const {
        field.*Flag = true;
    }
};

}  // namespace detail

/// A range; integers, sizes or durations.
template <class Bound>
constexpr auto at_least(Bound bound) {
    return detail::AtLeast<Bound>{bound};
}
template <class Bound>
constexpr auto at_most(Bound bound) {
    return detail::AtMost<Bound>{bound};
}
template <class Bound>
constexpr auto between(Bound least, Bound most) {
    return detail::Between<Bound>{least, most};
}
/// One line for docs/configuration.md.
constexpr auto doc(std::string_view text) { return detail::Doc{text}; }
/// What the documentation says instead of a default that is computed.
constexpr auto default_text(std::string_view text) { return detail::DefaultText{text}; }
/// The texts that are allowed; `names` must be static.
constexpr auto one_of(std::span<const std::string_view> names) { return detail::OneOf{names}; }
/// Each text must pass `check`.
constexpr auto checked(TextCheck check) { return detail::Checked{check}; }
constexpr auto required() { return detail::SetFlag<&Field::required>{}; }
/// Never shown.
constexpr auto secret() { return detail::SetFlag<&Field::secret>{}; }
/// A path: if it is given, the file must exist and be readable.
constexpr auto readable_file() { return detail::SetFlag<&Field::readable_file>{}; }
/// SIGHUP changes it in a running server.
constexpr auto on_reload() { return detail::SetFlag<&Field::on_reload>{}; }

template <auto Member, class... Options>
consteval Field field(std::string_view name, Options... options) {
    using S = decltype(detail::owner_of(Member));
    using T = decltype(detail::value_of(Member));
    Field result{.name = name, .type = &type_of<T>, .get = [](void* object, std::string_view) -> void* {
                     return &(static_cast<S*>(object)->*Member);
                 }};
    (options.template apply<T>(result), ...);
    return result;
}

template <std::same_as<Field>... Fields>
consteval auto fields(Fields... all) {
    return std::array<Field, sizeof...(Fields)>{all...};
}

}  // namespace aldis::config
