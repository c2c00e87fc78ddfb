#pragma once

#include <memory>
#include <vector>

#include "tls/openssl.h"
#include "tls/peer_certificate.h"

namespace aldis::tls {

/// Makes ready for certificates of clients: any is taken, whoever made it, and it is noted whether one of `authorities`
/// vouches for it. Whether clients are asked is decided by ask_for_certificate().
void take_client_certificates(SSL_CTX& context, const std::vector<CertificatePtr>& authorities);

/// Before the handshake goes beyond the client's first message.
void ask_for_certificate(SSL& ssl, bool ask);

/// The one that the client showed, now or when the session began that this one resumes. Null if it showed none.
[[nodiscard]] std::shared_ptr<const PeerCertificate> peer_certificate(const SSL& ssl);

}  // namespace aldis::tls
