#include "client.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.h"

namespace aldis::sasl::test {
namespace {

const EVP_MD* md(Hash hash) {
    return hash == Hash::sha1 ? EVP_sha1() : hash == Hash::sha256 ? EVP_sha256() : EVP_sha512();
}

const unsigned char* data(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* data(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string keyed(Hash hash, std::string_view key, std::string_view text) {
    std::string out(size_of(hash), '\0');
    HMAC(md(hash), key.data(), static_cast<int>(key.size()), data(text), text.size(), data(out), nullptr);
    return out;
}

std::string hashed(Hash hash, std::string_view text) {
    std::string out(size_of(hash), '\0');
    EVP_Digest(text.data(), text.size(), data(out), nullptr, md(hash), nullptr);
    return out;
}

std::string salted(Hash hash, std::string_view password, std::string_view salt, int iterations) {
    std::string out(size_of(hash), '\0');
    PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), data(salt), static_cast<int>(salt.size()),
                      iterations, md(hash), static_cast<int>(out.size()), data(out));
    return out;
}

}  // namespace

std::string Client::attribute(std::string_view message, char name) {
    while (!message.empty()) {
        const std::string_view each = message.substr(0, message.find(','));
        if (each.size() > 1 && each[0] == name && each[1] == '=') return std::string{each.substr(2)};
        message.remove_prefix(std::min(each.size() + 1, message.size()));
    }
    return {};
}

std::string Client::final(std::string_view challenge) {
    const std::string salt = base64_decode(attribute(challenge, 's')).value();
    const std::string key = salted(hash, password, salt, std::stoi(attribute(challenge, 'i')));
    std::string message = "c=" + base64_encode(gs2_header + binding_data);
    message += ",r=" + attribute(challenge, 'r') + extension;

    const std::string auth_message = bare() + ',' + std::string{challenge} + ',' + message;
    std::string proof = keyed(hash, key, "Client Key");
    const std::string signature = keyed(hash, hashed(hash, proof), auth_message);
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
    expected_signature_ = base64_encode(keyed(hash, keyed(hash, key, "Server Key"), auth_message));
    return message + ",p=" + base64_encode(proof);
}

bool Client::trusts(std::string_view additional_data) const { return additional_data == "v=" + expected_signature_; }

Terms terms_for(Mechanism mechanism) {
    Terms terms{.mechanism = mechanism};
    terms.offer = offer({.encrypted = true, .bindings = bindings_of_tls(true)});
    terms.bindings = {.tls_exporter = "exporter data", .tls_server_end_point = "end-point data"};
    terms.decoy_secret = "a secret of the server";
    terms.iterations = 16;
    return terms;
}

Credentials pencil() {
    CountingRandom random;
    return derive("pencil", all_hashes, 16, random);
}

Credentials pencil(Hash hash) {
    CountingRandom random;
    return derive("pencil", std::array{hash}, 16, random);
}

Failure condition_of(const Step& step) {
    const Refusal* refusal = std::get_if<Refusal>(&step);
    EXPECT_NE(refusal, nullptr) << "step is number " << step.index();
    return refusal != nullptr ? refusal->condition : Failure::aborted;
}

std::string challenge_of(const Step& step) {
    const Challenge* challenge = std::get_if<Challenge>(&step);
    EXPECT_NE(challenge, nullptr) << "step is number " << step.index();
    return challenge != nullptr ? challenge->bytes : "";
}

}  // namespace aldis::sasl::test
