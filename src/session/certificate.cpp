#include "session/certificate.h"

#include <charconv>

#include "net/transport.h"
#include "session/session.h"

namespace aldis::session {
namespace {

/// "AB:CD:..." as bytes.
std::string bytes_of(std::string_view fingerprint) {
    std::string bytes;
    for (std::size_t at = 0; at + 2 <= fingerprint.size(); at += 3) {
        unsigned char byte = 0;
        std::from_chars(fingerprint.data() + at, fingerprint.data() + at + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

}  // namespace

std::optional<EnrolledCertificate> read_certificate(std::string_view der) {
    const auto read = tls::read_peer_certificate(der);
    if (!read) return std::nullopt;
    return EnrolledCertificate{.fingerprint = bytes_of(read->fingerprint), .valid_until = read->valid_until};
}

std::string certificate_of(const Session& session) {
    if (!session.connected() || session.stream()->mechanism() != sasl::Mechanism::external) return {};
    const net::TlsInfo* const tls = session.stream()->transport().tls();
    return tls == nullptr || !tls->certificate ? std::string{} : bytes_of(tls->certificate->fingerprint);
}

}  // namespace aldis::session
