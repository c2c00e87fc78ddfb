#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.h"

namespace aldis::config {

struct Field;
struct Schema;

/// One thing that is wrong, or odd, in a configuration: where, what, and what would be right.
struct Problem {
    enum class Severity : std::uint8_t { error, warning };

    Severity severity = Severity::error;
    Origin origin = {};
    std::string key = {};
    std::string what = {};
    std::string hint = {};

    /// "aldis.toml:3: limits.depth: must be at least 1; ..."
    [[nodiscard]] std::string text() const;
};

/// Collects every problem, so that an operator sees all of them at once.
class Problems {
public:
    void error(const Origin& origin, std::string key, std::string what, std::string hint = {});
    void warn(const Origin& origin, std::string key, std::string what, std::string hint = {});

    [[nodiscard]] bool fatal() const { return fatal_; }
    /// In the order of the file, the environment's last.
    [[nodiscard]] const std::vector<Problem>& sorted() const { return all_; }

private:
    void add(Problem problem);

    std::vector<Problem> all_;
    bool fatal_ = false;
};

/// The value that is being read: its field's rules, its full key, and where problems go.
struct Place {
    const Field& field;
    const std::string& key;
    Problems& problems;
};

/// How one C++ type is read and written.
struct Type {
    enum class Kind : std::uint8_t { boolean, integer, text, list, map, table, tables };

    Kind kind;
    std::string_view name;                          ///< for people: "integer", "duration"
    const Type* element = nullptr;                  ///< of a list or a map
    const Schema* schema = nullptr;                 ///< of a table or of each of several
    std::string (*amount)(std::int64_t) = nullptr;  ///< a bound of a field of this type, as people write it
    std::string (*choices)() = nullptr;             ///< an enumeration's names: `"text", "json"`
    bool (*read)(const Value& value, void* target, const Place& place) = nullptr;
    Value (*write)(const void* source) = nullptr;

    // Several tables only.
    std::size_t (*size)(const void* source) = nullptr;
    void* (*at)(void* source, std::size_t index) = nullptr;
};

/// Says what is wrong with a text, or nothing; may bring it into its usual form.
using TextCheck = std::optional<std::string> (*)(std::string& value);

/// One key: its name, its type, its rules, and the line that docs/configuration.md has about it.
struct Field {
    std::string_view name;
    const Type* type = nullptr;
    void* (*get)(void* object, std::string_view name) = nullptr;

    std::string_view doc = {};
    std::string_view default_text = {};  ///< where the default is no constant
    std::optional<std::int64_t> least = {};
    std::optional<std::int64_t> most = {};
    std::span<const std::string_view> one_of = {};
    TextCheck check = nullptr;
    bool required = false;
    bool secret = false;
    bool readable_file = false;
    bool on_reload = false;
};

/// A struct of settings, its type erased: what a module hands over so that its table is checked and documented.
/// Two schemas are of one struct if they have one address (see schema_of).
struct Schema {
    std::span<const Field> fields;
    std::shared_ptr<void> (*make)() = nullptr;  ///< the struct with its defaults
};

/// The table `[modules.NAME]`.
struct ModuleSchema {
    std::string_view name;
    std::string_view doc;
    const Schema* schema = nullptr;  ///< nothing to set if null
};

}  // namespace aldis::config
