#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace aldis::tls {

/// What a client's certificate says: the one of a connection, or one that an account enrols (XEP-0257).
struct PeerCertificate {
    bool verified = false;  ///< a configured authority vouches for it: see ClientCertificates::authorities
    std::vector<std::string> xmpp_addrs;  ///< id-on-xmppAddr (RFC 6120 section 13.7.1.4), as they stand there
    std::string fingerprint;              ///< SHA-256 of the DER form: 32 bytes
    Timestamp valid_from{};
    Timestamp valid_until{};

    [[nodiscard]] bool expired(Timestamp now) const { return now < valid_from || now > valid_until; }
};

/// Reads a certificate that arrived as bytes; nothing if it is none, or if something follows it. Never verified.
[[nodiscard]] std::optional<PeerCertificate> read_peer_certificate(std::string_view der);

}  // namespace aldis::tls
