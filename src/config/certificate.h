#pragma once

#include "config/config.h"

namespace aldis::config {

/// Reads the domain's certificate and key as the server will: what it could not use is an error, what clients will not
/// like (expired, for another name) a warning.
void check_certificate(const Domain& domain, const Origin& origin, const std::string& key, Problems& problems);

}  // namespace aldis::config
