#pragma once

#include "config/config.h"
#include "tls/certificate.h"

namespace aldis::cli {

/// Makes a self-signed certificate for a domain, its sub-domains and, for localhost, the loopback addresses, where the
/// configuration expects it. Replaces what is there; makes folders that are missing.
/// @throws tls::Error, std::filesystem::filesystem_error
tls::Certificate make_dev_certificate(const config::Domain& domain);

}  // namespace aldis::cli
