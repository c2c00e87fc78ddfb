#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aldis::xml {

/// How a type reads and writes as the text of an attribute or an element. Specialise `parse` (nothing where the text is
/// malformed) and `format`.
template <class T>
struct Codec;

template <>
struct Codec<std::string> {
    static std::optional<std::string> parse(std::string_view text) { return std::string{text}; }
    static std::string format(const std::string& value) { return value; }
};

/// White space around a value is not part of it (XML Schema: whiteSpace collapse).
[[nodiscard]] constexpr std::string_view trim(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

template <>
struct Codec<bool> {  // xs:boolean
    static std::optional<bool> parse(std::string_view text) {
        text = trim(text);
        if (text == "true" || text == "1") return true;
        if (text == "false" || text == "0") return false;
        return std::nullopt;
    }
    static std::string format(bool value) { return value ? "true" : "false"; }
};

template <std::integral T>
struct Codec<T> {
    static std::optional<T> parse(std::string_view text) {
        text = trim(text);
        if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
        T value{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
        return value;
    }
    static std::string format(T value) { return std::to_string(value); }
};

/// Specialise with `static constexpr std::array values{std::pair{E::a, std::string_view{"a"}}, ...}` and, where what is
/// not understood counts as something, `static constexpr E otherwise`.
template <class E>
struct EnumNames;

template <class E>
    requires std::is_enum_v<E>
struct Codec<E> {
    static std::optional<E> parse(std::string_view text) {
        for (const auto& [value, name] : EnumNames<E>::values)
            if (name == text) return value;
        if constexpr (requires { EnumNames<E>::otherwise; }) return EnumNames<E>::otherwise;
        return std::nullopt;
    }
    static std::string format(E value) {
        for (const auto& [known, name] : EnumNames<E>::values)
            if (known == value) return std::string{name};
        return {};
    }
};

}  // namespace aldis::xml
