#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace aldis::config {

/// Where a value was written.
struct Origin {
    enum class From : std::uint8_t { built_in, file, environment };

    From from = From::built_in;
    std::string where = {};  ///< path of the file, or name of the variable
    int line = 0;            ///< counted from 1; 0: not in a file
};

/// A value as it was written, before anybody checked it: what TOML and the environment have in common.
struct Value {
    using List = std::vector<Value>;
    using Table = std::map<std::string, Value, std::less<>>;

    std::variant<std::string, bool, std::int64_t, double, List, Table> data;
    Origin origin = {};

    [[nodiscard]] const Table* table() const { return std::get_if<Table>(&data); }
    [[nodiscard]] Table* table() { return std::get_if<Table>(&data); }
    [[nodiscard]] const List* list() const { return std::get_if<List>(&data); }
    [[nodiscard]] List* list() { return std::get_if<List>(&data); }
    [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&data); }
};

}  // namespace aldis::config
