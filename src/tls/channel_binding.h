#pragma once

#include <optional>
#include <string>

#include "tls/openssl.h"

/// Channel bindings of an established connection, from the server's side. Nothing where the connection has none.
namespace aldis::tls {

/// RFC 9266.
[[nodiscard]] std::optional<std::string> exporter_binding(SSL& ssl);
/// RFC 5929 section 3.
[[nodiscard]] std::optional<std::string> unique_binding(const SSL& ssl);
/// RFC 5929 section 4.
[[nodiscard]] std::optional<std::string> end_point_binding(const X509& certificate);

}  // namespace aldis::tls
