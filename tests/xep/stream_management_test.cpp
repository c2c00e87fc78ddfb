#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0198_stream_management.h"
#include "xep/xep0352_csi.h"

namespace aldis::xep {
namespace {

// "Enabling Stream Management"
TEST(Xep0198, ReadsAndBuildsTheBeginning) {
    EXPECT_FALSE(parse<sm::Enable>("<enable xmlns='urn:xmpp:sm:3'/>")->resume);
    EXPECT_TRUE(parse<sm::Enable>("<enable xmlns='urn:xmpp:sm:3' resume='1'/>")->resume);
    const std::string enable = "<enable xmlns='urn:xmpp:sm:3' resume='true' max='600'/>";
    EXPECT_EQ(round<sm::Enable>(enable), enable);
    const std::string enabled =
        "<enabled xmlns='urn:xmpp:sm:3' id='some-long-sm-id' resume='true' max='600' "
        "location='[2001:41D0:1:A49b::1]:9222'/>";
    EXPECT_EQ(round<sm::Enabled>(enabled), enabled);
    EXPECT_EQ(build(sm::Enabled{}), "<enabled xmlns='urn:xmpp:sm:3'/>");
    EXPECT_FALSE(parse<sm::Enable>("<enable xmlns='urn:xmpp:sm:3' resume='perhaps'/>"));
}

// "Resumption"
TEST(Xep0198, ReadsAndBuildsAResumption) {
    const std::string resume = "<resume xmlns='urn:xmpp:sm:3' h='4294967295' previd='some-long-sm-id'/>";
    EXPECT_EQ(round<sm::Resume>(resume), resume);
    const std::string resumed = "<resumed xmlns='urn:xmpp:sm:3' h='0' previd='some-long-sm-id'/>";
    EXPECT_EQ(round<sm::Resumed>(resumed), resumed);
    for (const char* text : {"<resume xmlns='urn:xmpp:sm:3' previd='x'/>", "<resume xmlns='urn:xmpp:sm:3' h='1'/>",
                             "<resume xmlns='urn:xmpp:sm:3' h='4294967296' previd='x'/>",
                             "<resume xmlns='urn:xmpp:sm:3' h='-1' previd='x'/>"})
        EXPECT_FALSE(parse<sm::Resume>(text)) << text;
}

// "Error Handling"
TEST(Xep0198, ReadsAndBuildsFailures) {
    const std::string timed_out =
        "<failed xmlns='urn:xmpp:sm:3' h='7'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";
    EXPECT_EQ(round<sm::Failed>(timed_out), timed_out);
    EXPECT_EQ(parse<sm::Failed>(timed_out)->condition, Condition::item_not_found);
    EXPECT_EQ(parse<sm::Failed>("<failed xmlns='urn:xmpp:sm:3'/>")->condition, std::nullopt);
    EXPECT_EQ(build(sm::HandledCountTooHigh{.h = 10, .send_count = 8}),
              "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='8'/>");
}

TEST(Xep0198, ReadsAndBuildsAcknowledgements) {
    EXPECT_EQ(build(sm::Answer{.h = 1}), "<a xmlns='urn:xmpp:sm:3' h='1'/>");
    EXPECT_EQ(build(sm::Request{}), "<r xmlns='urn:xmpp:sm:3'/>");
    EXPECT_EQ(parse<sm::Answer>("<a xmlns='urn:xmpp:sm:3' h='4294967295'/>")->h, 4294967295u);
    EXPECT_FALSE(parse<sm::Answer>("<a xmlns='urn:xmpp:sm:3'/>"));
    EXPECT_FALSE(parse<sm::Answer>("<a xmlns='urn:xmpp:sm:3' h='4294967296'/>"));
    EXPECT_EQ(build(sm::Feature{}), "<sm xmlns='urn:xmpp:sm:3'/>");
}

TEST(Xep0352, NamesTheTwoStates) {
    EXPECT_EQ(build(csi::Feature{}), "<csi xmlns='urn:xmpp:csi:0'/>");
    EXPECT_TRUE(parse<csi::Active>("<active xmlns='urn:xmpp:csi:0'/>"));
    EXPECT_TRUE(parse<csi::Inactive>("<inactive xmlns='urn:xmpp:csi:0'/>"));
    EXPECT_FALSE(parse<csi::Inactive>("<active xmlns='urn:xmpp:csi:0'/>"));
}

}  // namespace
}  // namespace aldis::xep
