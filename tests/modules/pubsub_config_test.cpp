// Forms of nodes: what owners submit, and what publishers demand.
#include <gtest/gtest.h>

#include "modules/pubsub/config.h"
#include "modules/pubsub/errors.h"

namespace aldis::modules::pubsub {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;
using xep::pubsub::AccessModel;
using xep::pubsub::Bound;

Form config(const Fields& fields) {
    Form form = options_form(fields);
    form.fields.front().values = {std::string{NodeConfig::form.type}};
    return form;
}

std::string_view error_of(const auto& result) {
    if (result) return "none";
    return result.error().specific.name.empty() ? stanza::name_of(result.error().condition)
                                                : result.error().specific.name;
}

TEST(PubsubConfig, ChangesOnlyWhatIsSubmitted) {
    const NodeConfig before{.max_items = {7}, .title = "Plays"};
    const Result<NodeConfig> after =
        configured(config({{"access_model", "roster"}, {"roster_groups_allowed", "A"}, {"roster_groups_allowed", "B"}}),
                   before, Kind::personal);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->access_model, AccessModel::roster);
    EXPECT_EQ(after->roster_groups, (std::vector<std::string>{"A", "B"}));
    EXPECT_EQ(after->max_items, Bound{7});
    EXPECT_EQ(after->title, "Plays");
}

TEST(PubsubConfig, RefusesWhatCannotBe) {
    struct Row {
        Fields fields;
        Kind kind;
        std::string_view error;
    };
    const Row rows[] = {
        {{{"access_model", "whitelist"}}, Kind::service, "none"},
        {{{"access_model", "presence"}}, Kind::service, "unsupported-access-model"},
        {{{"access_model", "secret"}}, Kind::personal, "unsupported-access-model"},
        {{{"node_type", "collection"}}, Kind::personal, "unsupported"},
        {{{"max_items", "many"}}, Kind::personal, "not-acceptable"},
        {{{"max_items", "max"}}, Kind::personal, "none"},
        {{{"persist_items", "perhaps"}}, Kind::personal, "not-acceptable"},
        {{{"title", std::string(20'000, 'x')}}, Kind::personal, "not-acceptable"},
        {{{"something_new", "1"}}, Kind::personal, "none"},
    };
    for (const Row& row : rows)
        EXPECT_EQ(error_of(configured(config(row.fields), {}, row.kind)), row.error) << row.fields[0].first;
    EXPECT_EQ(error_of(configured(options_form({}), {}, Kind::personal)), "bad-request");
}

// XEP-0060 "Publishing Options"; the nodes are those of OMEMO.
TEST(PubsubConfig, ComparesPreconditionsExactly) {
    const NodeConfig omemo{.access_model = AccessModel::open, .max_items = {}};
    const auto check = [&](const Fields& fields) {
        return error_of(check_preconditions(options_form(fields), omemo, Kind::personal));
    };
    EXPECT_EQ(check({{"access_model", "open"}, {"max_items", "max"}, {"persist_items", "1"}}), "none");
    EXPECT_EQ(check({{"access_model", "presence"}}), "precondition-not-met");
    EXPECT_EQ(check({{"access_model", "open"}, {"max_items", "1"}}), "precondition-not-met");
    EXPECT_EQ(check({{"something_new", "1"}}), "feature-not-implemented");
    EXPECT_EQ(check({{"persist_items", "perhaps"}}), "not-acceptable");
    EXPECT_EQ(error_of(check_preconditions(config({}), omemo, Kind::personal)), "bad-request");
}

TEST(PubsubConfig, MakesNodesAsThePublisherDemands) {
    const Result<NodeConfig> made =
        config_of_options(options_form({{"access_model", "open"}, {"max_items", "max"}}), Kind::personal);
    ASSERT_TRUE(made);
    NodeConfig expected = default_config(Kind::personal);
    expected.access_model = AccessModel::open;
    expected.max_items = {};
    EXPECT_EQ(*made, expected);
    EXPECT_EQ(error_of(config_of_options(options_form({{"something_new", "1"}}), Kind::personal)),
              "feature-not-implemented");
}

TEST(PubsubConfig, HasTheDefaultsOfPersonalEventing) {
    const NodeConfig personal = default_config(Kind::personal);
    EXPECT_EQ(personal.access_model, AccessModel::presence);
    EXPECT_EQ(personal.send_last, xep::pubsub::SendLast::on_sub_and_presence);
    EXPECT_TRUE(personal.deliver_notifications && personal.deliver_payloads && personal.persist_items);
    EXPECT_EQ(default_config(Kind::service).access_model, AccessModel::open);
}

TEST(PubsubConfig, IsStoredAsText) {
    NodeConfig every = default_config(Kind::personal);
    every.access_model = AccessModel::roster;
    every.roster_groups = {"Friends", "My \"other\" friends"};
    every.max_items = {20};
    every.item_expire = {3600};
    every.title = "Plays";
    every.contact = {*Jid::parse("romeo@x")};
    every.max_payload_size = 1000;
    every.persist_items = false;
    EXPECT_EQ(decode(encode(every)), every);
    EXPECT_EQ(decode(encode({})), NodeConfig{});
}

TEST(PubsubConfig, OffersServicesNoPresence) {
    const Form form = config_form(default_config(Kind::service), Kind::service, xep::dataforms::Kind::form);
    EXPECT_EQ(form.field("pubsub#roster_groups_allowed"), nullptr);
    EXPECT_EQ(form.field("pubsub#access_model")->options.size(), 3U);
    EXPECT_EQ(config_form({}, Kind::personal, xep::dataforms::Kind::form).field("pubsub#access_model")->options.size(),
              5U);
}

TEST(PubsubConfig, KeepsNoMoreItemsThanTheServiceAllows) {
    EXPECT_EQ(items_kept({.max_items = {}}, 100), 100U);
    EXPECT_EQ(items_kept({.max_items = {20}}, 100), 20U);
    EXPECT_EQ(items_kept({.max_items = {200}}, 100), 100U);
    EXPECT_EQ(items_kept({.max_items = {0}}, 100), 1U);
    EXPECT_EQ(items_kept({.persist_items = false}, 100), 0U);
}

}  // namespace
}  // namespace aldis::modules::pubsub
