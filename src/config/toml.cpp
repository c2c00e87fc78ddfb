#include "config/toml.h"

#include <sstream>
#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>

namespace aldis::config {
namespace {

Value convert(const toml::node& node, const std::string& path);

Value::Table convert_table(const toml::table& table, const std::string& path) {
    Value::Table result;
    for (const auto& [key, node] : table) result.emplace(key.str(), convert(node, path));
    return result;
}

Value::List convert_list(const toml::array& array, const std::string& path) {
    Value::List result;
    for (const toml::node& node : array) result.push_back(convert(node, path));
    return result;
}

Value convert(const toml::node& node, const std::string& path) {
    Value result;
    result.origin = {Origin::From::file, path, static_cast<int>(node.source().begin.line)};
    if (const auto* const table = node.as_table()) {
        result.data = convert_table(*table, path);
    } else if (const auto* const array = node.as_array()) {
        result.data = convert_list(*array, path);
    } else if (const auto* const text = node.as_string()) {
        result.data = text->get();
    } else if (const auto* const integer = node.as_integer()) {
        result.data = integer->get();
    } else if (const auto* const real = node.as_floating_point()) {
        result.data = real->get();
    } else if (const auto* const boolean = node.as_boolean()) {
        result.data = boolean->get();
    } else {
        std::ostringstream date;  // no setting is a date: its reader will say so
        node.visit([&](const auto& value) {
            if constexpr (toml::is_date<decltype(value)> || toml::is_time<decltype(value)> ||
                          toml::is_date_time<decltype(value)>)
                date << value;
        });
        result.data = date.str();
    }
    return result;
}

}  // namespace

Value parse_toml(std::string_view text, const std::string& path, Problems& problems) {
    try {
        return convert(toml::parse(text, path), path);
    } catch (const toml::parse_error& error) {
        const Origin origin{Origin::From::file, path, static_cast<int>(error.source().begin.line)};
        problems.error(origin, {}, "this is not TOML: " + std::string{error.description()});
        return {Value::Table{}, {Origin::From::file, path, 1}};
    }
}

}  // namespace aldis::config
