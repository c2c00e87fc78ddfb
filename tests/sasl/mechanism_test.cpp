#include "sasl/mechanism.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "sasl/failure.h"

namespace aldis::sasl {
namespace {

using testing::ElementsAre;
using enum Mechanism;

TEST(SaslMechanism, NamesReadBack) {
    for (const Mechanism mechanism : all_mechanisms) EXPECT_EQ(mechanism_named(name(mechanism)), mechanism);
    for (const Mechanism mechanism : fast_mechanisms) EXPECT_EQ(mechanism_named(name(mechanism)), mechanism);
    for (const Binding binding : {Binding::tls_exporter, Binding::tls_unique, Binding::tls_server_end_point})
        EXPECT_EQ(binding_named(name(binding)), binding);
    EXPECT_FALSE(mechanism_named("scram-sha-1"));
    EXPECT_FALSE(mechanism_named("SCRAM-SHA-1-"));
    EXPECT_FALSE(mechanism_named(""));
    EXPECT_FALSE(binding_named("tls-unique-for-telnet"));
}

TEST(SaslOffer, HasEverythingUnderTlsStrongestFirst) {
    const Offer made = offer({.encrypted = true, .bindings = bindings_of_tls(true)});
    EXPECT_THAT(made.mechanisms, ElementsAre(scram_sha512_plus, scram_sha256_plus, scram_sha1_plus, scram_sha512,
                                             scram_sha256, scram_sha1, plain));
    EXPECT_THAT(made.bindings, ElementsAre(Binding::tls_exporter, Binding::tls_server_end_point));
    EXPECT_TRUE(made.binds_channel());
}

TEST(SaslOffer, BindsTlsUniqueOnlyBelowTls13) {
    EXPECT_THAT(bindings_of_tls(false), ElementsAre(Binding::tls_unique, Binding::tls_server_end_point));
}

TEST(SaslOffer, HasNoPlusWithoutChannel) {
    const Offer made = offer({.encrypted = true});
    EXPECT_THAT(made.mechanisms, ElementsAre(scram_sha512, scram_sha256, scram_sha1, plain));
    EXPECT_FALSE(made.binds_channel());
}

TEST(SaslOffer, HasNoPlainWithoutTlsUnlessToldTo) {
    EXPECT_THAT(offer({}).mechanisms, ElementsAre(scram_sha512, scram_sha256, scram_sha1));
    EXPECT_TRUE(offer({.plain_unencrypted = true}).has(plain));
    EXPECT_FALSE(offer({.encrypted = true, .plain = false}).has(plain));
}

TEST(SaslOffer, HasOnlyTheHashesAllowed) {
    const Offer made =
        offer({.encrypted = true, .bindings = bindings_of_tls(true), .hashes = {Hash::sha256}, .plain = false});
    EXPECT_THAT(made.mechanisms, ElementsAre(scram_sha256_plus, scram_sha256));
}

TEST(SaslOffer, AnnouncesNoBindingsWhenNothingBinds) {
    EXPECT_TRUE(offer({.encrypted = true, .bindings = bindings_of_tls(true), .hashes = {}}).bindings.empty());
}

// XEP-0484 "Server advertises support for FAST".
TEST(Xep0484, OffersTokensBesideTheMechanisms) {
    const Offer made = offer({.encrypted = true, .bindings = bindings_of_tls(true), .fast = true});
    EXPECT_THAT(made.fast, ElementsAre(ht_sha256_expr, ht_sha256_endp, ht_sha256_none));
    EXPECT_THAT(offer({.encrypted = true, .bindings = bindings_of_tls(false), .fast = true}).fast,
                ElementsAre(ht_sha256_uniq, ht_sha256_endp, ht_sha256_none));
    EXPECT_TRUE(made.has(ht_sha256_endp));
    EXPECT_FALSE(made.has(ht_sha256_uniq));
    EXPECT_FALSE(downgrade_protection_input(made).contains("HT-"));
    EXPECT_EQ(made.mechanisms, offer({.encrypted = true, .bindings = bindings_of_tls(true)}).mechanisms);
}

TEST(Xep0484, OffersTokensOnlyUnderTls) {
    EXPECT_TRUE(offer({.fast = true}).fast.empty());
    EXPECT_TRUE(offer({.encrypted = true}).fast.empty());
}

TEST(Xep0515, KnowsTheVersions) {
    EXPECT_EQ(tls_version_code("TLSv1.3"), "0304");
    EXPECT_EQ(tls_version_code("TLSv1.2"), "0303");
    EXPECT_EQ(tls_version_code(""), "");
}

// XEP-0474 0.5.0 "Full Example".
TEST(Xep0474, HashesTheExample) {
    const Offer advertised{.encrypted = true,
                           .mechanisms = {scram_sha1, scram_sha1_plus},
                           .bindings = {Binding::tls_server_end_point, Binding::tls_exporter}};
    const std::string input = downgrade_protection_input(advertised);
    EXPECT_EQ(input, "SCRAM-SHA-1\x1eSCRAM-SHA-1-PLUS\x1ftls-exporter\x1etls-server-end-point");
    EXPECT_EQ(base64_encode(digest(Hash::sha1, input)), "G6k/rBLDqgOhRRaCuuatSDFkJ08=");
}

TEST(Xep0474, LeavesTheSecondDelimiterOutWithoutBindings) {
    EXPECT_EQ(downgrade_protection_input({.mechanisms = {scram_sha256, plain}}), "PLAIN\x1eSCRAM-SHA-256");
}

TEST(Xep0474, SortsTheMechanismsOfOthersAmongOurs) {
    EXPECT_EQ(downgrade_protection_input({.mechanisms = {scram_sha256, plain}, .others = {"X-NEW", "EXTERNAL"}}),
              "EXTERNAL\x1ePLAIN\x1eSCRAM-SHA-256\x1eX-NEW");
}

TEST(SaslFailure, HasTheNamesOfRfc6120) {
    EXPECT_EQ(name(Failure::aborted), "aborted");
    EXPECT_EQ(name(Failure::not_authorized), "not-authorized");
    EXPECT_EQ(name(Failure::temporary_auth_failure), "temporary-auth-failure");
    EXPECT_EQ(name(Failure::credentials_expired), "credentials-expired");
}

}  // namespace
}  // namespace aldis::sasl
