#include <iostream>

#include "cli/commands.h"
#include "cli/dev_certificate.h"
#include "cli/privileges.h"

namespace aldis::cli {
namespace {

/// An empty file works for localhost: its certificate is made at the first start. Other names need one that somebody
/// else vouches for.
bool has_certificate(const config::Domain& domain) {
    if (std::filesystem::exists(domain.certificate)) return true;
    if (domain.name == "localhost") {
        const tls::Certificate made = make_dev_certificate(domain);
        Log{"tls"}.info("made a certificate for development", kv("file", domain.certificate),
                        kv("sha256", made.fingerprint));
        return true;
    }
    std::cerr << "aldis: there is no certificate for " << domain.name << " at " << domain.certificate.string()
              << "; put one there, name another with `certificate`, or for tests run: aldis cert make-dev "
              << domain.name << "\n";
    return false;
}

bool needs_certificates(const config::Config& config) {
    return std::ranges::any_of(config.listeners,
                               [](const config::Listener& listener) { return listener.tls != config::TlsMode::none; });
}

}  // namespace

int serve(const Invocation& invocation, const Program& program) {
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    configure_log(loaded->config.log.settings());
    const Log log{"config"};
    for (const config::Problem& warning : loaded->problems) log.warn(warning.text());

    make_private_folder(loaded->config.server.data_dir);
    if (needs_certificates(loaded->config))
        for (const config::Domain& domain : loaded->config.domains)
            if (!has_certificate(domain)) return refused;
    return program.serve(loaded->config, source_of(invocation, program));
}

}  // namespace aldis::cli
