#pragma once

#include "config/config.h"
#include "session/home.h"
#include "stream/place.h"
#include "tls/context.h"

/// What the configuration means to each part of the server.
namespace aldis::server {

[[nodiscard]] stream::StreamLimits stream_limits(const config::Config& config);
[[nodiscard]] session::Limits session_limits(const config::Config& config);
[[nodiscard]] std::vector<tls::DomainCertificates> certificates(const config::Config& config);
[[nodiscard]] bool needs_tls(const config::Config& config);
[[nodiscard]] stream::TlsMode tls_mode(config::TlsMode mode);
/// Applies [auth] to what streams of a domain offer.
void set_auth(stream::Domain& domain, const config::Config& config);
/// What modules ask for.
[[nodiscard]] std::shared_ptr<const session::DomainSettings> domain_settings(const config::Domain& domain,
                                                                             const config::Config& config);
/// 0 means one per core that this process may use.
[[nodiscard]] unsigned shard_count(const config::Config& config);

}  // namespace aldis::server
