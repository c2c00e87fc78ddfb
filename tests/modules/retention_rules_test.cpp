#include "modules/retention_rules.h"

#include <gtest/gtest.h>

#include "modules/data_policy_rules.h"

namespace aldis::modules {
namespace {

using retention::cutoff_of;
using retention::Limits;
using std::chrono::days;
using std::chrono::hours;
using xep::data_policy::Access;
using xep::data_policy::AuthData;
using xep::data_policy::Period;
using xep::data_policy::Policy;

constexpr Timestamp now{days{20'000}};

TEST(RetentionRules, KeepForTheShorterOfBothTimes) {
    struct Case {
        int limit;
        std::optional<days> own;
        int kept;
    };
    for (const Case& one : {Case{0, {}, 0}, Case{0, days{0}, 0}, Case{30, {}, 30}, Case{30, days{0}, 30},
                            Case{0, days{7}, 7}, Case{30, days{7}, 7}, Case{7, days{30}, 7}})
        EXPECT_EQ(retention::shorter(days{one.limit}, one.own), days{one.kept});
}

TEST(RetentionRules, GoByTheOwnersDomain) {
    const Limits limits{.all = days{30}, .domains = {{"club.example", days{0}}, {"work.example", days{365}}}};
    EXPECT_EQ(cutoff_of("romeo@example.org", {}, limits, now), now - days{30});
    EXPECT_EQ(cutoff_of("romeo@work.example", {}, limits, now), now - days{365});
    EXPECT_EQ(cutoff_of("romeo@club.example", {}, limits, now), std::nullopt);
    EXPECT_EQ(cutoff_of("romeo@club.example", days{7}, limits, now), now - days{7});
    EXPECT_TRUE(limits.any());
    EXPECT_FALSE((Limits{.domains = {{"club.example", days{0}}}}.any()));
    EXPECT_TRUE((Limits{.domains = {{"club.example", days{1}}}}.any()));
}

TEST(RetentionRules, TellWhatFollows) {
    const xep::dataforms::Form form = retention::form_of({.days = 7}, days{1});
    EXPECT_EQ(form.field("days")->value(), "7");
    EXPECT_EQ(form.instructions.front(),
              "This server keeps messages for 1 day. Your own can go earlier: from the server, not from your devices.");
    EXPECT_EQ(retention::told({.days = 7}, days{0}), "Messages are kept for 7 days. Older ones go within the hour.");
    EXPECT_EQ(retention::told({.days = 0}, days{0}), "Messages are kept for ever.");
}

TEST(DataPolicy, SaysWhatTheServerDoes) {
    const Policy policy = data_policy::policy_of(
        {.passwords_seen = false, .keep = days{30}, .deletion = true, .erasure = true},
        {.encrypted_disk = true, .terms = "https://example.org/terms", .access = {Access::admins}});
    EXPECT_EQ(policy.auth_data, AuthData::hidden);
    EXPECT_EQ(policy.data_retention, (Period{.hours = hours{720}}));
    EXPECT_EQ(policy.data_deletion, true);
    EXPECT_EQ(policy.full_erasure, true);
    EXPECT_EQ(policy.encryption_at_rest, true);
    EXPECT_EQ(policy.data_export, false);
    EXPECT_EQ(policy.tos, "https://example.org/terms");
    EXPECT_FALSE(policy.backup_frequency);
    EXPECT_FALSE(policy.data_transmission) << "there is nothing behind it";
    EXPECT_EQ(data_policy::policy_of({.passwords_seen = true}, {}).auth_data, AuthData::plain);
    EXPECT_EQ(data_policy::policy_of({}, {}).data_retention, (Period{.kind = Period::Kind::infinite}));
}

TEST(DataPolicy, StoresNothingOfGuests) {
    const Policy policy = data_policy::policy_of({.guests = true}, {});
    EXPECT_EQ(policy.auth_data, AuthData::no_auth);
    EXPECT_EQ(policy.data_retention, Period{});
    EXPECT_FALSE(policy.encryption_at_rest);
}

TEST(DataPolicy, SaysNoneOnlyAlone) {
    EXPECT_EQ(data_policy::policy_of({}, {.access = {Access::none}}).access_policy, std::vector{Access::none});
    EXPECT_EQ(data_policy::policy_of({}, {.access = {Access::none, Access::partners}}).access_policy,
              std::vector{Access::partners});
    EXPECT_EQ(data_policy::policy_of({}, {}).access_policy, std::vector{Access::admins});
}

TEST(DataPolicy, TellsHowLongBackupsLast) {
    const Policy policy = data_policy::policy_of({}, {.backup_every = hours{24}, .backup_kept_for = hours{0}});
    EXPECT_EQ(policy.backup_frequency, (Period{.hours = hours{24}}));
    EXPECT_EQ(policy.backup_retention, (Period{.kind = Period::Kind::infinite}));
}

}  // namespace
}  // namespace aldis::modules
