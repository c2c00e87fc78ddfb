#include "tls/client_certificates.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "tls/key_material.h"

namespace aldis::tls {
namespace {

constexpr int longest_chain = 6;            // certificates between the client's and an authority
constexpr long largest_chain = 32L * 1024;  // bytes
constexpr std::size_t most_addresses = 16;
constexpr std::size_t longest_address = 3071;  // bytes: RFC 7622 section 3.1

/// The handshake goes on whatever comes out, which is kept in the session and its ticket: XEP-0257 wants certificates
/// that nobody vouches for. That the client has the key is checked elsewhere, for every certificate.
int on_client_certificate(X509_STORE_CTX* chain, void*) {
    const bool any_authority = sk_X509_OBJECT_num(X509_STORE_get0_objects(X509_STORE_CTX_get0_store(chain))) > 0;
    if (!any_authority || X509_verify_cert(chain) != 1) {
        if (!any_authority || X509_STORE_CTX_get_error(chain) == X509_V_OK)
            X509_STORE_CTX_set_error(chain, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
        ERR_clear_error();
    }
    return 1;
}

/// The text of an id-on-xmppAddr entry; empty if it is anything else, or unfit to be an address.
std::string_view address_in(const GENERAL_NAME& name) {
    if (name.type != GEN_OTHERNAME) return {};
    const OTHERNAME& other = *name.d.otherName;
    if (OBJ_obj2nid(other.type_id) != NID_XmppAddr || ASN1_TYPE_get(other.value) != V_ASN1_UTF8STRING) return {};
    const ASN1_STRING* const text = other.value->value.utf8string;
    const std::string_view address{reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                   static_cast<std::size_t>(ASN1_STRING_length(text))};
    return address.size() <= longest_address && !address.contains('\0') ? address : std::string_view{};
}

std::vector<std::string> addresses_of(const X509& certificate) {
    std::vector<std::string> addresses;
    const std::unique_ptr<GENERAL_NAMES, Free<&GENERAL_NAMES_free>> names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
    const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
    for (int at = 0; at < count && addresses.size() < most_addresses; ++at) {
        const std::string_view address = address_in(*sk_GENERAL_NAME_value(names.get(), at));
        if (!address.empty()) addresses.emplace_back(address);
    }
    return addresses;
}

std::string fingerprint_of(const X509& certificate) {
    std::string bytes(32, '\0');
    require(X509_digest(&certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(bytes.data()), nullptr) == 1,
            "fingerprint");
    return bytes;
}

PeerCertificate read(const X509& certificate) {
    const Certificate known = describe(certificate);
    return {.verified = false,
            .xmpp_addrs = addresses_of(certificate),
            .fingerprint = fingerprint_of(certificate),
            .valid_from = known.valid_from,
            .valid_until = known.valid_until};
}

}  // namespace

std::optional<PeerCertificate> read_peer_certificate(std::string_view der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const unsigned char* const end = at + der.size();
    const CertificatePtr certificate{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
    ERR_clear_error();
    if (!certificate || at != end) return std::nullopt;
    PeerCertificate result = read(*certificate);
    ERR_clear_error();
    return result;
}

void take_client_certificates(SSL_CTX& context, const std::vector<CertificatePtr>& authorities) {
    SSL_CTX_set_cert_verify_callback(&context, &on_client_certificate, nullptr);
    SSL_CTX_set_verify_depth(&context, longest_chain);
    SSL_CTX_set_max_cert_list(&context, largest_chain);
    X509_STORE* const store = SSL_CTX_get_cert_store(&context);
    for (const CertificatePtr& authority : authorities)
        require(X509_STORE_add_cert(store, authority.get()) == 1, "authority for client certificates");
}

void ask_for_certificate(SSL& ssl, bool ask) { SSL_set_verify(&ssl, ask ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr); }

std::shared_ptr<const PeerCertificate> peer_certificate(const SSL& ssl) {
    const X509* const certificate = SSL_get0_peer_certificate(&ssl);
    if (certificate == nullptr) return nullptr;
    auto peer = std::make_shared<PeerCertificate>(read(*certificate));
    peer->verified = SSL_get_verify_result(&ssl) == X509_V_OK;
    ERR_clear_error();
    return peer;
}

}  // namespace aldis::tls
