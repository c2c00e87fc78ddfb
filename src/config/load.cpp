#include "config/load.h"

#include <unistd.h>

#include <fstream>
#include <sstream>

#include "config/complete.h"
#include "config/environment.h"
#include "config/toml.h"
#include "config/whole.h"

extern char** environ;  // NOLINT: POSIX

namespace aldis::config {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view variable_prefix = "ALDIS_";

std::optional<std::string> read_file(const fs::path& path, Problems& problems) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    errno = 0;
    if (!fs::is_directory(path) && file && (file.peek() == std::ifstream::traits_type::eof() || text << file.rdbuf()))
        return std::move(text).str();
    const int reason = fs::is_directory(path) ? EISDIR : errno;
    problems.error({Origin::From::file, path.string()}, {},
                   "cannot be read: " + std::generic_category().message(reason));
    return std::nullopt;
}

Value written_in(const Source& source, Problems& problems) {
    const std::string path = source.file ? source.file->string() : "aldis.toml";
    const Value empty{Value::Table{}, {Origin::From::built_in}};
    if (source.text) return parse_toml(*source.text, path, problems);
    if (!source.file) return empty;
    const std::optional<std::string> text = read_file(*source.file, problems);
    return text ? parse_toml(*text, path, problems) : empty;
}

bool can_hold_data(const fs::path& directory) {
    std::error_code ignored;
    if (fs::exists(directory, ignored)) return ::access(directory.c_str(), W_OK) == 0;
    return ::access(directory.parent_path().c_str(), W_OK) == 0;
}

fs::path home() {
    const char* const data = std::getenv("XDG_DATA_HOME");
    if (data != nullptr && *data == '/') return data;
    const char* const user = std::getenv("HOME");
    return user == nullptr ? fs::path{"/var/tmp"} : fs::path{user} / ".local/share";
}

}  // namespace

bool Loaded::good() const {
    return std::ranges::none_of(problems, [](const Problem& one) { return one.severity == Problem::Severity::error; });
}

Loaded load(const Source& source) {
    const Whole whole{source.modules};
    Problems problems;
    Loaded loaded{.config = whole.make(), .written = written_in(source, problems), .problems = {}};
    if (!problems.fatal()) {
        overlay_environment(loaded.written, source.environment, whole.schema(), &loaded.config, problems);
        const Field root{.name = ""};
        const std::string no_key;
        detail::read_table(loaded.written, &loaded.config, {root, no_key, problems}, whole.schema());
    }
    if (!problems.fatal()) complete(loaded.config, loaded.written, problems);
    loaded.problems = problems.sorted();
    return loaded;
}

Environment current_environment() {
    Environment result;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view variable = *entry;
        const std::size_t equals = variable.find('=');
        if (equals == std::string_view::npos || !variable.starts_with(variable_prefix)) continue;
        result[std::string{variable.substr(0, equals)}] = variable.substr(equals + 1);
    }
    return result;
}

std::optional<fs::path> default_file() {
    std::error_code ignored;
    for (const char* const path : {"aldis.toml", "/etc/aldis/aldis.toml"})
        if (fs::exists(path, ignored)) return path;
    return std::nullopt;
}

fs::path default_data_dir() {
    const fs::path system = "/var/lib/aldis";
    return can_hold_data(system) ? system : home() / "aldis";
}

}  // namespace aldis::config
