// Blocking, the reports that come with it, and idle clients: the examples of their texts.

#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0191_blocking.h"
#include "xep/xep0319_idle.h"
#include "xep/xep0377_reporting.h"

namespace aldis::xep {
namespace {

TEST(Xep0191, ReadsAndBuildsLists) {
    for (const std::string text :
         {"<blocklist xmlns='urn:xmpp:blocking'/>",
          "<blocklist xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/><item jid='iago@shakespeare.lit'/>"
          "</blocklist>"})
        EXPECT_EQ(round<blocking::Blocklist>(text), text);
    const std::string block = "<block xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/></block>";
    EXPECT_EQ(round<blocking::Block>(block), block);
    const std::string all = "<unblock xmlns='urn:xmpp:blocking'/>";
    EXPECT_EQ(round<blocking::Unblock>(all), all);
    EXPECT_FALSE(parse<blocking::Block>("<block xmlns='urn:xmpp:blocking'><item/></block>"));
}

TEST(Xep0377, ReadsAndBuildsAReport) {
    const std::string text =
        "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'>"
        "<stanza-id xmlns='urn:xmpp:sid:0' id='28482-98726-73623' by='romeo@example.net'/>"
        "<stanza-id xmlns='urn:xmpp:sid:0' id='38383-38018-18385' by='romeo@example.net'/>"
        "<text>Never came trouble to my house like this.</text><report-origin/><third-party/></report>";
    EXPECT_EQ(round<reporting::Report>(text), text);
    const auto least =
        parse<reporting::Report>("<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:abuse'/>");
    ASSERT_TRUE(least);
    EXPECT_EQ(least->reason, reporting::abuse);
    EXPECT_FALSE(least->third_party);
    EXPECT_FALSE(parse<reporting::Report>("<report xmlns='urn:xmpp:reporting:1'/>"));
}

TEST(Xep0319, ReadsAndBuildsTheTimeSinceWhenNobodyTouchedIt) {
    const std::string idle = "<idle xmlns='urn:xmpp:idle:1' since='1969-07-21T02:56:15Z'/>";
    EXPECT_EQ(round<Idle>(idle), idle);
    EXPECT_FALSE(parse<Idle>("<idle xmlns='urn:xmpp:idle:1' since='yesterday'/>"));
    EXPECT_FALSE(parse<Idle>("<idle xmlns='urn:xmpp:idle:1'/>"));
}

}  // namespace
}  // namespace aldis::xep
