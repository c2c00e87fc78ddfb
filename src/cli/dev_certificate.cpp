#include "cli/dev_certificate.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <stdexcept>

namespace aldis::cli {
namespace {

namespace fs = std::filesystem;

constexpr long lifetime = 365L * 24 * 3600;

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
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

void require(bool good) {
    if (!good) throw std::runtime_error{"OpenSSL could not make a certificate"};
}

void add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// RFC 5280 section 4.1.2.2: positive, unique.
void set_serial(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    require(RAND_bytes(bytes.data(), bytes.size()) == 1);
    bytes[0] &= 0x7fU;
    const std::unique_ptr<BIGNUM, Deleter<BN_free>> number{BN_bin2bn(bytes.data(), bytes.size(), nullptr)};
    require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void set_names(X509* certificate, const std::string& domain) {
    X509_NAME* const subject = X509_get_subject_name(certificate);
    const std::string name = domain.substr(0, 64);  // RFC 5280 appendix A.1: ub-common-name
    const auto* const bytes = reinterpret_cast<const unsigned char*>(name.c_str());
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, bytes, static_cast<int>(name.size()), -1, 0) == 1);
    require(X509_set_issuer_name(certificate, subject) == 1);
    const bool local = domain == "localhost";
    const bool number = domain.find_first_not_of("0123456789.") == std::string::npos;
    if (number) return add_extension(certificate, NID_subject_alt_name, "IP:" + domain);
    add_extension(certificate, NID_subject_alt_name,
                  "DNS:" + domain + ",DNS:*." + domain + (local ? ",IP:127.0.0.1,IP:::1" : ""));
}

Certificate make_certificate(EVP_PKEY* key, const std::string& domain) {
    Certificate certificate{X509_new()};
    require(certificate != nullptr);
    require(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    set_serial(certificate.get());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);  // clocks differ
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), lifetime);
    require(X509_set_pubkey(certificate.get(), key) == 1);
    set_names(certificate.get(), domain);
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth,clientAuth");
    add_extension(certificate.get(), NID_subject_key_identifier, "hash");
    require(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
    return certificate;
}

/// Beside the target first, so that nobody ever reads half a file.
void write_file(const fs::path& path, const Bio& content, mode_t mode) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(content.get(), &bytes);
    const fs::path fresh = path.string() + ".new";
    fs::remove(fresh);
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    const bool good = file >= 0 && ::write(file, bytes, static_cast<std::size_t>(size)) == size;
    const int reason = errno;
    if (file >= 0) ::close(file);
    if (!good)
        throw std::runtime_error{"cannot write " + fresh.string() + ": " + std::generic_category().message(reason)};
    fs::rename(fresh, path);
}

}  // namespace

void make_dev_certificate(std::string_view domain, const fs::path& certificate, const fs::path& key) {
    const Key pair{EVP_EC_gen("P-256")};
    require(pair != nullptr);
    const Certificate made = make_certificate(pair.get(), std::string{domain});
    const Bio key_pem{BIO_new(BIO_s_mem())};
    const Bio certificate_pem{BIO_new(BIO_s_mem())};
    require(PEM_write_bio_PrivateKey(key_pem.get(), pair.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    require(PEM_write_bio_X509(certificate_pem.get(), made.get()) == 1);
    fs::create_directories(key.parent_path());
    fs::create_directories(certificate.parent_path());
    write_file(key, key_pem, 0600);
    write_file(certificate, certificate_pem, 0644);
}

std::string fingerprint(const fs::path& certificate) {
    const Bio file{BIO_new_file(certificate.c_str(), "r")};
    const Certificate read{file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr};
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (!read || X509_digest(read.get(), EVP_sha256(), digest.data(), &size) != 1) return {};
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        constexpr std::string_view hex = "0123456789ABCDEF";
        if (i > 0) text += ':';
        text += hex[digest[i] >> 4U];
        text += hex[digest[i] & 0xfU];
    }
    return text;
}

}  // namespace aldis::cli
