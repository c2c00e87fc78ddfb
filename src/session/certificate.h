#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace aldis::session {

class Session;

/// What has to be known of a certificate that an account enrols: XEP-0257.
struct EnrolledCertificate {
    std::string fingerprint;  ///< SHA-256 of the DER form, 32 bytes
    Timestamp valid_until{};
};

/// Nothing if these bytes are no certificate.
[[nodiscard]] std::optional<EnrolledCertificate> read_certificate(std::string_view der);

/// The fingerprint of the certificate by which the session's client has logged in; empty: it is not connected, or has
/// logged in otherwise.
[[nodiscard]] std::string certificate_of(const Session& session);

}  // namespace aldis::session
