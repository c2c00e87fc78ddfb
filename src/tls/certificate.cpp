#include "tls/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>

#include "tls/key_material.h"

namespace aldis::tls {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;

std::string read_file(const std::string& path) {
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    std::string text(largest_file, '\0');
    if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.is_open() || file.bad()) throw Error{path, std::strerror(errno != 0 ? errno : EIO)};
    if (file.gcount() == 0) throw Error{path, "is empty, or no file"};
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

BioPtr bio_over(const std::string& text) { return BioPtr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))}; }

// Asked for only if the key is encrypted: says so instead of prompting.
int note_encryption(char*, int, int, void* noted) {
    *static_cast<bool*>(noted) = true;
    return -1;
}

KeyPtr read_key(const std::string& path) {
    std::string text = read_file(path);
    bool encrypted = false;
    KeyPtr key{PEM_read_bio_PrivateKey(bio_over(text).get(), nullptr, &note_encryption, &encrypted)};
    OPENSSL_cleanse(text.data(), text.size());
    ERR_clear_error();
    if (encrypted) throw Error{path, "is encrypted; a key without passphrase is needed"};
    if (!key) throw Error{path, "holds no private key in PEM form"};
    return key;
}

Timestamp time_of(const ASN1_TIME* time) {
    std::tm broken_down{};
    if (ASN1_TIME_to_tm(time, &broken_down) != 1) return {};
    return Timestamp{std::chrono::seconds{timegm(&broken_down)}};
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

std::string text_of(const ASN1_STRING* string) {
    const auto* const data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));
    return lower({data, static_cast<std::size_t>(ASN1_STRING_length(string))});
}

std::vector<std::string> names_of(const X509& certificate) {
    std::vector<std::string> names;
    const std::unique_ptr<GENERAL_NAMES, Free<&GENERAL_NAMES_free>> alternatives{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(alternatives.get(), i);
        if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
    }
    if (!names.empty()) return names;
    const X509_NAME* const subject = X509_get_subject_name(&certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at >= 0) names.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
    return names;
}

std::string fingerprint_of(const X509& certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    require(X509_digest(&certificate, EVP_sha256(), digest.data(), &size) == 1, "fingerprint");
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        if (i > 0) text += ':';
        text += hex[digest[i] >> 4U];
        text += hex[digest[i] & 15U];
    }
    return text;
}

}  // namespace

std::vector<CertificatePtr> read_certificates(const std::string& path) {
    const std::string text = read_file(path);
    const BioPtr bio = bio_over(text);
    std::vector<CertificatePtr> chain;
    while (CertificatePtr next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)})
        chain.push_back(std::move(next));
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    const std::string reason = take_openssl_error();
    if (chain.empty() && at_end) throw Error{path, "holds no certificate in PEM form"};
    if (!at_end) throw Error{path, "holds a damaged certificate (" + reason + ")"};
    return chain;
}

bool name_covers(std::string_view name, std::string_view domain) {
    if (name == domain) return true;
    const std::size_t dot = domain.find('.');
    return name.starts_with("*.") && dot != 0 && dot != std::string_view::npos && name.substr(1) == domain.substr(dot);
}

bool Certificate::covers(std::string_view domain) const {
    return std::ranges::any_of(names, [&](const std::string& name) { return name_covers(name, domain); });
}

Certificate describe(const X509& certificate) {
    Certificate info;
    info.names = names_of(certificate);
    info.fingerprint = fingerprint_of(certificate);
    const char* const type = EVP_PKEY_get0_type_name(X509_get0_pubkey(&certificate));
    info.key_type = type == nullptr ? "unknown" : type;
    info.valid_from = time_of(X509_get0_notBefore(&certificate));
    info.valid_until = time_of(X509_get0_notAfter(&certificate));
    info.self_signed = X509_NAME_cmp(X509_get_subject_name(&certificate), X509_get_issuer_name(&certificate)) == 0;
    return info;
}

KeyPair::KeyPair(const CertificateFiles& files) : files_{files}, material_{std::make_unique<Material>()} {
    material_->chain = read_certificates(files.chain);
    material_->leaf = std::move(material_->chain.front());
    material_->chain.erase(material_->chain.begin());
    material_->key = read_key(files.key);
    if (X509_check_private_key(material_->leaf.get(), material_->key.get()) != 1) {
        ERR_clear_error();
        throw Error{files.key, "is not the key of the certificate in " + files.chain};
    }
    material_->info = describe(*material_->leaf);
    struct stat status{};
    material_->key_is_public = stat(files.key.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

KeyPair::KeyPair(KeyPair&&) noexcept = default;
KeyPair& KeyPair::operator=(KeyPair&&) noexcept = default;
KeyPair::~KeyPair() = default;

const Certificate& KeyPair::certificate() const { return material_->info; }

std::vector<std::string> KeyPair::warnings(Timestamp now) const {
    std::vector<std::string> all;
    if (now > material_->info.valid_until) all.push_back(files_.chain + ": the certificate has expired");
    if (now < material_->info.valid_from) all.push_back(files_.chain + ": the certificate is not valid yet");
    if (material_->key_is_public) all.push_back(files_.key + ": everybody on this machine may read the key");
    return all;
}

}  // namespace aldis::tls
