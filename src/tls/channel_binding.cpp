#include "tls/channel_binding.h"

#include <openssl/err.h>
#include <openssl/objects.h>

#include <array>
#include <string_view>

namespace aldis::tls {
namespace {

std::string text_of(const unsigned char* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

// RFC 5929 section 4.1: MD5 and SHA-1 are replaced by SHA-256; signatures without one hash function have no binding.
const EVP_MD* binding_hash(const X509& certificate) {
    int digest = NID_undef;
    if (X509_get_signature_info(const_cast<X509*>(&certificate), &digest, nullptr, nullptr, nullptr) != 1)
        return nullptr;
    if (digest == NID_md5 || digest == NID_sha1) digest = NID_sha256;
    return digest == NID_undef ? nullptr : EVP_get_digestbynid(digest);
}

}  // namespace

std::optional<std::string> exporter_binding(SSL& ssl) {
    if (SSL_version(&ssl) < TLS1_3_VERSION) return std::nullopt;
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    std::array<unsigned char, 32> bytes{};
    if (SSL_export_keying_material(&ssl, bytes.data(), bytes.size(), label.data(), label.size(), nullptr, 0, 0) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    return text_of(bytes.data(), bytes.size());
}

std::optional<std::string> unique_binding(const SSL& ssl) {
    // Without RFC 7627 a man in the middle can arrange for the same value on two connections.
    // COMPAT: slixmpp 1.8 (CPython knows no other type) binds to the client's Finished in TLS 1.3 too, where RFC 9266
    // leaves tls-unique undefined. That value covers the whole handshake; we take it, but do not announce it.
    const bool tls13 = SSL_version(&ssl) >= TLS1_3_VERSION;
    if (!tls13 && SSL_get_extms_support(const_cast<SSL*>(&ssl)) != 1) return std::nullopt;
    // The first Finished message: the client's, unless the session was resumed.
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    const std::size_t size = SSL_session_reused(&ssl) == 1 ? SSL_get_finished(&ssl, bytes.data(), bytes.size())
                                                           : SSL_get_peer_finished(&ssl, bytes.data(), bytes.size());
    if (size == 0) return std::nullopt;
    return text_of(bytes.data(), size);
}

std::optional<std::string> end_point_binding(const X509& certificate) {
    const EVP_MD* const hash = binding_hash(certificate);
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    if (hash == nullptr || X509_digest(&certificate, hash, bytes.data(), &size) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    return text_of(bytes.data(), size);
}

}  // namespace aldis::tls
