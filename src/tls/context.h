#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tls/certificate.h"

namespace aldis::tls {

class Stream;
class TicketKeys;

/// What clients of a domain are asked for.
struct ClientCertificates {
    bool ask = false;              ///< for SASL EXTERNAL. A client may do without; some then show their user a dialog
    std::string authorities = {};  ///< PEM file with those that are believed; empty: nobody is, only fingerprints count

    friend bool operator==(const ClientCertificates&, const ClientCertificates&) = default;
};

/// The certificates of one domain: usually one, or two of different key types (ECDSA for most, RSA for old clients).
struct DomainCertificates {
    std::string domain;  ///< "example.org" or "*.example.org"
    std::vector<CertificateFiles> files;
    ClientCertificates clients = {};
};

/// How TLS is spoken here, and with which certificates. For all shards: its functions may be called from any thread.
///
/// TLS 1.2 with ephemeral keys and authenticated encryption, or 1.3; no session cache, one stateless ticket, no early
/// data, no renegotiation, no compression.
class Context {
public:
    /// @param domains  the first is shown to clients that name no domain, or one that nobody has
    /// @param shards   each gets OpenSSL contexts of its own, so that no two threads contend for one
    /// @throws Error   names the file that cannot be used and says why
    Context(const std::vector<DomainCertificates>& domains, unsigned shards);
    ~Context();

    /// Reads all files again. Existing connections keep what they have; if it throws, so does everything else.
    /// @throws Error  as the constructor
    void reload(const std::vector<DomainCertificates>& domains);

    /// The server's side of a new connection.
    /// @param alpn      if not empty, and the client offers protocols, this must be among them (XEP-0368)
    /// @param fallback  the domain to speak for if the client names none (SNI)
    [[nodiscard]] std::unique_ptr<Stream> accept(unsigned shard, std::string_view alpn,
                                                 std::string_view fallback) const;

    /// In the order of the domains.
    [[nodiscard]] std::vector<Certificate> certificates() const;
    /// What works but will surprise: see KeyPair::warnings, and names that no certificate covers.
    [[nodiscard]] std::vector<std::string> warnings(Timestamp now) const;

    struct Set;  // everything that a reload replaces

private:
    [[nodiscard]] std::shared_ptr<const Set> current() const;

    const unsigned shards_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Set> set_;
};

}  // namespace aldis::tls
