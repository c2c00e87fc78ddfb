#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0313_mam.h"
#include "xep/xep0441_mam_preferences.h"

namespace aldis::xep::mam {
namespace {

std::string query(const std::string& inner) { return "<query xmlns='urn:xmpp:mam:2'>" + inner + "</query>"; }

std::string form(const std::string& fields) {
    return "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value>"
           "</field>" +
           fields + "</x>";
}

std::string field(const std::string& var, const std::string& value) {
    return "<field var='" + var + "'><value>" + value + "</value></field>";
}

Result<Filter> filter(const std::string& fields) { return filter_of(*parse<Query>(query(form(fields)))); }

Condition refusal(const std::string& fields) {
    const Result<Filter> read = filter(fields);
    return read ? Condition::undefined_condition : read.error().condition;
}

TEST(Xep0313, ReadsAQuery) {
    EXPECT_EQ(parse<Query>("<query xmlns='urn:xmpp:mam:2' queryid='f27' />")->queryid, "f27");
    const Result<Query> read = parse<Query>(
        query(form(field("start", "2010-08-07T00:00:00Z")) +
              "<set xmlns='http://jabber.org/protocol/rsm'><max>10</max><after>09af3-cc343-b409f</after></set>"
              "<flip-page/>"));
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->flip_page);
    EXPECT_EQ(read->set->max, 10u);
    EXPECT_EQ(read->set->after, "09af3-cc343-b409f");
    EXPECT_EQ(filter_of(*read)->start, parse_date_time("2010-08-07T00:00:00Z"));
}

TEST(Xep0313, HasNoConditionsWithoutAForm) {
    const Result<Filter> read = filter_of(*parse<Query>(query("")));
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->with || read->start || read->end || read->before_id || read->after_id ||
                 read->include_groupchat || !read->ids.empty());
}

TEST(Xep0313, ReadsEachCondition) {
    const Result<Filter> read = filter(field("with", "juliet@capulet.lit") + field("start", "2010-06-07T00:00:00Z") +
                                       field("end", "2010-07-07T13:23:54Z") + field("after-id", "28482-98726-73623") +
                                       field("before-id", "09af3-cc343-b409f") + field("include-groupchat", "false") +
                                       "<field var='ids'><value>a</value><value>b</value></field>");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->with, jid("juliet@capulet.lit"));
    EXPECT_EQ(read->end, parse_date_time("2010-07-07T13:23:54Z"));
    EXPECT_EQ(read->after_id, "28482-98726-73623");
    EXPECT_EQ(read->before_id, "09af3-cc343-b409f");
    EXPECT_EQ(read->include_groupchat, false);
    EXPECT_EQ(read->ids, (std::vector<std::string>{"a", "b"}));
}

TEST(Xep0313, RefusesAQueryWhoseStartIsNoTimestamp) {
    EXPECT_EQ(refusal(field("start", "yesterday")), Condition::not_acceptable);
    EXPECT_EQ(refusal(field("with", "@")), Condition::not_acceptable);
}

// "If a client includes a form field that the server does not recognise"
TEST(Xep0313, RefusesAConditionItDoesNotKnow) {
    EXPECT_EQ(refusal(field("{http://example.com/}free-text-search", "Juliet")), Condition::feature_not_implemented);
}

TEST(Xep0313, RefusesAnotherForm) {
    EXPECT_EQ(filter_of({.form = dataforms::Form{.kind = dataforms::Kind::submit}}).error().condition,
              Condition::bad_request);
    EXPECT_FALSE(parse<Query>(query("<x xmlns='jabber:x:data'/>")));
    EXPECT_FALSE(parse<Query>(query("<set xmlns='http://jabber.org/protocol/rsm'><max>x</max></set>")));
}

