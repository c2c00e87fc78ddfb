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

/// All certificates of a PEM file.
/// @throws Error  names the file and says what is wrong with it; one that holds none is an error too
[[nodiscard]] std::vector<CertificatePtr> read_certificates(const std::string& path);

/// Reads names, dates and the fingerprint.
[[nodiscard]] Certificate describe(const X509& certificate);

}  // namespace aldis::tls
