#pragma once

#include <vector>

#include "tls/certificate.h"
#include "tls/openssl.h"

namespace aldis::tls {

struct KeyPair::Material {
    CertificatePtr leaf;
    std::vector<CertificatePtr> chain;  // without the leaf
    KeyPtr key;
    Certificate info;
    bool key_is_public = false;  // by the permissions of its file
};

/// Reads names, dates and the fingerprint.
[[nodiscard]] Certificate describe(const X509& certificate);

}  // namespace aldis::tls
