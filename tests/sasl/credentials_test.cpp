#include "sasl/credentials.h"

#include <gtest/gtest.h>

#include "client.h"

namespace aldis::sasl {
namespace {

TEST(SaslCredentials, ReadsWhatItWrote) {
    const Credentials made = test::pencil();
    const std::string text = made.serialise();
    const std::optional<Credentials> read = Credentials::parse(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->serialise(), text);
    for (const Hash hash : all_hashes) EXPECT_NE(read->find(hash), nullptr);
    EXPECT_TRUE(verify("pencil", *read));
}

TEST(SaslCredentials, ReadsASingleFamily) {
    for (const Hash hash : all_hashes) {
        const std::optional<Credentials> read = Credentials::parse(test::pencil(hash).serialise());
        ASSERT_TRUE(read);
        for (const Hash each : all_hashes) EXPECT_EQ(read->find(each) != nullptr, each == hash);
    }
}

TEST(SaslCredentials, KeepsItsFormatForRowsAlreadyWritten) {
    const std::string row = "1 SHA-1:4096:QSXCR+Q6sek8bf92:6dlGYMOdZcOPutkcNY8U2g7vK9Y=:D+CSWLOshSulAsxiupA+qs2/fTE=";
    const std::optional<Credentials> read = Credentials::parse(row);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->find(Hash::sha1)->iterations, 4096U);
    EXPECT_TRUE(verify("pencil", *read));
    EXPECT_EQ(read->serialise(), row);
}

TEST(SaslCredentials, RefusesAnythingElse) {
    const std::string salt = "QSXCR+Q6sek8bf92";
    const std::string stored = "6dlGYMOdZcOPutkcNY8U2g7vK9Y=";
    const std::string server = "D+CSWLOshSulAsxiupA+qs2/fTE=";
    const std::string keys = ':' + stored + ':' + server;
    const std::string good = "SHA-1:4096:" + salt + keys;
    ASSERT_TRUE(Credentials::parse("1 " + good));
    const std::string large_salt(4 * 44, 'A');  // 132 bytes
    for (const std::string& bad : {std::string{},
                                   std::string{"1"},
                                   std::string{"1 "},
                                   "2 " + good,
                                   "1  " + good,
                                   " 1 " + good,
                                   "1 " + good + " ",
                                   "1 " + good + '\n',
                                   "1 " + good + ' ' + good,
                                   "1 SHA-2" + good.substr(5),
                                   "1 sha-1" + good.substr(5),
                                   "1 SHA-256" + good.substr(5),
                                   "1 SHA-1:0:" + salt + keys,
                                   "1 SHA-1::" + salt + keys,
                                   "1 SHA-1:-1:" + salt + keys,
                                   "1 SHA-1:+1:" + salt + keys,
                                   "1 SHA-1:04096:" + salt + keys,
                                   "1 SHA-1:4096x:" + salt + keys,
                                   "1 SHA-1:10000001:" + salt + keys,
                                   "1 SHA-1:99999999999:" + salt + keys,
                                   "1 SHA-1:4096:" + keys,
                                   "1 SHA-1:4096:" + large_salt + keys,
                                   "1 SHA-1:4096:QSX" + keys,
                                   "1 SHA-1:4096:" + salt + ':' + stored,
                                   "1 SHA-1:4096:" + salt + keys + ":",
                                   "1 SHA-1:4096:" + salt + keys + ":AA==",
                                   "1 SHA-1:4096:" + salt + ':' + stored + ":AA==",
                                   "1 SHA-1:4096:" + salt + "::" + server})
        EXPECT_FALSE(Credentials::parse(bad)) << bad;
}

TEST(SaslCredentials, RefusesFamiliesOutOfOrder) {
    const std::string one = test::pencil(Hash::sha1).serialise().substr(2);
    const std::string two = test::pencil(Hash::sha256).serialise().substr(2);
    EXPECT_TRUE(Credentials::parse("1 " + one + ' ' + two));
    EXPECT_FALSE(Credentials::parse("1 " + two + ' ' + one));
}

TEST(SaslCredentials, RefusesEveryTruncation) {
    const std::string text = test::pencil().serialise();
    const std::size_t families[] = {text.find(" SHA-256"), text.find(" SHA-512")};
    for (std::size_t length = 0; length < text.size(); ++length) {
        const bool whole_families = length == families[0] || length == families[1];
        EXPECT_EQ(Credentials::parse(text.substr(0, length)).has_value(), whole_families) << length;
    }
}

TEST(SaslCredentials, VerifiesOnlyTheRightPassword) {
    for (const Hash hash : all_hashes) {
        EXPECT_TRUE(verify("pencil", test::pencil(hash)));
        EXPECT_FALSE(verify("Pencil", test::pencil(hash)));
        EXPECT_FALSE(verify("", test::pencil(hash)));
    }
    EXPECT_FALSE(verify("pencil", Credentials{}));
}

TEST(SaslCredentials, GivesEachFamilyItsOwnSalt) {
    SystemRandom random;
    const Credentials made = derive("pencil", all_hashes, 1, random);
    EXPECT_EQ(made.find(Hash::sha1)->salt.size(), salt_size);
    EXPECT_NE(made.find(Hash::sha1)->salt, made.find(Hash::sha256)->salt);
    EXPECT_NE(derive("pencil", all_hashes, 1, random).find(Hash::sha1)->salt, made.find(Hash::sha1)->salt);
}

TEST(SaslCredentials, AddsOnlyWhatIsMissing) {
    Credentials imported = test::pencil(Hash::sha1);
    const std::string salt = imported.find(Hash::sha1)->salt;
    SystemRandom random;
    imported.add_missing(derive("pencil", all_hashes, 1, random));
    EXPECT_EQ(imported.find(Hash::sha1)->salt, salt);
    EXPECT_NE(imported.find(Hash::sha512), nullptr);
}

TEST(SaslCredentials, DecoysAreTheSameForTheSameNameOnly) {
    const Keys keys = decoy(Hash::sha256, "secret", "nobody", 7);
    EXPECT_EQ(keys.salt, decoy(Hash::sha256, "secret", "nobody", 7).salt);
    EXPECT_EQ(keys.salt.size(), salt_size);
    EXPECT_EQ(keys.iterations, 7U);
    EXPECT_NE(keys.salt, decoy(Hash::sha256, "secret", "somebody", 7).salt);
    EXPECT_NE(keys.salt, decoy(Hash::sha256, "another", "nobody", 7).salt);
    EXPECT_NE(keys.salt, decoy(Hash::sha512, "secret", "nobody", 7).salt);
}

}  // namespace
}  // namespace aldis::sasl
