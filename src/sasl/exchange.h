#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "sasl/credentials.h"
#include "sasl/failure.h"
#include "sasl/mechanism.h"

// What goes into one authentication exchange and what comes out of it.
namespace aldis::sasl {

/// A JID as a certificate or a client names it, prepared (RFC 7622) and taken apart.
struct Identity {
    std::string account{};   ///< "juliet@example.org"
    std::string resource{};  ///< empty if it is a bare JID

    friend bool operator==(const Identity&, const Identity&) = default;
};

/// The certificate that the client has shown in the TLS handshake, as far as EXTERNAL wants to know it.
struct ClientCertificate {
    bool trusted = false;  ///< signed by somebody whom the host's configuration trusts: then its addresses count
    bool expired = false;  ///< or not valid yet
    std::vector<Identity> addresses{};  ///< its id-on-xmppAddr entries that are addresses of this host
};

/// The terms of one exchange. The stream knows most of it; the rest is the host's configuration.
struct Terms {
    Mechanism mechanism = Mechanism::plain;
    Offer offer{};               ///< what this stream was really offered: asking for anything else is refused
    ChannelBindings bindings{};  ///< needed only where binds_channel(mechanism); every type of offer.bindings
    std::string decoy_secret{};  ///< random, the same for the life of the server, so that decoys stay the same
    std::vector<Hash> hashes{all_hashes.begin(), all_hashes.end()};  ///< what accounts here are stored with
    std::uint32_t iterations = default_iterations;                   ///< what accounts here are stored with
    /// RFC 8265 section 4 for the password of PLAIN, before it is compared; null takes it as it was sent.
    Result<std::string> (*prepare)(std::string_view password) = nullptr;
    bool downgrade_protection = true;  ///< XEP-0474: 'h' in the challenge of SCRAM
    std::string nonce{};               ///< the server's part; empty is random. For tests with fixed vectors
    std::string tls_version{};         ///< "TLSv1.3": XEP-0515, 't' in the challenge of SCRAM; empty leaves it out
    bool fast = false;                 ///< the client has said <fast/> (XEP-0484): tokens are refused without it
    std::optional<ClientCertificate> certificate{};  ///< EXTERNAL
    /// EXTERNAL: reads the address that the client wants to act for. Null, or nothing: it is none.
    std::optional<Identity> (*read_address)(std::string_view text) = nullptr;
};

/// One of the tokens that a client of an account may show: XEP-0484.
struct Token {
    std::string secret;                               ///< as the client was given it: the octets of the text
    Mechanism mechanism = Mechanism::ht_sha256_none;  ///< that it was asked for, and the only one that it is good for
    bool expired = false;  ///< or not trusted any more: who shows it hears credentials-expired
};

/// An account that a certificate may be good for: XEP-0178, XEP-0257.
struct CertificateHolder {
    std::string account;    ///< bare JID, prepared
    bool enrolled = false;  ///< the certificate is in the account's own list; else it only names the account
    std::optional<Failure> barred = {};
};

/// What the caller found out about what it was asked for with NeedCredentials.
struct Account {
    std::optional<Credentials> credentials = {};  ///< nothing: there is no such account
    std::string_view name = {};          ///< as the store knows it; empty if it is spelled like in NeedCredentials
    std::optional<Failure> barred = {};  ///< what even the right password is answered with: account_disabled, ...
    std::vector<Token> tokens = {};      ///< of the client that said <fast/>: the new one and the current one
    std::vector<CertificateHolder> holders = {};  ///< in the order of preference; only accounts that exist
};

/// Send these bytes to the client and hand its answer to Server::respond(). They may be empty (RFC 6120 section 6.4.2).
struct Challenge {
    std::string bytes;
};

/// Look the account up, which may take its time, and hand what was found to Server::provide().
struct NeedCredentials {
    enum class Kind : std::uint8_t {
        password,  ///< Account::credentials of `username`
        tokens,    ///< Account::tokens of `username` and of the client, which its <user-agent/> names (XEP-0388)
        holders,   ///< Account::holders of Terms::certificate; `username` is empty
    };
    std::string username;
    std::string authzid;
    Kind kind = Kind::password;
};

/// The client is who it says. Whether it may act as `authzid` is for the caller to say: acts_for_itself().
struct Success {
    std::string username;                      ///< as sent; EXTERNAL: the localpart of the account
    std::string authzid;                       ///< as sent; empty if none was, and if EXTERNAL has judged it
    std::string additional_data;               ///< for <success/>; empty if the mechanism has none
    std::optional<Credentials> upgraded = {};  ///< PLAIN: store these, they have families that were missing
    std::optional<Binding> binding = {};       ///< the channel that was bound
    std::optional<std::size_t> token = {};     ///< which of Account::tokens was shown
    std::string resource = {};                 ///< EXTERNAL: the only one that may be bound (XEP-0257); empty is any
    bool guest = false;                        ///< ANONYMOUS: `username` was made up here and is nobody's account
};

/// What to do next. After Success and Refusal the exchange is over.
using Step = std::variant<Challenge, NeedCredentials, Success, Refusal>;

/// RFC 6120 section 6.3.8: a client may name itself, or nobody. Both addresses are prepared, `account` is a bare JID.
/// Where this is false the client is answered with Failure::invalid_authzid.
[[nodiscard]] inline bool acts_for_itself(std::string_view authzid, std::string_view account) {
    return authzid.empty() || authzid == account;
}

}  // namespace aldis::sasl