// "Server returns supported fields"
TEST(Xep0313, TellsTheFieldsItKnows) {
    EXPECT_EQ(
        build(Query{.form = dataforms::blank<Filter>()}),
        query("<x xmlns='jabber:x:data' type='form'>"
              "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>"
              "<field var='with' type='jid-single'/><field var='start' type='text-single'/>"
              "<field var='end' type='text-single'/><field var='before-id' type='text-single'/>"
              "<field var='after-id' type='text-single'/><field var='ids' type='list-multi'>"
              "<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'><open/></validate>"
              "</field><field var='include-groupchat' type='boolean'/>"
              "<field var='{urn:xmpp:fulltext:0}fulltext' type='text-single'/></x>"));
}

// "Server returns two matching messages"
TEST(Xep0313, ReadsAndBuildsAMatch) {
    const std::string match =
        "<result xmlns='urn:xmpp:mam:2' queryid='f27' id='28482-98726-73623'><forwarded xmlns='urn:xmpp:forward:0'>"
        "<delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/><message xmlns='jabber:client' "
        "to='juliet@capulet.lit/balcony' from='romeo@montague.lit/orchard' type='chat'><body>Call me but love</body>"
        "</message></forwarded></result>";
    EXPECT_EQ(round<Match>(match), match);
    EXPECT_EQ(*parse<Match>(match)->forwarded.stanza,
              "<message to='juliet@capulet.lit/balcony' from='romeo@montague.lit/orchard' type='chat'>"
              "<body>Call me but love</body></message>");
    EXPECT_FALSE(parse<Match>("<result xmlns='urn:xmpp:mam:2' id='1'/>"));
}

TEST(Xep0313, ReadsAndBuildsTheEnd) {
    const std::string fin =
        "<fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'>"
        "<first index='0'>23452-4534-1</first><last>390-2342-22</last><count>16</count></set></fin>";
    EXPECT_EQ(round<Fin>(fin), fin);
    EXPECT_EQ(build(Fin{.stable = false}),
              "<fin xmlns='urn:xmpp:mam:2' stable='false'><set xmlns='http://jabber.org/protocol/rsm'/></fin>");
}

// "Server returns archive metadata"
TEST(Xep0313, ReadsAndBuildsMetadata) {
    const std::string metadata =
        "<metadata xmlns='urn:xmpp:mam:2'><start id='YWxwaGEg' timestamp='2008-08-22T21:09:04Z'/>"
        "<end id='b21lZ2Eg' timestamp='2020-04-20T14:34:21Z'/></metadata>";
    EXPECT_EQ(round<Metadata>(metadata), metadata);
    EXPECT_EQ(parse<Metadata>(metadata)->end->id, "b21lZ2Eg");
    EXPECT_EQ(build(Metadata{}), "<metadata xmlns='urn:xmpp:mam:2'/>");
}

TEST(Xep0441, ReadsAndBuildsPreferences) {
    const std::string prefs =
        "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always><jid>romeo@montague.lit</jid></always>"
        "<never><jid>montague@montague.lit</jid></never></prefs>";
    EXPECT_EQ(round<Prefs>(prefs), prefs);
    EXPECT_EQ(parse<Prefs>(prefs)->never, std::vector{jid("montague@montague.lit")});
    // "The <always> and <never> MUST also be present (even if empty)."
    EXPECT_EQ(build(Prefs{.otherwise = Default::never}),
              "<prefs xmlns='urn:xmpp:mam:2' default='never'><always/><never/></prefs>");
    EXPECT_EQ(parse<Prefs>("<prefs xmlns='urn:xmpp:mam:2'/>")->otherwise, std::nullopt);
}

TEST(Xep0441, RefusesWhatIsMalformed) {
    EXPECT_FALSE(parse<Prefs>("<prefs xmlns='urn:xmpp:mam:2' default='sometimes'/>"));
    EXPECT_FALSE(parse<Prefs>("<prefs xmlns='urn:xmpp:mam:2'><always><jid>@</jid></always></prefs>"));
}

}  // namespace
}  // namespace aldis::xep::mam
