#include <openssl/err.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>

#include "tls/certificate_set.h"
#include "tls/client_certificates.h"
#include "tls/key_material.h"
#include "tls/stream.h"

namespace aldis::tls {
namespace {

// RFC 7590 section 3 (BCP 195): forward secrecy and authenticated encryption only.
constexpr const char* tls12_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-"
    "SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* tls13_ciphers = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

Instant steady_now() { return std::chrono::steady_clock::now(); }

// Fetched once: a look-up by name costs more than the encryption of a ticket.
EVP_CIPHER* ticket_cipher() {
    static const CipherPtr cipher{EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)};
    return cipher.get();
}

bool set_mac_key(EVP_MAC_CTX* mac, TicketKeys::Key& key) {
    std::array<char, 7> digest{"SHA256"};
    const std::array<OSSL_PARAM, 3> parameters{OSSL_PARAM_construct_octet_string("key", key.mac.data(), key.mac.size()),
                                               OSSL_PARAM_construct_utf8_string("digest", digest.data(), 0),
                                               OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
}

int seal_ticket(TicketKeys& keys, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    TicketKeys::Key key = keys.current(steady_now());
    std::ranges::copy(key.name, name);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(ticket_cipher())) != 1) return -1;
    const bool good =
        EVP_EncryptInit_ex2(cipher, ticket_cipher(), key.cipher.data(), iv, nullptr) == 1 && set_mac_key(mac, key);
    return good ? 1 : -1;
}

int open_ticket(TicketKeys& keys, const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
                EVP_MAC_CTX* mac) {
    std::optional<TicketKeys::Found> found = keys.find(std::span<const unsigned char, 16>{name, 16}, steady_now());
    if (!found) return 0;  // a full handshake follows
    const bool good = EVP_DecryptInit_ex2(cipher, ticket_cipher(), found->key.cipher.data(), iv, nullptr) == 1 &&
                      set_mac_key(mac, found->key);
    if (!good) return -1;
    return found->renew ? 2 : 1;
}

int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int sealing) {
    TicketKeys& keys = Stream::of(*ssl).set().tickets;
    return sealing == 1 ? seal_ticket(keys, name, iv, cipher, mac) : open_ticket(keys, name, iv, cipher, mac);
}

void configure(SSL_CTX& context) {
    require(SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) == 1, "TLS version");
    require(SSL_CTX_set_cipher_list(&context, tls12_ciphers) == 1, "TLS 1.2 ciphers");
    require(SSL_CTX_set_ciphersuites(&context, tls13_ciphers) == 1, "TLS 1.3 ciphers");
    require(SSL_CTX_set1_groups_list(&context, "X25519:P-256") == 1, "key exchange groups");
    SSL_CTX_set_options(&context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_RENEGOTIATION |
                                      SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(&context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(&context, 1);
    SSL_CTX_set_max_early_data(&context, 0);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(&context, &on_ticket);
    SSL_CTX_set_session_ticket_cb(&context, &Stream::on_new_ticket, nullptr, nullptr);
    SSL_CTX_set_client_hello_cb(&context, &Stream::on_client_hello, nullptr);
    SSL_CTX_set_alpn_select_cb(&context, &Stream::on_alpn, nullptr);
}

void add_pair(SSL_CTX& context, const KeyPair::Material& pair) {
    const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> chain{
        sk_X509_new_null(), [](STACK_OF(X509) * all) { sk_X509_free(all); }};
    for (const CertificatePtr& each : pair.chain) sk_X509_push(chain.get(), each.get());
    // A key of its own for each context: operations on a shared one take turns at its lock.
    const KeyPtr key{EVP_PKEY_dup(pair.key.get())};
    require(SSL_CTX_use_cert_and_key(&context, pair.leaf.get(), key.get(), chain.get(), 1) == 1, "certificate");
}

}  // namespace

ContextPtr make_server_context(const Context::Set::Domain& domain) {
    ContextPtr context{SSL_CTX_new(TLS_server_method())};
    require(context != nullptr, "TLS context");
    configure(*context);
    // A ticket is good for the domain that it was given for, and no other.
    std::array<unsigned char, EVP_MAX_MD_SIZE> id{};
    unsigned size = 0;
    require(EVP_Digest(domain.name.data(), domain.name.size(), id.data(), &size, EVP_sha256(), nullptr) == 1,
            "session id");
    SSL_CTX_set_session_id_context(context.get(), id.data(), SSL_MAX_SID_CTX_LENGTH);
    take_client_certificates(*context, domain.authorities);
    for (const KeyPair& pair : domain.pairs) add_pair(*context, pair.material());
    return context;
}

}  // namespace aldis::tls
