#include "config/reference.h"

#include "config/environment.h"
#include "config/text.h"
#include "config/whole.h"

namespace aldis::config {
namespace {

constexpr std::string_view introduction = R"(# Configuration

*Made by `aldis config reference`; a test compares the two. To change this page, change the descriptions in the code.*

Aldis reads one TOML file: the one that `--config` or `$ALDIS_CONFIG` names, else `./aldis.toml`, else
`/etc/aldis/aldis.toml`. Every key has a default, and an empty or absent file is a complete server for `localhost`.
`aldis config check` says what is wrong, with line and suggestion; `aldis config show` prints what is in force and
where each value comes from. A server does not start with a configuration that has an error.

Ways to write a value:

- durations in quotes with a unit: `"500 ms"`, `"15 s"`, `"5 min"`, `"2 h"`, `"30 d"`;
- sizes with a unit, `"256 KiB"`, `"4 MiB"`, or plain bytes, `4096`;
- paths in quotes; a relative one starts from the folder of the file;
- a list of one may be written without its brackets.

**Environment.** Each key can be set by a variable too, which wins over the file: `ALDIS_`, the table, the key, in
capitals with `_` between. Elements of a list are separated by commas. The tables of a list are counted from 0, as they
stand in the file or, if the file has none, in the defaults; the number after the last adds one. What a table of free
keys has is addressed by its key.

    ALDIS_LOG_LEVEL=debug                        [log] level = "debug"
    ALDIS_LOG_AREAS_AUTH=trace                   [log.areas] auth = "trace"
    ALDIS_AUTH_MECHANISMS=SCRAM-SHA-256,PLAIN    [auth] mechanisms = ["SCRAM-SHA-256", "PLAIN"]
    ALDIS_DOMAIN_0_NAME=example.org              the first [[domain]], name = "example.org"
    ALDIS_LISTENER_0_PORT=15222                  the first [[listener]], port = 15222

**Reload.** SIGHUP (`systemctl reload aldis`) reads the file again. Keys marked *reload* take effect at once, the
others at the next start. If the new file has an error the old settings stay.

A file for a small server:

```toml
[[domain]]
name = "example.org"
admins = "you@example.org"
certificate = "/etc/letsencrypt/live/example.org/fullchain.pem"
key = "/etc/letsencrypt/live/example.org/privkey.pem"
```
)";

std::string default_of(const Field& field, const void* member) {
    if (field.required) return "required";
    if (!field.default_text.empty()) return std::string{field.default_text};
    const Value value = field.type->write(member);
    const bool none =
        (value.table() != nullptr && value.table()->empty()) || (value.list() != nullptr && value.list()->empty());
    if (none || (value.text() != nullptr && value.text()->empty())) return "none";
    return "`" + toml_text(value) + "`";
}

void append_row(std::string& text, const Field& field, const void* member) {
    text += "| `" + std::string{field.name} + "` | " + type_text(field) + " | " + default_of(field, member) + " | " +
            std::string{field.doc} + (field.on_reload ? " *reload*" : "") + " |\n";
}

bool is_inner(const Field& field) {
    return field.type->kind == Type::Kind::table || field.type->kind == Type::Kind::tables;
}

void append_table(std::string& text, const Field& field, const std::string& path);

void append_keys(std::string& text, const Schema& schema, const std::string& path) {
    const std::shared_ptr<void> defaults = schema.make == nullptr ? nullptr : schema.make();
    text += "\n| Key | Value | Default | Meaning |\n|---|---|---|---|\n";
    for (const Field& field : schema.fields)
        if (!is_inner(field)) append_row(text, field, field.get(defaults.get(), field.name));
    for (const Field& field : schema.fields)
        if (is_inner(field)) append_table(text, field, path);
}

void append_table(std::string& text, const Field& field, const std::string& path) {
    const std::string name = path.empty() ? std::string{field.name} : path + "." + std::string{field.name};
    const bool several = field.type->kind == Type::Kind::tables;
    text += "\n## " + std::string{several ? "[[" : "["} + name + (several ? "]]" : "]") + "\n\n" +
            std::string{field.doc} + "\n";
    if (!field.type->schema->fields.empty()) append_keys(text, *field.type->schema, name);
}

}  // namespace

std::string reference(std::span<const ModuleSchema> modules) {
    const Whole whole{modules};
    std::string text{introduction};
    for (const Field& field : whole.schema().fields) append_table(text, field, {});
    return text;
}

}  // namespace aldis::config
