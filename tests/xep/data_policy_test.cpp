#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0313_mam.h"
#include "xep/xep0504_data_policy.h"

namespace aldis::xep::data_policy {
namespace {

/// Example "Gateway responds with two data-policy forms", the first of them, as it is submitted.
std::string example(const std::string& type, const std::string& more = {}) {
    return "<x xmlns='jabber:x:data' type='" + type +
           "'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:data-policy:0</value></field>"
           "<field var='auth_data' type='list-single'><value>plain</value></field>"
           "<field var='data_transmission' type='list-single'><value>plain</value></field>"
           "<field var='data_retention' type='text-single'><value>0</value></field>"
           "<field var='data_deletion' type='boolean'><value>false</value></field>" +
           more + "</x>";
}

Result<Policy> policy(const std::string& more = {}) {
    return dataforms::read<Policy>(*parse<dataforms::Form>(example("submit", more)));
}

std::string field(const std::string& var, const std::string& value) {
    return "<field var='" + var + "'><value>" + value + "</value></field>";
}

TEST(Xep0504, ReadsAPolicyAndBuildsItAgain) {
    const Result<Policy> read = policy();
    ASSERT_TRUE(read);
    EXPECT_EQ(read->auth_data, AuthData::plain);
    EXPECT_EQ(read->data_transmission, Transmission::plain);
    EXPECT_EQ(read->data_retention, Period{});
    EXPECT_EQ(read->data_deletion, false);
    EXPECT_FALSE(read->full_erasure);
    const dataforms::Form built = dataforms::filled(*read, dataforms::Kind::result);
    const Result<dataforms::Form> expected = parse<dataforms::Form>(example("result"));
    ASSERT_EQ(built.fields.size(), expected->fields.size());
    for (std::size_t at = 0; at < built.fields.size(); ++at) {
        EXPECT_EQ(built.fields[at].var, expected->fields[at].var);
        EXPECT_EQ(built.fields[at].type, expected->fields[at].type);
        EXPECT_EQ(built.fields[at].values, expected->fields[at].values);
    }
}

TEST(Xep0504, HasSpecialTimes) {
    EXPECT_EQ(policy(field("backup_retention", "infinite"))->backup_retention,
              (Period{.kind = Period::Kind::infinite}));
    EXPECT_EQ(policy(field("backup_retention", "unknown"))->backup_retention, (Period{.kind = Period::Kind::unknown}));
    EXPECT_EQ(policy(field("backup_retention", "24"))->backup_retention, (Period{.hours = std::chrono::hours{24}}));
    Policy told;
    told.data_retention = Period{.kind = Period::Kind::infinite};
    told.access_policy = {Access::admins, Access::government};
    const dataforms::Form form = dataforms::filled(told, dataforms::Kind::result);
    EXPECT_EQ(form.field("data_retention")->value(), "infinite");
    EXPECT_EQ(form.field("access_policy")->values, (std::vector<std::string>{"admins", "government"}));
}

TEST(Xep0504, RefusesWhatIsNoValue) {
    EXPECT_FALSE(policy(field("backup_frequency", "daily")));
    EXPECT_FALSE(policy(field("backup_frequency", "-1")));
    EXPECT_FALSE(policy(field("access_policy", "everybody")));
    EXPECT_FALSE(policy(field("data_export", "maybe")));
}

TEST(Xep0431, IsAFieldOfTheArchivesForm) {
    const dataforms::Form form = dataforms::blank<mam::Filter>();
    ASSERT_NE(form.field("{urn:xmpp:fulltext:0}fulltext"), nullptr);
    EXPECT_EQ(form.field("{urn:xmpp:fulltext:0}fulltext")->type, dataforms::FieldType::text_single);
    const auto read = [](const std::string& value) {
        return mam::filter_of(*parse<mam::Query>(
            "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' "
            "type='hidden'><value>urn:xmpp:mam:2</value></field>" +
            field("{urn:xmpp:fulltext:0}fulltext", value) + "</x></query>"));
    };
    EXPECT_EQ(read("soft light")->fulltext, "soft light");
    EXPECT_FALSE(read("")->fulltext) << "section 2.2: \"which if non-empty is used\"";
}

}  // namespace
}  // namespace aldis::xep::data_policy
