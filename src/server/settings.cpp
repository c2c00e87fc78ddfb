#include "server/settings.h"

#include <sched.h>

#include <algorithm>

namespace aldis::server {

stream::StreamLimits stream_limits(const config::Config& config) {
    const config::Limits& limits = config.limits;
    const auto depth = static_cast<std::uint16_t>(limits.depth);
    const auto attributes = static_cast<std::uint16_t>(limits.attributes);
    return {.before_auth = {.stanza_bytes = limits.stanza_bytes_before_auth, .depth = depth, .attributes = attributes},
            .after_auth = {.stanza_bytes = limits.stanza_bytes, .depth = depth, .attributes = attributes},
            .time_to_authenticate = config.auth.timeout,
            .max_attempts = config.auth.max_attempts,
            .queue_bytes = limits.output_queue,
            .bytes_per_second = limits.enabled ? std::size_t{limits.bytes_per_second} : 0};
}

session::Limits session_limits(const config::Config& config) {
    const config::ResumptionConfig& resumption = config.resumption;
    const std::size_t shards = shard_count(config);
    return {.sessions_per_account = config.limits.sessions_per_account,
            .roster_items = config.limits.roster_items,
            .resumption = {.patience = resumption.timeout,
                           .stanzas = resumption.stanzas,
                           // It is sent in one go when the session is resumed.
                           .bytes = std::min<std::size_t>(resumption.bytes, config.limits.output_queue / 2),
                           .away_per_account = resumption.sessions_per_account,
                           .away = std::max<std::size_t>(1, resumption.sessions / shards),
                           .away_bytes = resumption.memory / shards}};
}

std::vector<tls::DomainCertificates> certificates(const config::Config& config) {
    std::vector<tls::DomainCertificates> all;
    for (const config::Domain& domain : config.domains)
        all.push_back(
            {.domain = domain.name,
             .files = {{.chain = domain.certificate.string(), .key = domain.key.string()}},
             .clients = {.ask = domain.client_certificates, .authorities = domain.client_authorities.string()}});
    return all;
}

bool needs_tls(const config::Config& config) {
    return std::ranges::any_of(config.listeners,
                               [](const config::Listener& l) { return l.tls != config::TlsMode::none; });
}

stream::TlsMode tls_mode(config::TlsMode mode) {
    switch (mode) {
        case config::TlsMode::none: return stream::TlsMode::none;
        case config::TlsMode::starttls: return stream::TlsMode::optional;
        case config::TlsMode::required_starttls: return stream::TlsMode::required;
        case config::TlsMode::direct: return stream::TlsMode::direct;
    }
    return stream::TlsMode::required;
}

void set_auth(stream::Domain& domain, const config::Config& config) {
    const auto has = [&](std::string_view name) {
        return std::ranges::find(config.auth.mechanisms, name) != config.auth.mechanisms.end();
    };
    domain.hashes.clear();
    if (has("SCRAM-SHA-512")) domain.hashes.push_back(sasl::Hash::sha512);
    if (has("SCRAM-SHA-256")) domain.hashes.push_back(sasl::Hash::sha256);
    if (has("SCRAM-SHA-1")) domain.hashes.push_back(sasl::Hash::sha1);
    domain.plain = has("PLAIN");
    domain.plain_without_tls = config.auth.plain_without_tls;
    domain.iterations = config.auth.scram_iterations;
    domain.token_lifetime = config.auth.token_lifetime;
    if (const config::Domain* const settings = config.domain(domain.name))
        domain.certificates = settings->client_certificates;
}

std::shared_ptr<const session::DomainSettings> domain_settings(const config::Domain& domain,
                                                               const config::Config& config) {
    auto settings = std::make_shared<session::DomainSettings>();
    const auto add = [](const config::Domain& from, std::vector<Jid>& admins) {
        for (const std::string& admin : from.admins)
            if (Result<Jid> jid = Jid::parse(admin)) admins.push_back(std::move(*jid));
    };
    add(domain, settings->admins);
    for (const config::Domain& any : config.domains) add(any, settings->all_admins);
    const config::Contact& contact = domain.contact;
    settings->contacts = {{"abuse", contact.abuse},    {"admin", contact.admin},       {"feedback", contact.feedback},
                          {"sales", contact.sales},    {"security", contact.security}, {"status", contact.status},
                          {"support", contact.support}};
    return settings;
}

unsigned shard_count(const config::Config& config) {
    if (config.server.shards > 0) return config.server.shards;
    cpu_set_t cores;
    if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&cores)));
}

}  // namespace aldis::server
