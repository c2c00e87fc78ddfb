#include <gtest/gtest.h>

#include "base/base64.h"
#include "client.h"
#include "sasl/server.h"

namespace aldis::sasl {
namespace {

/// derive() chooses its salts itself; these are the RFCs'.
Credentials pencil_with(Hash hash, std::string_view encoded_salt) {
    const std::string salt = base64_decode(encoded_salt).value();
    const Digest salted = pbkdf2(hash, "pencil", salt, 4096);
    Credentials credentials;
    credentials.set(hash, {.salt = salt,
                           .iterations = 4096,
                           .stored_key = digest(hash, hmac(hash, salted, "Client Key")),
                           .server_key = hmac(hash, salted, "Server Key")});
    return credentials;
}

struct Vector {
    Mechanism mechanism;
    std::string_view salt, server_nonce;
    std::string_view client_first, server_first, client_final, server_final;
};

void expect_conversation(const Vector& vector, Terms terms) {
    test::CountingRandom random;
    terms.mechanism = vector.mechanism;
    terms.nonce = vector.server_nonce;
    Server server{terms, random};
    const Step asked = server.start(vector.client_first);
    ASSERT_TRUE(std::holds_alternative<NeedCredentials>(asked));
    EXPECT_EQ(std::get<NeedCredentials>(asked).username, "user");
    EXPECT_EQ(test::challenge_of(server.provide(pencil_with(*hash_of(vector.mechanism), vector.salt))),
              vector.server_first);
    const Step last = server.respond(vector.client_final);
    ASSERT_TRUE(std::holds_alternative<Success>(last)) << std::get<Refusal>(last).why;
    EXPECT_EQ(std::get<Success>(last).additional_data, vector.server_final);
}

Terms without_channel() {
    Terms terms = test::terms_for(Mechanism::scram_sha1);
    terms.offer = offer({.encrypted = true});
    terms.downgrade_protection = false;
    return terms;
}

TEST(Rfc5802, Section5) {
    expect_conversation({.mechanism = Mechanism::scram_sha1,
                         .salt = "QSXCR+Q6sek8bf92",
                         .server_nonce = "3rfcNHYJY1ZVvWVs7j",
                         .client_first = "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
                         .server_first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
                         .client_final = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
                                         "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                         .server_final = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
                        without_channel());
}

TEST(Rfc7677, Section3) {
    expect_conversation({.mechanism = Mechanism::scram_sha256,
                         .salt = "W22ZaJ0SNY7soEsUEjb6gQ==",
                         .server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
                         .client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
                         .server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                         "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                         .client_final = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                         "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                         .server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
                        without_channel());
}

// XEP-0474 0.5.0 "Full Example": -PLUS, an unknown extension in the client's last message, and 'h'.
TEST(Xep0474, FullExample) {
    Terms terms = test::terms_for(Mechanism::scram_sha1_plus);
    terms.offer = offer({.encrypted = true, .bindings = bindings_of_tls(true), .hashes = {Hash::sha1}, .plain = false});
    terms.bindings.tls_exporter = "THIS IS FAKE CB DATA";
    expect_conversation({.mechanism = Mechanism::scram_sha1_plus,
                         .salt = "QSXCR+Q6sek8bf92",
                         .server_nonce = "a09117a6-ac50-4f2f-93f1-93799c2bddf6",
                         .client_first = "p=tls-exporter,,n=user,r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6",
                         .server_first = "r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6a09117a6-ac50-4f2f-93f1-93799c2bddf6,"
                                         "s=QSXCR+Q6sek8bf92,i=4096,h=G6k/rBLDqgOhRRaCuuatSDFkJ08=",
                         .client_final = "c=cD10bHMtZXhwb3J0ZXIsLFRISVMgSVMgRkFLRSBDQiBEQVRB,"
                                         "r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6a09117a6-ac50-4f2f-93f1-93799c2bddf6,"
                                         "x=19C6532F-1CF4-4A27-A18D-DC9CEA41BBB3,p=M/SIDjT+dfcxUh89jZEypRvFxB4=",
                         .server_final = "v=MQrMPvv7yv4x4Cq4W4Ih25EqS2c="},
                        terms);
}

// XEP-0515 0.1.0 "Full Example": 't' beside 'h'.
TEST(Xep0515, FullExample) {
    Terms terms = test::terms_for(Mechanism::scram_sha1_plus);
    terms.offer = offer({.encrypted = true, .bindings = bindings_of_tls(true), .hashes = {Hash::sha1}, .plain = false});
    terms.bindings.tls_exporter = "THIS IS FAKE CB DATA";
    terms.tls_version = "TLSv1.3";
    expect_conversation({.mechanism = Mechanism::scram_sha1_plus,
                         .salt = "QSXCR+Q6sek8bf92",
                         .server_nonce = "a09117a6-ac50-4f2f-93f1-93799c2bddf6",
                         .client_first = "p=tls-exporter,,n=user,r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6",
                         .server_first = "r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6a09117a6-ac50-4f2f-93f1-93799c2bddf6,"
                                         "s=QSXCR+Q6sek8bf92,i=4096,h=G6k/rBLDqgOhRRaCuuatSDFkJ08=,t=0304",
                         .client_final = "c=cD10bHMtZXhwb3J0ZXIsLFRISVMgSVMgRkFLRSBDQiBEQVRB,"
                                         "r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6a09117a6-ac50-4f2f-93f1-93799c2bddf6,"
                                         "p=KHUfN8dSy1K95crT4D5y1ItLJfs=",
                         .server_final = "v=3w34ZIMVRkx2f2Ozb3/ecRPVdv4="},
                        terms);
}

}  // namespace
}  // namespace aldis::sasl
