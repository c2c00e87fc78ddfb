#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sasl/crypto.h"

namespace aldis::sasl {

/// What a client may authenticate with, strongest first: a bound channel counts for more than a longer hash.
enum class Mechanism : std::uint8_t {
    external,  ///< RFC 4422 appendix A: by the certificate that the client showed in the TLS handshake
    scram_sha512_plus,
    scram_sha256_plus,
    scram_sha1_plus,
    scram_sha512,
    scram_sha256,
    scram_sha1,
    plain,
    anonymous,  ///< RFC 4505
    // With a token (XEP-0484). These are never among the ordinary mechanisms of an offer.
    ht_sha256_expr,
    ht_sha256_uniq,
    ht_sha256_endp,
    ht_sha256_none,
};
/// Those that may stand in the list of mechanisms.
inline constexpr std::array all_mechanisms{
    Mechanism::external,     Mechanism::scram_sha512_plus, Mechanism::scram_sha256_plus, Mechanism::scram_sha1_plus,
    Mechanism::scram_sha512, Mechanism::scram_sha256,      Mechanism::scram_sha1,        Mechanism::plain,
    Mechanism::anonymous};
/// Those that may stand in XEP-0484's <fast/>, strongest first.
inline constexpr std::array fast_mechanisms{Mechanism::ht_sha256_expr, Mechanism::ht_sha256_uniq,
                                            Mechanism::ht_sha256_endp, Mechanism::ht_sha256_none};

/// The registered name, e.g. "SCRAM-SHA-256-PLUS".
[[nodiscard]] std::string_view name(Mechanism mechanism);
/// Exact and upper case, as RFC 4422 section 3.1 has names. Knows the mechanisms of both lists.
[[nodiscard]] std::optional<Mechanism> mechanism_named(std::string_view name);
/// Of the SCRAM mechanisms; nothing for all others.
[[nodiscard]] std::optional<Hash> hash_of(Mechanism mechanism);
/// Whether it is a -PLUS form of SCRAM.
[[nodiscard]] bool binds_channel(Mechanism mechanism);
/// Whether it is one of fast_mechanisms.
[[nodiscard]] bool takes_token(Mechanism mechanism);
/// Whether who succeeds with it has shown that he knows the password: only then may it be replaced or hashed anew.
[[nodiscard]] bool proves_password(Mechanism mechanism);

/// The channel-binding types of RFC 9266 and RFC 5929, strongest first.
enum class Binding : std::uint8_t { tls_exporter, tls_unique, tls_server_end_point };

/// The registered name, e.g. "tls-exporter".
[[nodiscard]] std::string_view name(Binding binding);
[[nodiscard]] std::optional<Binding> binding_named(std::string_view name);
/// What a TLS connection has. RFC 9266 section 3: tls-exporter with TLS 1.3; tls-unique is defined only below it.
[[nodiscard]] std::vector<Binding> bindings_of_tls(bool tls13);
/// What a mechanism of fast_mechanisms binds to; nothing for HT-SHA-256-NONE and all others.
[[nodiscard]] std::optional<Binding> token_binding(Mechanism mechanism);

/// The channel-binding data of one connection, as the TLS layer exports them; what it does not have is left empty.
struct ChannelBindings {
    std::optional<std::string> tls_exporter = {};
    std::optional<std::string> tls_unique = {};
    std::optional<std::string> tls_server_end_point = {};

    [[nodiscard]] const std::optional<std::string>& data(Binding binding) const;
};

/// What decides about the mechanisms that one connection is offered.
struct Policy {
    bool encrypted = false;            ///< the stream is under TLS
    std::vector<Binding> bindings{};   ///< what this connection can bind to: bindings_of_tls(), or none
    std::vector<Binding> tolerated{};  ///< what it could bind to besides, but does not announce
    std::vector<Hash> hashes{all_hashes.begin(), all_hashes.end()};
    bool plain = true;               ///< offer PLAIN under TLS
    bool plain_unencrypted = false;  ///< offer PLAIN without TLS too: for tests on loopback
    bool certificate = false;        ///< the client has shown one that may be good for an account: offer EXTERNAL
    bool anonymous = false;          ///< the host is for guests: offer ANONYMOUS and nothing else (XEP-0175)
    bool fast = false;               ///< offer tokens, under TLS: on streams with SASL2 only (XEP-0484)
};

/// What was advertised on one stream, and therefore may be asked for.
struct Offer {
    bool encrypted = false;
    std::vector<Mechanism> mechanisms{};  ///< strongest first
    std::vector<Binding> bindings{};      ///< what XEP-0440 announces; empty if it announces nothing
    std::vector<Binding> tolerated{};     ///< not announced, but taken: COMPAT
    std::vector<std::string> others{};    ///< mechanisms advertised beside these that are not made here
    std::vector<Mechanism> fast{};        ///< for <fast/>; empty if there is to be none

    /// In either list.
    [[nodiscard]] bool has(Mechanism mechanism) const;
    [[nodiscard]] bool has(Binding binding) const;
    [[nodiscard]] bool tolerates(Binding binding) const;
    /// Whether a -PLUS form is among them: then a client that says 'y' was deceived.
    [[nodiscard]] bool binds_channel() const;
};

[[nodiscard]] Offer offer(const Policy& policy);

/// The string whose hash lets a client notice that somebody shortened the lists. Those of <fast/> are not part of it:
/// they are no mechanisms of the stream, but of an inline feature.
/// @see XEP-0474 0.5.0 "Server Sends Downgrade Protection Hash", steps 1 to 4
[[nodiscard]] std::string downgrade_protection_input(const Offer& offer);

/// The version of a TLS connection as XEP-0515 0.1.0 "Server Sends TLS Version As Hex" has it: "0304".
/// @param version  "TLSv1.3", as OpenSSL names it; the result is empty where it is none that is known
[[nodiscard]] std::string_view tls_version_code(std::string_view version);

}  // namespace aldis::sasl
