#include "config/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace aldis::config {
namespace {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

Certificate read_certificate(const std::filesystem::path& path) {
    const Bio file{BIO_new_file(path.c_str(), "r")};
    return Certificate{file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr};
}

/// An encrypted key counts as unreadable: there is nobody to ask for its passphrase.
Key read_key(const std::filesystem::path& path) {
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    const Bio file{BIO_new_file(path.c_str(), "r")};
    return Key{file ? PEM_read_bio_PrivateKey(file.get(), nullptr, no_passphrase, nullptr) : nullptr};
}

void check_use(const X509& certificate, const Domain& domain, const Origin& origin, const std::string& key,
               Problems& problems) {
    if (X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0)
        problems.warn(origin, key, domain.certificate.string() + " has expired", "clients will refuse it: renew it");
    // OpenSSL's functions want it mutable, but cache only what they parse.
    auto* const subject = const_cast<X509*>(&certificate);  // NOLINT
    if (X509_check_host(subject, domain.name.c_str(), domain.name.size(), 0, nullptr) != 1)
        problems.warn(origin, key, domain.certificate.string() + " is not for " + domain.name,
                      "clients will refuse it");
}

}  // namespace

void check_certificate(const Domain& domain, const Origin& origin, const std::string& key, Problems& problems) {
    const Certificate certificate = read_certificate(domain.certificate);
    const Key private_key = read_key(domain.key);
    ERR_clear_error();
    if (!certificate) {
        problems.error(origin, key, "there is no certificate in " + domain.certificate.string(),
                       "it must be readable and begin with -----BEGIN CERTIFICATE-----");
    } else if (!private_key) {
        problems.error(origin, key, "there is no private key in " + domain.key.string(),
                       "`key` names it; it must be readable, PEM and without a passphrase");
    } else if (X509_check_private_key(certificate.get(), private_key.get()) != 1) {
        ERR_clear_error();
        problems.error(origin, key,
                       "the key in " + domain.key.string() + " is not that of " + domain.certificate.string());
    } else {
        check_use(*certificate, domain, origin, key, problems);
    }
}

}  // namespace aldis::config
