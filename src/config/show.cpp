#include "config/show.h"

#include "config/text.h"
#include "config/whole.h"

namespace aldis::config {
namespace {

constexpr std::string_view hidden = "(hidden)";

std::string origin_text(const Value* written) {
    const Origin origin = written == nullptr ? Origin{} : written->origin;
    switch (origin.from) {
        case Origin::From::file: return origin.where + ":" + std::to_string(origin.line);
        case Origin::From::environment: return origin.where;
        case Origin::From::built_in: break;
    }
    return "default";
}

const Value* inside(const Value* written, std::string_view key) {
    if (written == nullptr || written->table() == nullptr) return nullptr;
    const auto found = written->table()->find(key);
    return found == written->table()->end() ? nullptr : &found->second;
}

const Value* inside(const Value* written, std::size_t index) {
    const bool there = written != nullptr && written->list() != nullptr && index < written->list()->size();
    return there ? &(*written->list())[index] : nullptr;
}

/// Takes secrets out of a value that is to be shown.
Value shown(const Field& field, const void* member) {
    Value value = field.type->write(member);
    if (field.secret && value.text() != nullptr && !value.text()->empty()) value.data = std::string{hidden};
    return value;
}

class TomlShow {
public:
    std::string text;

    /// Plain keys come before tables, or TOML would take them for keys of the last table.
    void table(const Schema& schema, void* object, const Value* written, const std::string& path) {
        for (const Field& field : schema.fields)
            if (is_plain(field)) line(field, field.get(object, field.name), inside(written, field.name));
        for (const Field& field : schema.fields)
            if (!is_plain(field)) inner(field, field.get(object, field.name), inside(written, field.name), path);
    }

private:
    static bool is_plain(const Field& field) {
        const Type::Kind kind = field.type->kind;
        return kind != Type::Kind::table && kind != Type::Kind::tables && kind != Type::Kind::map;
    }

    void line(std::string_view key, const Value& value, const Value* written) {
        text += toml_key(key) + " = " + toml_text(value) + "  # " + origin_text(written) + "\n";
    }
    void line(const Field& field, const void* member, const Value* written) {
        line(field.name, shown(field, member), written);
    }

    void inner(const Field& field, void* member, const Value* written, const std::string& path) {
        const std::string name = path.empty() ? toml_key(field.name) : path + "." + toml_key(field.name);
        const Type& type = *field.type;
        if (type.kind == Type::Kind::tables) return tables(type, member, written, name);
        if (type.kind == Type::Kind::map) return map(type, member, written, name);
        if (type.schema->fields.empty()) return;
        text += "\n[" + name + "]\n";
        table(*type.schema, member, written, name);
    }

    void tables(const Type& type, void* member, const Value* written, const std::string& name) {
        for (std::size_t i = 0; i < type.size(member); ++i) {
            text += "\n[[" + name + "]]\n";
            table(*type.schema, type.at(member, i), inside(written, i), name);
        }
    }

    void map(const Type& type, const void* member, const Value* written, const std::string& name) {
        const Value value = type.write(member);
        if (value.table()->empty()) return;
        text += "\n[" + name + "]\n";
        for (const auto& [key, item] : *value.table()) line(key, item, inside(written, key));
    }
};

Value visible(const Schema& schema, void* object);

Value visible(const Field& field, void* member) {
    const Type& type = *field.type;
    if (type.kind == Type::Kind::table) return visible(*type.schema, member);
    if (type.kind != Type::Kind::tables) return shown(field, member);
    Value::List list;
    for (std::size_t i = 0; i < type.size(member); ++i) list.push_back(visible(*type.schema, type.at(member, i)));
    return {std::move(list)};
}

Value visible(const Schema& schema, void* object) {
    Value::Table table;
    for (const Field& field : schema.fields)
        table[std::string{field.name}] = visible(field, field.get(object, field.name));
    return {std::move(table)};
}

}  // namespace

std::string show_toml(const Loaded& loaded, std::span<const ModuleSchema> modules) {
    const Whole whole{modules};
    Config config = loaded.config;
    TomlShow show;
    show.table(whole.schema(), &config, &loaded.written, {});
    return show.text.substr(show.text.starts_with('\n') ? 1 : 0);
}

std::string show_json(const Loaded& loaded, std::span<const ModuleSchema> modules) {
    const Whole whole{modules};
    Config config = loaded.config;
    return json_text(visible(whole.schema(), &config)) + "\n";
}

}  // namespace aldis::config
