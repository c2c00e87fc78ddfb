#include "cli/dev_certificate.h"

namespace aldis::cli {

tls::Certificate make_dev_certificate(const config::Domain& domain) {
    std::vector<std::string> names = {domain.name};
    if (domain.name.find_first_not_of("0123456789.") != std::string::npos) names.push_back("*." + domain.name);
    if (domain.name == "localhost") names.insert(names.end(), {"127.0.0.1", "::1"});
    for (const std::filesystem::path& path : {domain.key, domain.certificate}) {
        std::filesystem::create_directories(path.parent_path());
        std::filesystem::remove(path);
    }
    return tls::make_development_certificate(names, {.chain = domain.certificate.string(), .key = domain.key.string()});
}

}  // namespace aldis::cli
