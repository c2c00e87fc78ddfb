// How one value is read and checked: the part of fields.h that needs no templates.
#include <unistd.h>

#include <limits>

#include "config/fields.h"
#include "config/suggest.h"
#include "config/units.h"

namespace aldis::config::detail {
namespace {

std::string_view kind_of(const Value& value) {
    constexpr std::array<std::string_view, 6> names = {"text",       "true or false", "an integer",
                                                       "a fraction", "a list",        "a table"};
    return names[value.data.index()];
}

void wrong_type(const Value& value, const Place& place, std::string_view wanted, std::string hint) {
    std::string what = "must be " + std::string{wanted};
    if (value.origin.from == Origin::From::file) what += ", not " + std::string{kind_of(value)};
    place.problems.error(value.origin, place.key, std::move(what), std::move(hint));
}

std::optional<std::string> out_of_range(std::int64_t value, std::optional<std::int64_t> least,
                                        std::optional<std::int64_t> most,
                                        const std::function<std::string(std::int64_t)>& shown) {
    if ((!least || value >= *least) && (!most || value <= *most)) return std::nullopt;
    if (least && most) return "must be between " + shown(*least) + " and " + shown(*most);
    if (least) return "must be at least " + shown(*least);
    return "must be at most " + shown(*most);
}

/// The range of the field, within that of the type.
std::optional<std::int64_t> in_range(std::int64_t number, const Value& value, const Place& place,
                                     const std::function<std::string(std::int64_t)>& shown) {
    std::optional<std::string> what = out_of_range(number, place.field.least, place.field.most, shown);
    if (!what) return number;
    place.problems.error(value.origin, place.key, std::move(*what), "it is " + shown(number));
    return std::nullopt;
}

std::optional<std::string> bad_text(std::string& text, const Place& place, std::string& hint) {
    if (!place.field.one_of.empty() && std::ranges::find(place.field.one_of, text) == place.field.one_of.end()) {
        hint = did_you_mean(text, place.field.one_of);
        return "must be one of " + quoted_list(place.field.one_of);
    }
    return place.field.check == nullptr ? std::nullopt : place.field.check(text);
}

}  // namespace

std::optional<bool> read_bool(const Value& value, const Place& place) {
    if (const bool* const plain = std::get_if<bool>(&value.data)) return *plain;
    wrong_type(value, place, "true or false", value.text() == nullptr ? "" : "write it without quotes");
    return std::nullopt;
}

std::optional<std::int64_t> read_integer(const Value& value, const Place& place, std::int64_t least,
                                         std::int64_t most) {
    const auto* const number = std::get_if<std::int64_t>(&value.data);
    if (number == nullptr) {
        wrong_type(value, place, "an integer", value.text() == nullptr ? "" : "write it without quotes");
        return std::nullopt;
    }
    if (!in_range(*number, value, place, integer_amount)) return std::nullopt;
    std::optional<std::string> what = out_of_range(*number, least, most, integer_amount);
    if (!what) return *number;
    place.problems.error(value.origin, place.key, std::move(*what), "it is " + std::to_string(*number));
    return std::nullopt;
}

std::optional<std::int64_t> read_bytes(const Value& value, const Place& place) {
    std::optional<std::int64_t> bytes;
    if (const auto* const number = std::get_if<std::int64_t>(&value.data); number != nullptr && *number >= 0)
        bytes = *number;
    if (const std::string* const text = value.text()) bytes = parse_bytes(*text);
    if (bytes) return in_range(*bytes, value, place, bytes_amount);
    wrong_type(value, place, "a size such as \"256 KiB\"", "units are B, KiB, MiB, GiB");
    return std::nullopt;
}

std::optional<std::int64_t> read_duration(const Value& value, const Place& place, std::int64_t unit_ns,
                                          std::int64_t most) {
    const auto shown = [&](std::int64_t count) { return duration_text(count * unit_ns); };
    std::optional<std::int64_t> duration;
    if (const auto* const number = std::get_if<std::int64_t>(&value.data); number != nullptr && *number == 0)
        duration = 0;
    if (const std::string* const text = value.text()) duration = parse_duration(*text);
    if (!duration) {
        wrong_type(value, place, "a duration such as \"10 s\"", "units are ms, s, min, h, d");
        return std::nullopt;
    }
    if (*duration % unit_ns != 0) {
        place.problems.error(value.origin, place.key, "must be a multiple of " + duration_text(unit_ns));
        return std::nullopt;
    }
    if (!in_range(*duration / unit_ns, value, place, shown)) return std::nullopt;
    if (*duration / unit_ns <= most) return *duration / unit_ns;
    place.problems.error(value.origin, place.key, "must be at most " + shown(most));
    return std::nullopt;
}

std::optional<std::string> read_text(const Value& value, const Place& place) {
    if (value.text() == nullptr) {
        wrong_type(value, place, "text in quotes", {});
        return std::nullopt;
    }
    std::string text = *value.text();
    std::string hint;
    std::optional<std::string> what = bad_text(text, place, hint);
    if (!what) return text;
    place.problems.error(value.origin, place.key, std::move(*what), std::move(hint));
    return std::nullopt;
}

std::optional<std::filesystem::path> read_path(const Value& value, const Place& place) {
    const std::optional<std::string> text = read_text(value, place);
    if (!text) return std::nullopt;
    std::filesystem::path path{*text};
    if (path.empty()) return path;
    // What a file names is relative to that file; what a variable names, to where the process was started.
    if (value.origin.from == Origin::From::file && path.is_relative())
        path = std::filesystem::path{value.origin.where}.parent_path() / path;
    path = path.lexically_normal();
    if (!place.field.readable_file || ::access(path.c_str(), R_OK) == 0) return path;
    place.problems.error(value.origin, place.key,
                         "cannot read " + path.string() + ": " + std::generic_category().message(errno),
                         errno == ENOENT ? "leave the key out to use the default" : "check its owner and mode");
    return std::nullopt;
}

std::optional<std::size_t> read_choice(const Value& value, const Place& place,
                                       std::span<const std::string_view> names) {
    const std::string* const text = value.text();
    if (text != nullptr) {
        const auto found = std::ranges::find(names, *text);
        if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    }
    place.problems.error(value.origin, place.key, "must be one of " + quoted_list(names),
                         text == nullptr ? std::string{} : did_you_mean(*text, names));
    return std::nullopt;
}

bool is_table(const Value& value, const Place& place) {
    if (value.table() == nullptr) wrong_type(value, place, "a table", "write [" + place.key + "] on a line of its own");
    return value.table() != nullptr;
}

bool is_list_of_tables(const Value& value, const Place& place) {
    const bool good = value.list() != nullptr &&
                      std::ranges::all_of(*value.list(), [](const Value& item) { return item.table() != nullptr; });
    if (!good) wrong_type(value, place, "tables", "write [[" + place.key + "]] before each");
    return good;
}

namespace {

void report_unknown_keys(const Value& value, const Place& place, const Schema& schema) {
    std::vector<std::string_view> names;
    for (const Field& field : schema.fields) names.push_back(field.name);
    for (const auto& [name, item] : *value.table()) {
        if (std::ranges::find(names, name) != names.end()) continue;
        std::string hint = did_you_mean(name, names);
        if (hint.empty() && !names.empty() && names.size() <= 20) hint = "there are " + quoted_list(names);
        if (names.empty()) hint = "nothing can be set here";
        place.problems.error(item.origin, place.key.empty() ? name : place.key + "." + name,
                             item.table() == nullptr ? "unknown key" : "unknown table", std::move(hint));
    }
}

bool read_field(const Value& value, void* target, const Place& place) {
    const Type& type = *place.field.type;
    if (type.kind == Type::Kind::table) return read_table(value, target, place, *type.schema);
    return type.read(value, target, place);
}

}  // namespace

bool read_table(const Value& value, void* target, const Place& place, const Schema& schema) {
    if (!is_table(value, place)) return false;
    report_unknown_keys(value, place, schema);
    bool good = true;
    for (const Field& field : schema.fields) {
        const std::string key = place.key.empty() ? std::string{field.name} : place.key + "." + std::string{field.name};
        const auto found = value.table()->find(field.name);
        if (found != value.table()->end()) {
            good = read_field(found->second, field.get(target, field.name), {field, key, place.problems}) && good;
        } else if (field.required) {
            place.problems.error(value.origin, key, "is missing");
            good = false;
        }
    }
    return good;
}

std::string integer_amount(std::int64_t number) { return std::to_string(number); }

std::string bytes_amount(std::int64_t bytes) { return bytes_text(static_cast<std::uint64_t>(bytes)); }

Value write_bytes(std::uint64_t bytes) { return {bytes_text(bytes)}; }

Value write_duration(std::int64_t count, std::int64_t unit_ns) { return {duration_text(count * unit_ns)}; }

Value write_table(const void* source, const Schema& schema) {
    Value::Table table;
    for (const Field& field : schema.fields) {
        // A getter serves readers and writers; nothing is changed through it here.
        const void* const member = field.get(const_cast<void*>(source), field.name);  // NOLINT
        const bool inner = field.type->kind == Type::Kind::table;
        table[std::string{field.name}] = inner ? write_table(member, *field.type->schema) : field.type->write(member);
    }
    return {std::move(table)};
}

std::string quoted_list(std::span<const std::string_view> names) {
    std::string list;
    for (const std::string_view name : names) list += (list.empty() ? "\"" : ", \"") + std::string{name} + "\"";
    return list;
}

}  // namespace aldis::config::detail
