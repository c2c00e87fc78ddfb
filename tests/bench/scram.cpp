#include "scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <map>
#include <stdexcept>
#include <tuple>

namespace load {
namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

const EVP_MD* digest_of(std::string_view mechanism) {
    if (mechanism == "SCRAM-SHA-512") return EVP_sha512();
    if (mechanism == "SCRAM-SHA-256") return EVP_sha256();
    if (mechanism == "SCRAM-SHA-1") return EVP_sha1();
    throw std::runtime_error{"unknown mechanism " + std::string{mechanism}};
}

std::string fresh_nonce() {
    std::array<unsigned char, 18> random{};
    RAND_bytes(random.data(), random.size());
    return to_base64({reinterpret_cast<const char*>(random.data()), random.size()});
}

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view text) {
    std::string result(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    HMAC(digest, key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
         reinterpret_cast<unsigned char*>(result.data()), &size);
    result.resize(size);
    return result;
}

std::string hash(const EVP_MD* digest, std::string_view text) {
    std::string result(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(result.data()), &size, digest, nullptr);
    result.resize(size);
    return result;
}

/// Remembered per salt, as clients do: a scenario that logs in again and again measures the server, not PBKDF2.
const std::string& salted_password(const EVP_MD* digest, const std::string& password, const std::string& salt,
                                   int rounds) {
    static std::map<std::tuple<int, std::string, std::string, int>, std::string> known;
    std::string& key = known[{EVP_MD_get_type(digest), password, salt, rounds}];
    if (!key.empty()) return key;
    key.resize(static_cast<std::size_t>(EVP_MD_get_size(digest)));
    PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt), static_cast<int>(salt.size()),
                      rounds, digest, static_cast<int>(key.size()), reinterpret_cast<unsigned char*>(key.data()));
    return key;
}

/// The value of `letter=` in a comma separated message.
std::string_view field(std::string_view message, char letter) {
    while (!message.empty()) {
        const std::string_view part = message.substr(0, message.find(','));
        if (part.size() > 1 && part[0] == letter && part[1] == '=') return part.substr(2);
        message.remove_prefix(std::min(message.size(), part.size() + 1));
    }
    return {};
}

std::string exclusive_or(std::string a, std::string_view b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
    return a;
}

}  // namespace

Scram::Scram(std::string_view mechanism, const std::string& user, std::string password)
    : Scram{mechanism, user, std::move(password), fresh_nonce()} {}

Scram::Scram(std::string_view mechanism, const std::string& user, std::string password, std::string nonce)
    : digest_{digest_of(mechanism)},
      password_{std::move(password)},
      nonce_{std::move(nonce)},
      first_bare_{"n=" + user + ",r=" + nonce_} {}

std::string Scram::final_message(std::string_view server_first) {
    const std::string_view nonce = field(server_first, 'r');
    const std::optional<std::string> salt = from_base64(field(server_first, 's'));
    const std::string_view count = field(server_first, 'i');
    int rounds = 0;
    std::from_chars(count.data(), count.data() + count.size(), rounds);
    if (!nonce.starts_with(nonce_) || !salt || rounds < 1) throw std::runtime_error{"not a SCRAM challenge"};

    const std::string without_proof = "c=biws,r=" + std::string{nonce};
    const std::string auth_message = first_bare_ + "," + std::string{server_first} + "," + without_proof;
    const std::string& salted = salted_password(digest_, password_, *salt, rounds);
    const std::string client_key = hmac(digest_, salted, "Client Key");
    const std::string signature = hmac(digest_, hash(digest_, client_key), auth_message);
    server_signature_ = hmac(digest_, hmac(digest_, salted, "Server Key"), auth_message);
    return without_proof + ",p=" + to_base64(exclusive_or(client_key, signature));
}

bool Scram::accepts(std::string_view server_final) const {
    return !server_signature_.empty() && field(server_final, 'v') == to_base64(server_signature_);
}

std::string to_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text), static_cast<int>(text.size()));
    if (text.empty() || size < 0) return std::nullopt;
    const std::size_t padding = text.size() - text.find_last_not_of('=') - 1;
    bytes.resize(static_cast<std::size_t>(size) - std::min<std::size_t>(padding, 2));
    return bytes;
}

}  // namespace load
