#include <string_view>
#include <vector>

#include "cli/cli.h"
#include "modules/modules.h"
#include "server/server.h"

int main(int count, char** arguments) {
    const std::vector<std::string_view> words(arguments + 1, arguments + count);
    const std::vector<aldis::config::ModuleSchema> modules = aldis::modules::schemas();
    return aldis::cli::main({.modules = modules, .serve = aldis::server::run}, words);
}
