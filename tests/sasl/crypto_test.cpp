#include "sasl/crypto.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace aldis::sasl {
namespace {

const EVP_MD* md(Hash hash) {
    return hash == Hash::sha1 ? EVP_sha1() : hash == Hash::sha256 ? EVP_sha256() : EVP_sha512();
}

std::string openssl_pbkdf2(Hash hash, const std::string& password, const std::string& salt, int iterations) {
    std::string out(size_of(hash), '\0');
    PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                      reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()), iterations,
                      md(hash), static_cast<int>(out.size()), reinterpret_cast<unsigned char*>(out.data()));
    return out;
}

std::string openssl_hmac(Hash hash, const std::string& key, const std::string& text) {
    std::string out(size_of(hash), '\0');
    HMAC(md(hash), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
    return out;
}

TEST(SaslCrypto, Pbkdf2AgreesWithOpenssl) {
    for (const Hash hash : all_hashes)
        for (const std::size_t length : {0, 1, 8, 63, 64, 65, 127, 128, 129, 1000})
            for (const int iterations : {1, 2, 3, 257}) {
                const std::string password(length, 'p');
                const std::string salt(length / 3 + 1, 's');
                EXPECT_EQ(pbkdf2(hash, password, salt, static_cast<std::uint32_t>(iterations)).view(),
                          openssl_pbkdf2(hash, password, salt, iterations))
                    << name(hash) << ' ' << length << ' ' << iterations;
            }
}

TEST(SaslCrypto, HmacAgreesWithOpenssl) {
    for (const Hash hash : all_hashes)
        for (const std::size_t length : {0, 1, 20, 63, 64, 65, 128, 129, 500}) {
            const std::string key(length, 'k');
            const std::string text(500 - length, 't');
            EXPECT_EQ(hmac(hash, key, text).view(), openssl_hmac(hash, key, text)) << name(hash) << ' ' << length;
        }
}

TEST(SaslCrypto, DigestsHaveTheSizesOfTheirHashes) {
    for (const Hash hash : all_hashes) EXPECT_EQ(digest(hash, "abc").view().size(), size_of(hash));
}

TEST(SaslCrypto, EqualComparesSizesAndBytes) {
    EXPECT_TRUE(equal("", ""));
    EXPECT_TRUE(equal("same", "same"));
    EXPECT_FALSE(equal("same", "sane"));
    EXPECT_FALSE(equal("same", "sam"));
}

TEST(SaslCrypto, WipeEmptiesASecret) {
    std::string secret = "pencil";
    wipe(secret);
    EXPECT_TRUE(secret.empty());
}

}  // namespace
}  // namespace aldis::sasl
