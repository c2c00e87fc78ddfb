#include <iostream>

#include "cli/commands.h"
#include "cli/dev_certificate.h"
#include "cli/privileges.h"
#include "config/text.h"

namespace aldis::cli {
namespace {

using config::Domain;

/// The configured domain, or what one of that name would have.
Domain domain_named(const config::Config& config, std::string name) {
    if (std::optional<std::string> wrong = config::check_domain(name)) throw UsageError{name + ": " + *wrong};
    if (const Domain* const domain = config.domain(name)) return *domain;
    const std::filesystem::path folder = config.server.data_dir / "certs";
    return {.name = name, .certificate = folder / (name + ".pem"), .key = folder / (name + ".key")};
}

std::vector<Domain> domains_of(const Invocation& invocation, const config::Config& config) {
    if (invocation.positional().empty()) return config.domains;
    std::vector<Domain> domains;
    for (const std::string& name : invocation.positional()) domains.push_back(domain_named(config, name));
    return domains;
}

void print(const Domain& domain, const std::string& sha256, bool made, bool json) {
    if (json) {
        std::cout << config::json_text({config::Value::Table{{"domain", {domain.name}},
                                                             {"certificate", {domain.certificate.string()}},
                                                             {"key", {domain.key.string()}},
                                                             {"sha256", {sha256}},
                                                             {"made", {made}}}})
                  << "\n";
    } else {
        std::cout << domain.name << ": " << domain.certificate.string()
                  << (made ? "\n" : " was there already (--renew replaces it)\n") << "  SHA-256 " << sha256 << "\n";
    }
}

void make(const Domain& domain, bool renew, bool json) {
    if (renew || !std::filesystem::exists(domain.certificate)) {
        print(domain, make_dev_certificate(domain).fingerprint, true, json);
    } else {
        const tls::KeyPair there{{.chain = domain.certificate.string(), .key = domain.key.string()}};
        print(domain, there.certificate().fingerprint, false, json);
    }
}

}  // namespace

int cert_make_dev(const Invocation& invocation, const Program& program) {
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    become_owner_of(loaded->config.server.data_dir);
    for (const Domain& domain : domains_of(invocation, loaded->config))
        make(domain, invocation.has("--renew"), invocation.has("--json"));
    return 0;
}

}  // namespace aldis::cli
