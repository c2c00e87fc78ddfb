#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/schema.h"

/// What a struct of settings is written with:
///
///     struct MamConfig {
///         std::uint32_t largest_page = 250;
///         static constexpr auto fields = config::fields(config::field<&MamConfig::largest_page>(
///             "largest_page", config::at_least(1), config::doc("Messages in a page; larger requests are cut to
///             this.")));
///     };
///
/// The member's initialiser is the default. Types: bool, integers, std::string, std::filesystem::path, durations of
/// <chrono> ("10 s"), ByteSize ("256 KiB"), enumerations with enum_names, std::vector and std::map<std::string, ...> of
/// these, structs with fields, and std::vector of such structs.
namespace aldis::config {

/// A number of bytes, written "256 KiB".
struct ByteSize {
    std::uint64_t bytes = 0;

    constexpr operator std::uint64_t() const { return bytes; }  // NOLINT: a size is used as a number
    friend constexpr auto operator<=>(const ByteSize&, const ByteSize&) = default;
};

[[nodiscard]] constexpr ByteSize kib(std::uint64_t count) { return {count * 1024}; }
[[nodiscard]] constexpr ByteSize mib(std::uint64_t count) { return {count * 1024 * 1024}; }

/// What `constexpr auto enum_names(E) { return std::array{Named{"text", E::text}, ...}; }`, next to the enumeration,
/// lists.
template <class E>
struct Named {
    std::string_view name;
    E value;
};

namespace detail {

std::optional<bool> read_bool(const Value& value, const Place& place);
std::optional<std::int64_t> read_integer(const Value& value, const Place& place, std::int64_t least, std::int64_t most);
std::optional<std::int64_t> read_bytes(const Value& value, const Place& place);
/// @param unit_ns  how long one tick of the target is, in nanoseconds
std::optional<std::int64_t> read_duration(const Value& value, const Place& place, std::int64_t unit_ns,
                                          std::int64_t most);
std::optional<std::string> read_text(const Value& value, const Place& place);
std::optional<std::filesystem::path> read_path(const Value& value, const Place& place);
std::optional<std::size_t> read_choice(const Value& value, const Place& place, std::span<const std::string_view> names);
bool read_table(const Value& value, void* target, const Place& place, const Schema& schema);
bool is_table(const Value& value, const Place& place);
bool is_list_of_tables(const Value& value, const Place& place);
std::string integer_amount(std::int64_t number);
std::string bytes_amount(std::int64_t bytes);
Value write_bytes(std::uint64_t bytes);
Value write_duration(std::int64_t count, std::int64_t unit_ns);
Value write_table(const void* source, const Schema& schema);
std::string quoted_list(std::span<const std::string_view> names);

template <class T>
concept Duration =
    requires { typename T::period; } && std::same_as<T, std::chrono::duration<typename T::rep, typename T::period>>;
template <class T>
concept Enumeration = std::is_enum_v<T>;
template <class T>
concept Described = requires { T::fields; };

template <class E>
constexpr auto names_of() {
    constexpr auto pairs = enum_names(E{});
    std::array<std::string_view, pairs.size()> names{};
    for (std::size_t i = 0; i < pairs.size(); ++i) names[i] = pairs[i].name;
    return names;
}
template <class E>
inline constexpr auto enum_name_list = names_of<E>();

template <class T>
constexpr std::int64_t clamped_max() {
    constexpr auto most = std::numeric_limits<T>::max();
    return std::cmp_less(most, std::numeric_limits<std::int64_t>::max()) ? static_cast<std::int64_t>(most)
                                                                         : std::numeric_limits<std::int64_t>::max();
}

template <class T, class Read>
bool assign(void* target, const Read& read) {
    if (read) *static_cast<T*>(target) = static_cast<T>(*read);
    return read.has_value();
}

}  // namespace detail

template <class S>
inline constexpr Schema schema_of{std::span<const Field>{S::fields},
                                  [] { return std::shared_ptr<void>{std::make_shared<S>()}; }};

template <class T>
struct Codec;
template <class T>
inline constexpr Type type_of = Codec<T>::type();

template <>
struct Codec<bool> {
    static bool read(const Value& value, void* target, const Place& place) {
        return detail::assign<bool>(target, detail::read_bool(value, place));
    }
    static Value write(const void* source) { return {*static_cast<const bool*>(source)}; }
    static constexpr Type type() {
        return {.kind = Type::Kind::boolean, .name = "true or false", .read = &read, .write = &write};
    }
};

template <std::integral T>
struct Codec<T> {
    static bool read(const Value& value, void* target, const Place& place) {
        constexpr auto least = static_cast<std::int64_t>(std::numeric_limits<T>::min());
        return detail::assign<T>(target, detail::read_integer(value, place, least, detail::clamped_max<T>()));
    }
    static Value write(const void* source) { return {static_cast<std::int64_t>(*static_cast<const T*>(source))}; }
    static constexpr Type type() {
        return {.kind = Type::Kind::integer,
                .name = "integer",
                .amount = &detail::integer_amount,
                .read = &read,
                .write = &write};
    }
};

template <>
struct Codec<ByteSize> {
    static bool read(const Value& value, void* target, const Place& place) {
        const std::optional<std::int64_t> bytes = detail::read_bytes(value, place);
        if (bytes) static_cast<ByteSize*>(target)->bytes = static_cast<std::uint64_t>(*bytes);
        return bytes.has_value();
    }
    static Value write(const void* source) { return detail::write_bytes(static_cast<const ByteSize*>(source)->bytes); }
    static constexpr Type type() {
        return {
            .kind = Type::Kind::text, .name = "size", .amount = &detail::bytes_amount, .read = &read, .write = &write};
    }
};

template <detail::Duration T>
struct Codec<T> {
    static constexpr std::int64_t unit = std::chrono::nanoseconds{T{1}}.count();
    static bool read(const Value& value, void* target, const Place& place) {
        constexpr auto most =
            std::min(detail::clamped_max<typename T::rep>(), std::numeric_limits<std::int64_t>::max() / unit);
        const std::optional<std::int64_t> count = detail::read_duration(value, place, unit, most);
        if (count) *static_cast<T*>(target) = T{static_cast<typename T::rep>(*count)};
        return count.has_value();
    }
    static std::string amount(std::int64_t count) { return *detail::write_duration(count, unit).text(); }
    static Value write(const void* source) {
        return detail::write_duration(static_cast<std::int64_t>(static_cast<const T*>(source)->count()), unit);
    }
    static constexpr Type type() {
        return {.kind = Type::Kind::text, .name = "duration", .amount = &amount, .read = &read, .write = &write};
    }
};

template <>
struct Codec<std::string> {
    static bool read(const Value& value, void* target, const Place& place) {
        return detail::assign<std::string>(target, detail::read_text(value, place));
    }
    static Value write(const void* source) { return {*static_cast<const std::string*>(source)}; }
    static constexpr Type type() { return {.kind = Type::Kind::text, .name = "text", .read = &read, .write = &write}; }
};

template <>
struct Codec<std::filesystem::path> {
    static bool read(const Value& value, void* target, const Place& place) {
        return detail::assign<std::filesystem::path>(target, detail::read_path(value, place));
    }
    static Value write(const void* source) { return {static_cast<const std::filesystem::path*>(source)->string()}; }
    static constexpr Type type() { return {.kind = Type::Kind::text, .name = "path", .read = &read, .write = &write}; }
};

template <detail::Enumeration E>
struct Codec<E> {
    static bool read(const Value& value, void* target, const Place& place) {
        const std::optional<std::size_t> index = detail::read_choice(value, place, detail::enum_name_list<E>);
        if (index) *static_cast<E*>(target) = enum_names(E{})[*index].value;
        return index.has_value();
    }
    static Value write(const void* source) {
        for (const auto& [name, value] : enum_names(E{}))
            if (value == *static_cast<const E*>(source)) return {std::string{name}};
        return {std::string{}};
    }
    static std::string choices() { return detail::quoted_list(detail::enum_name_list<E>); }
    static constexpr Type type() {
        return {.kind = Type::Kind::text, .name = "one of", .choices = &choices, .read = &read, .write = &write};
    }
};

/// A list; a single value counts as a list of one.
template <class T>
struct Codec<std::vector<T>> {
    static bool read(const Value& value, void* target, const Place& place) {
        std::vector<T> items;
        bool good = true;
        const auto add = [&](const Value& item) {
            T one{};
            good = Codec<T>::read(item, &one, place) && good;
            items.push_back(std::move(one));
        };
        if (const Value::List* const list = value.list()) {
            for (const Value& item : *list) add(item);
        } else {
            add(value);
        }
        if (good) *static_cast<std::vector<T>*>(target) = std::move(items);
        return good;
    }
    static Value write(const void* source) {
        Value::List list;
        for (const T& item : *static_cast<const std::vector<T>*>(source)) list.push_back(Codec<T>::write(&item));
        return {std::move(list)};
    }
    static constexpr Type type() {
        return {.kind = Type::Kind::list, .name = "list", .element = &type_of<T>, .read = &read, .write = &write};
    }
};

/// A table whose keys are free.
template <class T>
struct Codec<std::map<std::string, T>> {
    using Map = std::map<std::string, T>;
    static bool read(const Value& value, void* target, const Place& place) {
        if (!detail::is_table(value, place)) return false;
        bool good = true;
        for (const auto& [name, item] : *value.table()) {
            const std::string key = place.key + "." + name;
            T one{};
            const bool read = Codec<T>::read(item, &one, {place.field, key, place.problems});
            if (read) (*static_cast<Map*>(target))[name] = std::move(one);
            good = read && good;
        }
        return good;
    }
    static Value write(const void* source) {
        Value::Table table;
        for (const auto& [name, item] : *static_cast<const Map*>(source)) table[name] = Codec<T>::write(&item);
        return {std::move(table)};
    }
    static constexpr Type type() {
        return {.kind = Type::Kind::map, .name = "table", .element = &type_of<T>, .read = &read, .write = &write};
    }
};

template <detail::Described S>
struct Codec<S> {
    static bool read(const Value& value, void* target, const Place& place) {
        return detail::read_table(value, target, place, schema_of<S>);
    }
    static Value write(const void* source) { return detail::write_table(source, schema_of<S>); }
    static constexpr Type type() {
        return {.kind = Type::Kind::table, .name = "table", .schema = &schema_of<S>, .read = &read, .write = &write};
    }
};

/// [[several tables]]; those that a file has replace the default ones.
template <detail::Described S>
struct Codec<std::vector<S>> {
    using List = std::vector<S>;
    static bool read(const Value& value, void* target, const Place& place) {
        if (!detail::is_list_of_tables(value, place)) return false;
        List items;
        bool good = true;
        for (const Value& item : *value.list()) {
            const std::string key = place.key + "[" + std::to_string(items.size()) + "]";
            good = detail::read_table(item, &items.emplace_back(), {place.field, key, place.problems}, schema_of<S>) &&
                   good;
        }
        *static_cast<List*>(target) = std::move(items);
        return good;
    }
    static Value write(const void* source) {
        Value::List list;
        for (const S& item : *static_cast<const List*>(source))
            list.push_back(detail::write_table(&item, schema_of<S>));
        return {std::move(list)};
    }
    static std::size_t size(const void* source) { return static_cast<const List*>(source)->size(); }
    static void* at(void* source, std::size_t index) { return &(*static_cast<List*>(source))[index]; }
    static constexpr Type type() {
        return {.kind = Type::Kind::tables,
                .name = "tables",
                .schema = &schema_of<S>,
                .read = &read,
                .write = &write,
                .size = &size,
                .at = &at};
    }
};

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
