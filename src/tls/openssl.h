#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

/// OpenSSL's objects with owners. Included by the .cpp files of this folder only.
namespace aldis::tls {

template <auto free>
struct Free {
    void operator()(auto* object) const noexcept { free(object); }
};

using BioPtr = std::unique_ptr<BIO, Free<&BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Free<&X509_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Free<&SSL_CTX_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER, Free<&EVP_CIPHER_free>>;

/// The oldest error that OpenSSL has noted on this thread, in words; clears all.
[[nodiscard]] std::string take_openssl_error();

/// Throws std::runtime_error with `what` and OpenSSL's reason unless `good`.
void require(bool good, const char* what);

}  // namespace aldis::tls
