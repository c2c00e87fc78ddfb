// Small questions and their answers, and what streams advertise.

#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0012_last_activity.h"
#include "xep/xep0092_software_version.h"
#include "xep/xep0199_ping.h"
#include "xep/xep0202_entity_time.h"
#include "xep/xep0478_stream_limits.h"

namespace aldis::xep {
namespace {

TEST(Xep0012, ReadsAndBuildsLastActivity) {
    for (const std::string text : {"<query xmlns='jabber:iq:last'/>", "<query xmlns='jabber:iq:last' seconds='903'/>",
                                   "<query xmlns='jabber:iq:last' seconds='903'>Heading Home</query>"})
        EXPECT_EQ(round<LastActivity>(text), text);
    EXPECT_FALSE(parse<LastActivity>("<query xmlns='jabber:iq:last' seconds='-1'/>"));
}

TEST(Xep0092, ReadsAndBuildsAVersion) {
    const std::string version =
        "<query xmlns='jabber:iq:version'><name>Exodus</name><version>0.7.0.4</version><os>Windows-XP 5.01.2600</os>"
        "</query>";
    EXPECT_EQ(round<SoftwareVersion>(version), version);
    EXPECT_TRUE(parse<SoftwareVersion>("<query xmlns='jabber:iq:version'/>"));
}

TEST(Xep0199, ReadsAndBuildsAPing) {
    EXPECT_EQ(round<Ping>("<ping xmlns='urn:xmpp:ping'/>"), "<ping xmlns='urn:xmpp:ping'/>");
    EXPECT_FALSE(parse<Ping>("<ping/>"));
}

TEST(Xep0202, ReadsAndBuildsTheTime) {
    const std::string time = "<time xmlns='urn:xmpp:time'><tzo>-06:00</tzo><utc>2006-12-19T17:58:35Z</utc></time>";
    EXPECT_EQ(round<EntityTime>(time), time);
    EXPECT_EQ(round<EntityTime>("<time xmlns='urn:xmpp:time'/>"), "<time xmlns='urn:xmpp:time'/>");
    EXPECT_FALSE(parse<EntityTime>("<time xmlns='urn:xmpp:time'><utc>soon</utc></time>"));
}

TEST(Xep0478, ReadsAndBuildsLimits) {
    const std::string limits =
        "<limits "
        "xmlns='urn:xmpp:stream-limits:0'><max-bytes>10000</max-bytes><idle-seconds>1800</idle-seconds></limits>";
    EXPECT_EQ(round<StreamLimits>(limits), limits);
    EXPECT_FALSE(parse<StreamLimits>("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes/></limits>"));
}

}  // namespace
}  // namespace aldis::xep
