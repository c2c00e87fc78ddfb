#include "config/whole.h"

namespace aldis::config {
namespace {

constexpr Schema nothing{};

Type table_of(const Schema& schema) { return {.kind = Type::Kind::table, .name = "table", .schema = &schema}; }

void* module_slot(void* modules, std::string_view name) { return static_cast<Modules*>(modules)->slot(name); }
void* disabled_list(void* modules, std::string_view) { return &static_cast<Modules*>(modules)->disabled; }
void* modules_of(void* config, std::string_view) { return &static_cast<Config*>(config)->modules; }

}  // namespace

Whole::Whole(std::span<const ModuleSchema> modules) : modules_{modules} {
    module_types_.reserve(modules.size());  // the fields point into it
    for (const ModuleSchema& module : modules) {
        module_names_.push_back(module.name);
        module_types_.push_back(table_of(module.schema == nullptr ? nothing : *module.schema));
        module_fields_.push_back(
            {.name = module.name, .type = &module_types_.back(), .get = module_slot, .doc = module.doc});
    }
    module_fields_.insert(module_fields_.begin(), {.name = "disabled",
                                                   .type = &type_of<std::vector<std::string>>,
                                                   .get = disabled_list,
                                                   .doc = "Names of modules that are not to run; all others do.",
                                                   .one_of = module_names_});
    modules_schema_ = {.fields = module_fields_,
                       .make = [] { return std::shared_ptr<void>{std::make_shared<Modules>()}; }};
    modules_type_ = table_of(modules_schema_);

    fields_.assign(Config::fields.begin(), Config::fields.end());
    fields_.push_back({.name = "modules",
                       .type = &modules_type_,
                       .get = modules_of,
                       .doc = "What the server can do, one table for each."});
    schema_.fields = fields_;
}

Config Whole::make() const {
    Config config;
    for (const ModuleSchema& module : modules_) config.modules.add(module);
    return config;
}

}  // namespace aldis::config
