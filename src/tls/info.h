#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tls/peer_certificate.h"

namespace aldis::tls {

/// What a stream may ask about the TLS layer beneath it.
struct Info {
    std::string_view version = {};                            ///< "TLSv1.3"; a literal
    std::string_view cipher = {};                             ///< "TLS_AES_256_GCM_SHA384"; a literal
    std::string server_name = {};                             ///< SNI the peer sent, empty if none
    std::optional<std::string> tls_exporter = {};             ///< RFC 9266; TLS 1.3 only
    std::optional<std::string> tls_unique = {};               ///< RFC 5929 section 3; below TLS 1.3 only
    std::optional<std::string> tls_server_end_point = {};     ///< RFC 5929 section 4
    std::shared_ptr<const PeerCertificate> certificate = {};  ///< the client's; null if it showed none
};

}  // namespace aldis::tls
