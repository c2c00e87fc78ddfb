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

/// How values of each C++ type are read and written: durations of <chrono> as "10 s", ByteSize as "256 KiB",
/// enumerations by their names, lists, tables.
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

}  // namespace aldis::config
