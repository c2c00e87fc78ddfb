#include "config/environment.h"

#include <cctype>
#include <charconv>

#include "config/suggest.h"

namespace aldis::config {
namespace {

constexpr std::string_view prefix = "ALDIS";

/// What main reads itself, and what the development tools use.
bool is_no_setting(std::string_view name) { return name == "ALDIS_CONFIG" || name.starts_with("ALDIS_TEST_"); }

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// A variable is text; its field says what the text means. What does not fit stays text, for the reader to refuse.
Value parse(std::string_view text, const Type& type, const Origin& origin) {
    Value value{std::string{text}, origin};
    if (type.kind == Type::Kind::boolean) {
        if (text == "true" || text == "1") value.data = true;
        if (text == "false" || text == "0") value.data = false;
    } else if (type.kind == Type::Kind::integer) {
        std::int64_t number = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failed == std::errc{} && end == text.data() + text.size()) value.data = number;
    } else if (type.kind == Type::Kind::list) {
        Value::List list;
        for (std::string_view rest = text; !trimmed(rest).empty();) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            list.push_back(parse(trimmed(rest.substr(0, comma)), *type.element, origin));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        value.data = std::move(list);
    }
    return value;
}

/// One variable on its way down the schema. Nothing is changed before its whole name has been understood.
class Overlay {
public:
    Overlay(std::string_view name, const std::string& text, Problems& problems)
        : origin_{Origin::From::environment, std::string{name}}, text_{text}, problems_{problems} {}

    /// @param rest  the part of the name that is left: "LIMITS_DEPTH"
    bool into_table(Value& table, std::string_view rest, const Schema& schema, const void* defaults) {
        for (const Field& field : schema.fields)
            if (into_field(table, rest, field, defaults)) return true;
        return false;
    }

private:
    bool into_field(Value& table, std::string_view rest, const Field& field, const void* defaults) {
        const std::string name = variable_name({}, field.name);
        if (!rest.starts_with(name)) return false;
        rest.remove_prefix(name.size());
        const Type::Kind kind = field.type->kind;
        const bool leaf = kind != Type::Kind::table && kind != Type::Kind::tables && kind != Type::Kind::map;
        if (leaf && rest.empty()) return set(table, std::string{field.name}, *field.type);
        if (leaf || rest.size() < 2 || rest.front() != '_') return false;
        rest.remove_prefix(1);
        const void* const member = field.get(const_cast<void*>(defaults), field.name);  // NOLINT: only read
        if (kind == Type::Kind::table) return into_inner(table, rest, field, member);
        if (kind == Type::Kind::tables) return into_tables(table, rest, field, member);
        return into_map(table, rest, field);
    }

    bool set(Value& table, std::string key, const Type& type) {
        (*table.table())[std::move(key)] = parse(text_, type, origin_);
        return true;
    }

    bool into_inner(Value& table, std::string_view rest, const Field& field, const void* defaults) {
        Value inner = member_of(table, field.name, {Value::Table{}, origin_});
        if (inner.table() == nullptr || !into_table(inner, rest, *field.type->schema, defaults)) return false;
        (*table.table())[std::string{field.name}] = std::move(inner);
        return true;
    }

    bool into_map(Value& table, std::string_view rest, const Field& field) {
        Value inner = member_of(table, field.name, {Value::Table{}, origin_});
        std::string key{rest};
        for (char& letter : key) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        if (inner.table() == nullptr || !set(inner, std::move(key), *field.type->element)) return false;
        (*table.table())[std::string{field.name}] = std::move(inner);
        return true;
    }

    bool into_tables(Value& table, std::string_view rest, const Field& field, const void* defaults) {
        std::size_t index = 0;
        const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
        if (failed != std::errc{} || *end != '_') return false;
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);

        Value all = member_of(table, field.name, field.type->write(defaults));
        if (all.list() == nullptr) return false;
        Value::List& list = *all.list();
        if (index > list.size()) {
            problems_.error(origin_, std::string{field.name},
                            "there are " + std::to_string(list.size()) + " of them, counted from 0, so the next is " +
                                std::to_string(list.size()));
            return true;
        }
        if (index == list.size()) list.push_back({Value::Table{}, origin_});
        const std::shared_ptr<void> fresh = field.type->schema->make();
        if (list[index].table() == nullptr || !into_table(list[index], rest, *field.type->schema, fresh.get()))
            return false;
        (*table.table())[std::string{field.name}] = std::move(all);
        return true;
    }

    static Value member_of(const Value& table, std::string_view name, Value otherwise) {
        const auto found = table.table()->find(name);
        return found == table.table()->end() ? otherwise : found->second;
    }

    Origin origin_;
    const std::string& text_;
    Problems& problems_;
};

void collect_names(const Schema& schema, const std::string& start, std::vector<std::string>& names) {
    for (const Field& field : schema.fields) {
        const std::string name = variable_name(start, field.name);
        if (field.type->kind == Type::Kind::table) {
            collect_names(*field.type->schema, name, names);
        } else if (field.type->kind == Type::Kind::tables) {
            collect_names(*field.type->schema, name + "_0", names);
        } else {
            names.push_back(name);
        }
    }
}

void report_unknown(const std::string& name, const Schema& schema, Problems& problems) {
    std::vector<std::string> names;
    collect_names(schema, std::string{prefix}, names);
    const std::vector<std::string_view> views(names.begin(), names.end());
    problems.warn({Origin::From::environment, name}, {}, "no setting has this name, so it does nothing",
                  did_you_mean(name, views));
}

}  // namespace

std::string variable_name(std::string_view start, std::string_view key) {
    std::string name{start};
    if (!name.empty()) name += '_';
    for (const char letter : key)
        name += letter == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    return name;
}

void overlay_environment(Value& written, const Environment& environment, const Schema& schema, const void* defaults,
                         Problems& problems) {
    for (const auto& [name, text] : environment) {
        if (!name.starts_with("ALDIS_") || is_no_setting(name)) continue;
        Overlay overlay{name, text, problems};
        const std::string_view rest = std::string_view{name}.substr(prefix.size() + 1);
        if (!overlay.into_table(written, rest, schema, defaults)) report_unknown(name, schema, problems);
    }
}

}  // namespace aldis::config
