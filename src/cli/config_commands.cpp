#include <cstdlib>
#include <iostream>

#include "base/version.h"
#include "cli/commands.h"
#include "config/reference.h"
#include "config/show.h"
#include "config/text.h"

namespace aldis::cli {
namespace {

void print(const std::vector<config::Problem>& problems) {
    for (const config::Problem& problem : problems) {
        const bool warning = problem.severity == config::Problem::Severity::warning;
        std::cerr << problem.text() << (warning ? " (warning)\n" : "\n");
    }
}

config::Value as_value(const config::Problem& problem) {
    const bool warning = problem.severity == config::Problem::Severity::warning;
    return {config::Value::Table{{"severity", {std::string{warning ? "warning" : "error"}}},
                                 {"where", {problem.origin.where}},
                                 {"line", {std::int64_t{problem.origin.line}}},
                                 {"key", {problem.key}},
                                 {"what", {problem.what}},
                                 {"hint", {problem.hint}}}};
}

void print_json(const config::Loaded& loaded) {
    config::Value::List list;
    for (const config::Problem& problem : loaded.problems) list.push_back(as_value(problem));
    const config::Value result{config::Value::Table{{"good", {loaded.good()}}, {"problems", {std::move(list)}}}};
    std::cout << config::json_text(result) << "\n";
}

}  // namespace

config::Source source_of(const Invocation& invocation, const Program& program) {
    config::Source source{.environment = config::current_environment(), .modules = program.modules};
    const char* const variable = std::getenv("ALDIS_CONFIG");
    if (const std::optional<std::string> file = invocation.value("--config"))
        source.file = *file;
    else if (variable != nullptr && *variable != '\0')
        source.file = variable;
    else
        source.file = config::default_file();
    return source;
}

std::optional<config::Loaded> load_or_complain(const Invocation& invocation, const Program& program) {
    config::Loaded loaded = config::load(source_of(invocation, program));
    if (loaded.good()) return loaded;
    print(loaded.problems);
    return std::nullopt;
}

int config_check(const Invocation& invocation, const Program& program) {
    const config::Source source = source_of(invocation, program);
    const config::Loaded loaded = config::load(source);
    if (invocation.has("--json")) {
        print_json(loaded);
    } else {
        print(loaded.problems);
        if (loaded.good())
            std::cout << (source.file ? source.file->string() : "the default configuration") << " is good\n";
    }
    return loaded.good() ? 0 : refused;
}

int config_show(const Invocation& invocation, const Program& program) {
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    std::cout << (invocation.has("--json") ? config::show_json(*loaded, program.modules)
                                           : config::show_toml(*loaded, program.modules));
    return 0;
}

int config_reference(const Invocation&, const Program& program) {
    std::cout << config::reference(program.modules);
    return 0;
}

int print_version(const Invocation& invocation, const Program&) {
    if (invocation.has("--json")) {
        std::cout << config::json_text({config::Value::Table{{"version", {std::string{version()}}},
                                                             {"compiler", {std::string{compiler()}}}}})
                  << "\n";
    } else {
        std::cout << "aldis " << version() << "\n";
    }
    return 0;
}

}  // namespace aldis::cli
