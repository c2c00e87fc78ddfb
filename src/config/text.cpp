#include "config/text.h"

#include <charconv>

#include "base/log_text.h"

namespace aldis::config {
namespace {

std::string quoted(std::string_view text) {
    std::string result;
    aldis::detail::append_json_string(result, text);  // TOML's basic strings have JSON's escapes
    return result;
}

std::string number(double value) {
    std::array<char, 32> digits{};
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

using ItemText = std::string (*)(const Value&);

std::string list_text(const Value::List& list, ItemText item_text) {
    std::string result = "[";
    for (const Value& item : list) result += (result.size() == 1 ? "" : ", ") + item_text(item);
    return result + "]";
}

/// @param between  what stands between key and value: ": " or " = "
std::string table_text(const Value::Table& table, std::string_view between, ItemText item_text) {
    std::string result = "{";
    for (const auto& [key, item] : table)
        result += (result.size() == 1 ? "" : ", ") + quoted(key) + std::string{between} + item_text(item);
    return result + "}";
}

std::string text_of(const Value& value, std::string_view between, ItemText item_text) {
    if (const std::string* const text = value.text()) return quoted(*text);
    if (const bool* const yes = std::get_if<bool>(&value.data)) return *yes ? "true" : "false";
    if (const auto* const whole = std::get_if<std::int64_t>(&value.data)) return std::to_string(*whole);
    if (const double* const real = std::get_if<double>(&value.data)) return number(*real);
    if (const Value::List* const list = value.list()) return list_text(*list, item_text);
    return table_text(*value.table(), between, item_text);
}

std::string range_text(const Field& field, const Type& type) {
    if (type.amount == nullptr) return {};
    if (field.least && field.most) return ", " + type.amount(*field.least) + " to " + type.amount(*field.most);
    if (field.least) return ", at least " + type.amount(*field.least);
    if (field.most) return ", at most " + type.amount(*field.most);
    return {};
}

std::string scalar_text(const Field& field, const Type& type) {
    if (!field.one_of.empty()) {
        std::string names;
        for (const std::string_view name : field.one_of) names += (names.empty() ? "" : ", ") + quoted(name);
        return names;
    }
    if (type.choices != nullptr) return type.choices();
    return std::string{type.name} + range_text(field, type);
}

}  // namespace

std::string toml_text(const Value& value) { return text_of(value, " = ", toml_text); }

std::string json_text(const Value& value) { return text_of(value, ": ", json_text); }

std::string toml_key(std::string_view key) {
    const bool bare = !key.empty() && std::ranges::all_of(key, [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '_' || letter == '-';
    });
    return bare ? std::string{key} : quoted(key);
}

std::string type_text(const Field& field) {
    const Type& type = *field.type;
    if (type.kind == Type::Kind::list) return "list of " + scalar_text(field, *type.element);
    if (type.kind == Type::Kind::map) return "table of " + scalar_text(field, *type.element);
    return scalar_text(field, type);
}

}  // namespace aldis::config
