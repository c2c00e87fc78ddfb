#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.h"

namespace aldis::tls {

/// A file that cannot be used, and why: fit for an operator's eyes.
class Error : public std::runtime_error {
public:
    Error(std::string file, const std::string& reason)
        : std::runtime_error{file + ": " + reason}, file_{std::move(file)} {}
    [[nodiscard]] const std::string& file() const { return file_; }

private:
    std::string file_;
};

/// Where a certificate and its key are, both in PEM form.
struct CertificateFiles {
    std::string chain;  ///< the certificate, then those that lead to its root
    std::string key;    ///< not encrypted

    friend bool operator==(const CertificateFiles&, const CertificateFiles&) = default;
};

/// What an operator or a client wants to know about a certificate.
struct Certificate {
    std::vector<std::string> names;  ///< DNS names, lower case; the common name where there are none
    std::string fingerprint;         ///< SHA-256, "AB:CD:..."
    std::string key_type;            ///< "EC", "RSA"
    Timestamp valid_from{};
    Timestamp valid_until{};
    bool self_signed = false;

    /// By exact name or by a wildcard for the leftmost label. `domain` in lower case.
    [[nodiscard]] bool covers(std::string_view domain) const;
};

/// Does "*.example.org" or "example.org" stand for `domain`?
[[nodiscard]] bool name_covers(std::string_view name, std::string_view domain);

/// A certificate with the key that belongs to it, ready for use.
class KeyPair {
public:
    /// @throws Error  names the file and says what is wrong with it
    explicit KeyPair(const CertificateFiles& files);
    KeyPair(KeyPair&&) noexcept;
    KeyPair& operator=(KeyPair&&) noexcept;
    ~KeyPair();

    [[nodiscard]] const Certificate& certificate() const;
    /// What works but will surprise: expired, not yet valid, a key that everybody may read.
    [[nodiscard]] std::vector<std::string> warnings(Timestamp now) const;

    struct Material;  // OpenSSL's side
    [[nodiscard]] const Material& material() const { return *material_; }

private:
    CertificateFiles files_;
    std::unique_ptr<Material> material_;
};

/// Makes a self-signed ECDSA P-256 certificate for development: clients have to be told to trust it.
/// @param names  the first is also the common name; numeric addresses become address entries
/// @param files  both are created, the key with permission 0600; neither may exist
/// @throws Error if a file exists or cannot be written
Certificate make_development_certificate(const std::vector<std::string>& names, const CertificateFiles& files);

}  // namespace aldis::tls
