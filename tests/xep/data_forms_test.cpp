#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0004_data_forms.h"
#include "xep/xep0068_form_types.h"
#include "xep/xep0082_date_time.h"

namespace aldis::xep::dataforms {

struct Bot {
    std::optional<std::string> name = {};
    std::vector<std::string> description = {};
    bool open = false;
    std::optional<int> most = {};
    std::vector<Jid> invited = {};

    static constexpr auto form = dataforms::form(
        "jabber:bot", field<&Bot::name>("botname", FieldType::text_single),
        field<&Bot::description>("description", FieldType::text_multi), field<&Bot::open>("public", FieldType::boolean),
        field<&Bot::most>("maxsubs", FieldType::list_single), field<&Bot::invited>("invitelist", FieldType::jid_multi));
};

namespace {

// XEP-0004 "Service Returns Bot Creation Form", with the children in our order.
const std::string empty_form =
    "<x xmlns='jabber:x:data' type='form'><title>Bot Configuration</title>"
    "<instructions>Fill out this form to configure your new bot!</instructions>"
    "<field var='FORM_TYPE' type='hidden'><value>jabber:bot</value></field>"
    "<field type='fixed'><value>Section 1: Bot Info</value></field>"
    "<field var='botname' type='text-single' label='The name of your bot'/>"
    "<field var='public' type='boolean' label='Public bot?'><required/></field>"
    "<field var='maxsubs' type='list-single' label='Maximum number of subscribers'><value>20</value>"
    "<option label='10'><value>10</value></option><option label='None'><value>none</value></option></field>"
    "<field var='invitelist' type='jid-multi' label='People to invite'>"
    "<desc>Tell all your friends about your new bot!</desc></field></x>";

// XEP-0004 "User Submits Bot Creation Form".
const std::string submitted =
    "<x xmlns='jabber:x:data' type='submit'>"
    "<field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>"
    "<field type='text-single' var='botname'><value>The Jabber Google Bot</value></field>"
    "<field type='text-multi' var='description'><value>This bot enables you to send requests to</value>"
    "<value>Google</value></field>"
    "<field type='boolean' var='public'><value>1</value></field>"
    "<field type='text-private' var='password'><value>v3r0na</value></field>"
    "<field type='list-single' var='maxsubs'><value>50</value></field>"
    "<field type='jid-multi' var='invitelist'><value>juliet@capulet.com</value>"
    "<value>benvolio@montague.net</value></field></x>";

Form submit(const std::string& fields) {
    return *parse<Form>(
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>jabber:bot</value></field>" + fields +
        "</x>");
}

Condition refusal(const std::string& fields) {
    const Result<Bot> bot = read<Bot>(submit(fields), Unknown::refused);
    return bot ? Condition::undefined_condition : bot.error().condition;
}

TEST(Xep0004, ReadsAndBuildsTheFormOfTheExample) {
    EXPECT_EQ(round<Form>(empty_form), empty_form);
    const Form form = *parse<Form>(empty_form);
    EXPECT_EQ(form.form_type(), "jabber:bot");
    EXPECT_TRUE(form.field("public")->required);
    EXPECT_EQ(form.field("maxsubs")->options[1].value, "none");
    EXPECT_EQ(form.field("maxsubs")->value(), "20");
    EXPECT_EQ(form.field("nothing"), nullptr);
    EXPECT_EQ(form.fields[1].var, std::nullopt);
}

// "Service Returns Search Results"
TEST(Xep0004, ReadsAndBuildsATableOfResults) {
    const std::string table =
        "<x xmlns='jabber:x:data' type='result'><title>Joogle Search: verona</title>"
        "<reported><field var='name'/><field var='url'/></reported>"
        "<item><field var='name'><value>benvenuto!</value></field>"
        "<field var='url'><value>http://www.hellasverona.it/</value></field></item>"
        "<item><field var='name'><value>Verona</value></field><field var='url'><value/></field></item></x>";
    EXPECT_EQ(round<Form>(table), table);
}

TEST(Xep0004, RefusesWhatIsNoForm) {
    for (const char* text :
         {"<x xmlns='jabber:x:data'/>", "<x xmlns='jabber:x:data' type='other'/>",
          "<x xmlns='jabber:x:oob' type='form'/>",
          "<x xmlns='jabber:x:data' type='form'><field type='list-single' var='a'><option/></field></x>"})
        EXPECT_FALSE(parse<Form>(text)) << text;
}

TEST(Xep0004, TakesAFieldOfATypeItDoesNotKnowForText) {
    const Form form = *parse<Form>("<x xmlns='jabber:x:data' type='form'><field var='a' type='colour'/></x>");
    EXPECT_EQ(form.fields[0].type, FieldType::text_single);
}

// XEP-0068 "Incorrectly Specified FORM_TYPE"
TEST(Xep0068, TakesAFormTypeThatIsNotHiddenForAnyField) {
    const auto type_of = [](std::string_view kind, std::string_view type) {
        return std::string{parse<Form>("<x xmlns='jabber:x:data' type='" + std::string{kind} +
                                       "'><field var='FORM_TYPE'" + std::string{type} + "><value>a</value></field></x>")
                               ->form_type()};
    };
    EXPECT_EQ(type_of("form", " type='text-single'"), "");
    EXPECT_EQ(type_of("result", ""), "");
    EXPECT_EQ(type_of("result", " type='hidden'"), "a");
    EXPECT_EQ(type_of("submit", ""), "a");
}

TEST(Xep0068, ReadsWhatWasSubmitted) {
    const Result<Bot> bot = read<Bot>(*parse<Form>(submitted));
    ASSERT_TRUE(bot);
    EXPECT_EQ(bot->name, "The Jabber Google Bot");
    EXPECT_EQ(bot->description.size(), 2u);
    EXPECT_TRUE(bot->open);
    EXPECT_EQ(bot->most, 50);
    EXPECT_EQ(bot->invited, (std::vector{jid("juliet@capulet.com"), jid("benvolio@montague.net")}));
}

// "Incomplete Submission Form Handling", "Setting empty or absent values"
TEST(Xep0068, LeavesWhatIsNotSubmittedAsItIs) {
    const Bot current{.name = "old", .description = {"a"}, .open = true, .most = 3};
    EXPECT_EQ(read<Bot>(submit(""), Unknown::refused, current)->name, "old");
    EXPECT_EQ(read<Bot>(submit("<field var='botname'/>"), Unknown::refused, current)->name, std::nullopt);
    EXPECT_EQ(read<Bot>(submit("<field var='maxsubs'><value/></field>"), Unknown::refused, current)->most,
              std::nullopt);
    EXPECT_TRUE(read<Bot>(submit("<field var='description'/>"), Unknown::refused, current)->description.empty());
    EXPECT_TRUE(read<Bot>(submit("<field var='maxsubs'/>"), Unknown::refused, current)->open);
}

TEST(Xep0068, RefusesWhatIsMalformedUnknownOrAnotherForm) {
    EXPECT_EQ(refusal("<field var='maxsubs'><value>many</value></field>"), Condition::not_acceptable);
    EXPECT_EQ(refusal("<field var='maxsubs'><value>1</value><value>2</value></field>"), Condition::not_acceptable);
    EXPECT_EQ(refusal("<field var='public'/>"), Condition::not_acceptable);
    EXPECT_EQ(refusal("<field var='invitelist'><value>a@b</value><value>@</value></field>"), Condition::not_acceptable);
    EXPECT_EQ(refusal("<field var='colour'><value>red</value></field>"), Condition::feature_not_implemented);
    EXPECT_EQ(refusal("<field><value>red</value></field>"), Condition::feature_not_implemented);
    EXPECT_EQ(refusal("<field type='fixed'><value>Section 1</value></field>"), Condition::undefined_condition);
    EXPECT_TRUE(read<Bot>(submit("<field var='colour'/>"), Unknown::ignored));
    EXPECT_EQ(read<Bot>(*parse<Form>(empty_form)).error().condition, Condition::bad_request);
    EXPECT_EQ(read<Bot>(Form{.kind = Kind::submit}).error().condition, Condition::bad_request);
}

TEST(Xep0068, BuildsTheFormItsResultAndASubmission) {
    EXPECT_EQ(
        build(blank<Bot>()),
        "<x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'><value>jabber:bot</value></field>"
        "<field var='botname' type='text-single'/><field var='description' type='text-multi'/>"
        "<field var='public' type='boolean'/><field var='maxsubs' type='list-single'/>"
        "<field var='invitelist' type='jid-multi'/></x>");
    const Bot bot{.name = "n", .open = true, .invited = {jid("a@b"), jid("c@d")}};
    EXPECT_EQ(build(filled(bot, Kind::result)),
              "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>jabber:bot</value>"
              "</field><field var='botname' type='text-single'><value>n</value></field>"
              "<field var='public' type='boolean'><value>true</value></field><field var='invitelist' type='jid-multi'>"
              "<value>a@b</value><value>c@d</value></field></x>");
    EXPECT_EQ(filled(bot, Kind::form).fields.size(), 6u);
    const Result<Bot> again = read<Bot>(filled(bot, Kind::submit));
    ASSERT_TRUE(again);
    EXPECT_EQ(build(filled(*again, Kind::submit)), build(filled(bot, Kind::submit)));
}

// XEP-0004 "Field Types": of jid-multi, "duplicate JIDs MUST be ignored".
TEST(Xep0068, IgnoresAddressesThatComeTwice) {
    const Result<Bot> bot =
        read<Bot>(submit("<field var='invitelist'><value>a@b</value><value>c@d</value><value>A@B</value></field>"));
    ASSERT_TRUE(bot);
    EXPECT_EQ(bot->invited, (std::vector{jid("a@b"), jid("c@d")}));
}

}  // namespace
}  // namespace aldis::xep::dataforms
