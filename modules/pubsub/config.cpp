#include "modules/pubsub/config.h"

#include <algorithm>

#include "db/text_list.h"
#include "modules/pubsub/errors.h"

namespace aldis::modules::pubsub {
namespace {

namespace forms = xep::dataforms;
using xep::pubsub::AccessModel;

constexpr std::string_view options_type = "http://jabber.org/protocol/pubsub#publish-options";
constexpr std::size_t longest_config = 4 << 10;  // bytes; all nodes in use are in memory

bool needs_presence(AccessModel model) { return model == AccessModel::presence || model == AccessModel::roster; }

bool known_access(std::string_view text, Kind kind) {
    const std::optional<AccessModel> model = xml::Codec<AccessModel>::parse(text);
    return model && (kind == Kind::personal || !needs_presence(*model));
}

/// What is wrong with a value in a way that has an error of its own.
Result<void> check_values(const Form& form, Kind kind) {
    for (const forms::Field& field : form.fields) {
        if (field.values.empty()) continue;
        if (field.var == "pubsub#access_model" && !known_access(field.value(), kind))
            return std::unexpected{errors::unsupported_access};
        if (field.var == "pubsub#node_type" && field.value() != "leaf")
            return std::unexpected{errors::unsupported("collections")};
    }
    return {};
}

Result<NodeConfig> read(const Form& form, forms::Unknown unknown, NodeConfig current, Kind kind) {
    if (Result<void> good = check_values(form, kind); !good) return std::unexpected{good.error()};
    Result<NodeConfig> config = forms::read(form, unknown, std::move(current));
    if (config && encode(*config).size() > longest_config) return std::unexpected{errors::not_acceptable};
    return config;
}

/// The same fields as a form of the configuration.
Result<Form> as_config(Form options) {
    if (options.kind != forms::Kind::submit || options.form_type() != options_type)
        return std::unexpected{errors::bad_request};
    for (forms::Field& field : options.fields)
        if (field.var == "FORM_TYPE") field.values = {std::string{NodeConfig::form.type}};
    return options;
}

void leave_only(forms::Field& field, Kind kind) {
    if (field.var == "pubsub#access_model")
        std::erase_if(field.options, [&](const forms::Option& option) { return !known_access(option.value, kind); });
}

}  // namespace

NodeConfig default_config(Kind kind) {
    NodeConfig config;
    config.notify_delete = true;  // "Delete a Node": they must be told
    if (kind == Kind::service) return config;
    // XEP-0163 "Recommended Defaults".
    config.access_model = AccessModel::presence;
    config.send_last = xep::pubsub::SendLast::on_sub_and_presence;
    config.max_items = {1};
    config.notify_retract = true;
    return config;
}

Form config_form(const NodeConfig& config, Kind kind, forms::Kind form) {
    Form made = forms::filled(config, form);
    for (forms::Field& field : made.fields) leave_only(field, kind);
    if (kind == Kind::service)
        std::erase_if(made.fields,
                      [](const forms::Field& field) { return field.var == "pubsub#roster_groups_allowed"; });
    return made;
}

Result<NodeConfig> configured(const Form& form, NodeConfig current, Kind kind) {
    return read(form, forms::Unknown::ignored, std::move(current), kind);
}

Result<void> check_preconditions(const Form& options, const NodeConfig& config, Kind kind) {
    const Result<Form> form = as_config(options);
    if (!form) return std::unexpected{form.error()};
    const Result<NodeConfig> wanted = read(*form, forms::Unknown::refused, config, kind);
    if (!wanted) return std::unexpected{wanted.error()};
    return *wanted == config ? Result<void>{} : std::unexpected{errors::precondition};
}

Result<NodeConfig> config_of_options(const Form& options, NodeConfig usual, Kind kind) {
    const Result<Form> form = as_config(options);
    if (!form) return std::unexpected{form.error()};
    return read(*form, forms::Unknown::refused, std::move(usual), kind);
}

Form options_form(const std::vector<std::pair<std::string, std::string>>& options) {
    Form form{.kind = forms::Kind::submit, .fields = {forms::detail::form_type_field(options_type)}};
    for (const auto& [name, value] : options) {
        const std::string var = "pubsub#" + name;
        const auto there = std::ranges::find(form.fields, var, &forms::Field::var);
        if (there != form.fields.end()) {
            there->values.push_back(value);
        } else {
            form.fields.push_back({.var = var, .values = {value}});
        }
    }
    return form;
}

std::string encode(const NodeConfig& config) {
    std::vector<std::string> texts;
    for (const forms::Field& field : forms::filled(config, forms::Kind::submit).fields) {
        if (field.var == "FORM_TYPE") continue;
        for (const std::string& value : field.values) {
            texts.push_back(field.var->substr(std::string_view{"pubsub#"}.size()));
            texts.push_back(value);
        }
    }
    return db::join_texts(texts);
}

NodeConfig decode(std::string_view text) {
    std::vector<std::string> texts = db::split_texts(text);
    std::vector<std::pair<std::string, std::string>> options;
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2)
        options.emplace_back(std::move(texts[i]), std::move(texts[i + 1]));
    Form form = options_form(options);
    form.fields.front().values = {std::string{NodeConfig::form.type}};
    return forms::read<NodeConfig>(form).value_or(NodeConfig{});
}

std::size_t items_kept(const NodeConfig& config, std::size_t most) {
    if (!config.persist_items) return 0;
    return std::clamp<std::size_t>(config.max_items.number.value_or(most), 1, most);
}

}  // namespace aldis::modules::pubsub
