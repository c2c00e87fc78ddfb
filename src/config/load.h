#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"

namespace aldis::config {

using Environment = std::map<std::string, std::string>;

/// Where a configuration comes from.
struct Source {
    std::optional<std::filesystem::path> file = {};  ///< none: the defaults
    std::optional<std::string> text = {};            ///< instead of what is in the file; for tests
    Environment environment = {};                    ///< only what starts with ALDIS_ counts
    std::span<const ModuleSchema> modules = {};
};

struct Loaded {
    Config config;
    Value written;  ///< what was set, with its origin; the rest is default
    std::vector<Problem> problems;

    /// Warnings may remain.
    [[nodiscard]] bool good() const;
};

/// Reads, checks and completes a configuration. Collects every problem; never throws for what an operator wrote.
[[nodiscard]] Loaded load(const Source& source);

/// This process's environment.
[[nodiscard]] Environment current_environment();

/// Where to look when nobody names a file: ./aldis.toml, then /etc/aldis/aldis.toml.
[[nodiscard]] std::optional<std::filesystem::path> default_file();

/// What load() puts where the file says nothing: /var/lib/aldis if it exists and can be written (or, for root, be
/// made), else $XDG_DATA_HOME/aldis or ~/.local/share/aldis.
[[nodiscard]] std::filesystem::path default_data_dir();

}  // namespace aldis::config
