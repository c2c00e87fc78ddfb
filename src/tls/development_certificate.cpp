#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "tls/certificate.h"
#include "tls/key_material.h"

namespace aldis::tls {
namespace {

constexpr long seconds_valid = 60L * 60 * 24 * 365;

bool is_address(const std::string& name) {
    std::array<unsigned char, sizeof(in6_addr)> parsed{};
    return inet_pton(AF_INET, name.c_str(), parsed.data()) == 1 ||
           inet_pton(AF_INET6, name.c_str(), parsed.data()) == 1;
}

void add_extension(X509& certificate, int nid, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free<&X509_EXTENSION_free>> extension{
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())};
    require(extension && X509_add_ext(&certificate, extension.get(), -1) == 1, "certificate extension");
}

void set_serial(X509& certificate) {
    std::array<unsigned char, 16> bytes{};
    require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "serial number");
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7fU) | 0x40U);  // positive, and always as long
    const std::unique_ptr<BIGNUM, Free<&BN_free>> number{
        BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)};
    require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr, "serial number");
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        if (!list.empty()) list += ',';
        list += (is_address(name) ? "IP:" : "DNS:") + name;
    }
    return list;
}

CertificatePtr self_signed(const std::vector<std::string>& names, EVP_PKEY& key) {
    CertificatePtr certificate{X509_new()};
    X509& it = *certificate;
    X509_set_version(&it, X509_VERSION_3);
    set_serial(it);
    X509_gmtime_adj(X509_getm_notBefore(&it), -60 * 60);  // for clients whose clock is slow
    X509_gmtime_adj(X509_getm_notAfter(&it), seconds_valid);
    X509_set_pubkey(&it, &key);
    X509_NAME* const subject = X509_get_subject_name(&it);
    const auto* const common_name = reinterpret_cast<const unsigned char*>(names.front().c_str());
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common_name, -1, -1, 0) == 1, "common name");
    X509_set_issuer_name(&it, subject);
    add_extension(it, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(it, NID_key_usage, "critical,digitalSignature");
    add_extension(it, NID_ext_key_usage, "serverAuth");
    add_extension(it, NID_subject_alt_name, alternative_names(names));
    require(X509_sign(&it, &key, EVP_sha256()) > 0, "signature");
    return certificate;
}

std::string pem_of(auto write, auto*... what) {
    const BioPtr memory{BIO_new(BIO_s_mem())};
    require(write(memory.get(), what...) == 1, "PEM");
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

void write_new_file(const std::string& path, std::string_view text, mode_t mode) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) throw Error{path, std::strerror(errno)};
    const ssize_t written = write(file, text.data(), text.size());
    const int closed = close(file);
    if (written != static_cast<ssize_t>(text.size()) || closed != 0) throw Error{path, "cannot be written"};
}

}  // namespace

Certificate make_development_certificate(const std::vector<std::string>& names, const CertificateFiles& files) {
    if (names.empty()) throw Error{files.chain, "a certificate needs a name"};
    const KeyPtr key{EVP_EC_gen("P-256")};
    require(key != nullptr, "key");
    const CertificatePtr certificate = self_signed(names, *key);
    std::string key_text =
        pem_of([](BIO* to,
                  EVP_PKEY* from) { return PEM_write_bio_PrivateKey(to, from, nullptr, nullptr, 0, nullptr, nullptr); },
               key.get());
    write_new_file(files.key, key_text, 0600);
    OPENSSL_cleanse(key_text.data(), key_text.size());
    write_new_file(files.chain,
                   pem_of([](BIO* to, X509* from) { return PEM_write_bio_X509(to, from); }, certificate.get()), 0644);
    return describe(*certificate);
}

}  // namespace aldis::tls
