#include "sasl/upgrade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "client.h"
#include "sasl/server.h"

namespace aldis::sasl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Xep0480, NamesItsTasks) {
    EXPECT_EQ(upgrade_task(Hash::sha256), "UPGR-SCRAM-SHA-256");
    EXPECT_EQ(upgrade_task_named("UPGR-SCRAM-SHA-512"), Hash::sha512);
    EXPECT_FALSE(upgrade_task_named("UPGR-SCRAM-SHA-256-PLUS"));
    EXPECT_FALSE(upgrade_task_named("UPGR-SCRAM-SHA-1"));
    EXPECT_FALSE(upgrade_task_named("SCRAM-SHA-256"));
}

TEST(Xep0480, OffersWhatTheHostStores) {
    EXPECT_THAT(offered_upgrades(all_hashes), ElementsAre(Hash::sha512, Hash::sha256));
    EXPECT_THAT(offered_upgrades(std::array{Hash::sha1, Hash::sha256}), ElementsAre(Hash::sha256));
    EXPECT_THAT(offered_upgrades(std::array{Hash::sha1}), IsEmpty());
}

TEST(Xep0480, DoesWhatTheClientAskedForAndTheAccountLacks) {
    const std::vector<std::string> both{"UPGR-SCRAM-SHA-256", "UPGR-BLOOP2", "UPGR-SCRAM-SHA-512",
                                        "UPGR-SCRAM-SHA-256"};
    const Credentials old = test::pencil(Hash::sha1);
    const auto scram = Mechanism::scram_sha1_plus;
    EXPECT_THAT(due_upgrades(both, scram, old, all_hashes), ElementsAre(Hash::sha256, Hash::sha512));
    EXPECT_THAT(due_upgrades(both, scram, old, std::array{Hash::sha512}), ElementsAre(Hash::sha512));
    EXPECT_THAT(due_upgrades(both, scram, test::pencil(Hash::sha256), all_hashes), ElementsAre(Hash::sha512));
    EXPECT_THAT(due_upgrades(both, scram, test::pencil(), all_hashes), IsEmpty());
    EXPECT_THAT(due_upgrades({}, scram, old, all_hashes), IsEmpty());
}

TEST(Xep0480, IsOnlyForWhoHasShownThePassword) {
    const std::vector<std::string> task{"UPGR-SCRAM-SHA-256"};
    const Credentials old = test::pencil(Hash::sha1);
    EXPECT_THAT(due_upgrades(task, Mechanism::plain, old, all_hashes), ElementsAre(Hash::sha256));
    for (const Mechanism mechanism : {Mechanism::external, Mechanism::anonymous, Mechanism::ht_sha256_endp})
        EXPECT_THAT(due_upgrades(task, mechanism, old, all_hashes), IsEmpty());
}

TEST(Xep0480, LeadsToKeysThatThePasswordFits) {
    test::CountingRandom random;
    const Upgrade upgrade{Hash::sha256, default_iterations, random};
    const std::string salt = base64_decode(upgrade.salt()).value();
    EXPECT_EQ(salt.size(), salt_size);
    const Digest salted = pbkdf2(Hash::sha256, "pencil", salt, upgrade.iterations());
    const Read<Keys> keys = upgrade.finish(base64_encode(salted));
    ASSERT_TRUE(keys);
    Credentials credentials = test::pencil(Hash::sha1);
    credentials.set(Hash::sha256, *keys);
    EXPECT_TRUE(verify("pencil", credentials));
    EXPECT_FALSE(verify("pen", credentials));
    EXPECT_TRUE(Credentials::parse(credentials.serialise()));
}

// "SCRAM hash upgrade task for SCRAM-SHA-256": <hash/> as it stands there, on a line of its own.
TEST(Xep0480, ReadsTheExample) {
    test::CountingRandom random;
    const Upgrade upgrade{Hash::sha256, 4096, random};
    EXPECT_EQ(upgrade.iterations(), 4096);
    EXPECT_TRUE(upgrade.finish("\n      BzOnw3Pc5H4bOLlPZ/8JAy6wnTpH05aH21KW2+Xfpaw=\n    "));
}

TEST(Xep0480, RefusesAHashOfAnotherSize) {
    test::CountingRandom random;
    const Upgrade upgrade{Hash::sha512, 4096, random};
    const auto condition = [&](std::string_view text) { return upgrade.finish(text).error().condition; };
    EXPECT_EQ(condition("BzOnw3Pc5H4bOLlPZ/8JAy6wnTpH05aH21KW2+Xfpaw="), Failure::malformed_request);
    EXPECT_EQ(condition(""), Failure::malformed_request);
    EXPECT_EQ(condition("  \n"), Failure::malformed_request);
    EXPECT_EQ(condition(base64_encode(std::string(65, 'x'))), Failure::malformed_request);
    EXPECT_EQ(condition(std::string(5000, 'A')), Failure::malformed_request);
    EXPECT_EQ(condition("not base64!"), Failure::incorrect_encoding);
}

TEST(Xep0480, NeverAsksForFewerIterationsThanItsSchemaAllows) {
    test::CountingRandom random;
    EXPECT_EQ((Upgrade{Hash::sha256, 16, random}.iterations()), 4096);
}

}  // namespace
}  // namespace aldis::sasl
