#include "session/certificate.h"

#include "net/transport.h"
#include "session/session.h"

namespace aldis::session {

std::optional<EnrolledCertificate> read_certificate(std::string_view der) {
    const auto read = tls::read_peer_certificate(der);
    if (!read) return std::nullopt;
    return EnrolledCertificate{.fingerprint = read->fingerprint, .valid_until = read->valid_until};
}

std::string certificate_of(const Session& session) {
    if (!session.connected() || session.stream()->mechanism() != sasl::Mechanism::external) return {};
    const net::TlsInfo* const tls = session.stream()->transport().tls();
    return tls == nullptr || !tls->certificate ? std::string{} : tls->certificate->fingerprint;
}

}  // namespace aldis::session
