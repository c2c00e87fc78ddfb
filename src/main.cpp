#include "cli/cli.h"
#include "server/server.h"

int main(int count, char** words) {
    const std::vector<std::string_view> arguments(words + 1, words + count);
    return aldis::cli::main({.modules = aldis::server::module_schemas(), .serve = aldis::server::run_server},
                            arguments);
}
