#pragma once

#include "config/config.h"

namespace aldis::config {

/// The schema of a whole file: that of Config, and a table for each module. Lives as long as what was made from it.
class Whole {
public:
    explicit Whole(std::span<const ModuleSchema> modules);
    Whole(const Whole&) = delete;
    Whole& operator=(const Whole&) = delete;
    ~Whole() = default;

    [[nodiscard]] const Schema& schema() const { return schema_; }
    /// The defaults, with room for every module.
    [[nodiscard]] Config make() const;

private:
    std::span<const ModuleSchema> modules_;
    std::vector<std::string_view> module_names_;
    std::vector<Type> module_types_;
    std::vector<Field> module_fields_;
    Schema modules_schema_;
    Type modules_type_;
    std::vector<Field> fields_;
    Schema schema_;
};

}  // namespace aldis::config
