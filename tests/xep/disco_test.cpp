#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0030_disco.h"
#include "xep/xep0059_rsm.h"
#include "xep/xep0115_caps.h"

namespace aldis::xep {
namespace {

TEST(Xep0030, ReadsAndBuildsInformation) {
    const std::string info =
        "<query xmlns='http://jabber.org/protocol/disco#info' node='n'>"
        "<identity category='conference' type='text' name='Play-Specific Chatrooms'/>"
        "<identity category='directory' type='chatroom' name='Chambres' xml:lang='fr'/>"
        "<feature var='http://jabber.org/protocol/disco#info'/><feature var='jabber:iq:version'/>"
        "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
        "<value>http://jabber.org/network/serverinfo</value></field></x></query>";
    EXPECT_EQ(round<disco::Info>(info), info);
    EXPECT_EQ(parse<disco::Info>(info)->identities[1].lang, "fr");
    EXPECT_EQ(round<disco::Info>("<query xmlns='http://jabber.org/protocol/disco#info'/>"),
              "<query xmlns='http://jabber.org/protocol/disco#info'/>");
}

TEST(Xep0030, ReadsAndBuildsItems) {
    const std::string items =
        "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='people.shakespeare.lit' name='Directory'/>"
        "<item jid='music.shakespeare.lit' node='s'/><set xmlns='http://jabber.org/protocol/rsm'><max>20</max></set>"
        "</query>";
    EXPECT_EQ(round<disco::Items>(items), items);
}

TEST(Xep0030, RefusesWhatIsMissingOrMalformed) {
    EXPECT_FALSE(
        parse<disco::Info>("<query xmlns='http://jabber.org/protocol/disco#info'><identity category='a'/></query>"));
    EXPECT_FALSE(parse<disco::Info>("<query xmlns='http://jabber.org/protocol/disco#info'><feature/></query>"));
    EXPECT_FALSE(parse<disco::Items>("<query xmlns='http://jabber.org/protocol/disco#items'><item/></query>"));
    EXPECT_FALSE(parse<disco::Items>("<query xmlns='http://jabber.org/protocol/disco#items'><item jid='@'/></query>"));
}

TEST(Xep0059, ReadsAndBuildsPages) {
    for (const std::string inner :
         {"<max>10</max>", "<max>10</max><after>peterpan@neverland.lit</after>", "<max>10</max><before/>",
          "<max>10</max><before>a &amp; b</before>", "<max>10</max><index>371</index>", "<max>0</max>",
          "<first index='371'>a</first><last>b</last><count>800</count>", "<count>790</count>", ""}) {
        const std::string set = inner.empty() ? "<set xmlns='http://jabber.org/protocol/rsm'/>"
                                              : "<set xmlns='http://jabber.org/protocol/rsm'>" + inner + "</set>";
        EXPECT_EQ(round<rsm::Set>(set), set);
    }
}

TEST(Xep0059, TellsTheLastPageFromNoPage) {
    EXPECT_EQ(parse<rsm::Set>("<set xmlns='http://jabber.org/protocol/rsm'><before/></set>")->before, "");
    EXPECT_EQ(parse<rsm::Set>("<set xmlns='http://jabber.org/protocol/rsm'/>")->before, std::nullopt);
}

TEST(Xep0059, RefusesWhatIsNoNumber) {
    for (const std::string inner : {"<max/>", "<max>-1</max>", "<max>ten</max>", "<max>99999999999</max>",
                                    "<index>1.5</index>", "<first index='x'>a</first>"})
        EXPECT_FALSE(parse<rsm::Set>("<set xmlns='http://jabber.org/protocol/rsm'>" + inner + "</set>")) << inner;
}

// "Simple Generation Example"
TEST(Xep0115, VerifiesTheSimpleExample) {
    const disco::Info exodus{.identities = {{.category = "client", .type = "pc", .name = "Exodus 0.9.1"}},
                             .features = {{"http://jabber.org/protocol/muc"},
                                          {"http://jabber.org/protocol/disco#info"},
                                          {"http://jabber.org/protocol/disco#items"},
                                          {"http://jabber.org/protocol/caps"}}};
    EXPECT_EQ(verification_string(exodus), "QgayPKawpkPSDYmwT/WM94uAlu0=");
}

std::string psi(std::string_view more = {}) {
    return "<query xmlns='http://jabber.org/protocol/disco#info' node='http://psi-im.org#q07IKJEyjvHSyhy//CH0CxmKi8w='>"
           "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
           "<identity xml:lang='el' category='client' name='\xCE\xA8 0.11' type='pc'/>"
           "<feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>"
           "<feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/>"
           "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
           "<value>urn:xmpp:dataforms:softwareinfo</value></field>"
           "<field var='ip_version' type='text-multi'><value>ipv6</value><value>ipv4</value></field>"
           "<field var='software'><value>Psi</value></field><field var='os'><value>Mac</value></field>"
           "<field var='os_version'><value>10.5.1</value></field>"
           "<field var='software_version'><value>0.11</value></field></x>" +
           std::string{more} + "</query>";
}

std::optional<std::string> verify(std::string_view more) { return verification_string(*parse<disco::Info>(psi(more))); }

// "Complex Generation Example", its fields in another order
TEST(Xep0115, VerifiesTheComplexExample) { EXPECT_EQ(verify(""), "q07IKJEyjvHSyhy//CH0CxmKi8w="); }

// "Processing Method"
TEST(Xep0115, FindsNoStringForWhatIsIllFormed) {
    const auto form = [](std::string_view type, std::string_view values) {
        return "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='" + std::string{type} + "'>" +
               std::string{values} + "</field></x>";
    };
    EXPECT_EQ(verify("<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"), std::nullopt);
    EXPECT_EQ(verify("<feature var='http://jabber.org/protocol/muc'/>"), std::nullopt);
    EXPECT_EQ(verify(form("hidden", "<value>urn:xmpp:dataforms:softwareinfo</value>")), std::nullopt);
    EXPECT_EQ(verify(form("hidden", "<value>a</value><value>b</value>")), std::nullopt);
    EXPECT_EQ(verify(form("text-single", "<value>a</value>")), "q07IKJEyjvHSyhy//CH0CxmKi8w=");
    EXPECT_NE(verify(form("hidden", "<value>a</value>")), std::nullopt);
}

// Two features that look like one, or one like two, would poison what others have cached.
TEST(Xep0115, FindsNoStringForWhatIsAmbiguous) {
    EXPECT_EQ(verify("<feature var='a&lt;b'/>"), std::nullopt);
    EXPECT_EQ(verify("<identity category='a' type='b' name='c&lt;d'/>"), std::nullopt);
    EXPECT_NE(verify("<feature var='a&amp;lt;b'/>"), std::nullopt);
}

TEST(Xep0115, ReadsAndBuildsCaps) {
    const std::string caps =
        "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://code.google.com/p/exodus' "
        "ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>";
    EXPECT_EQ(round<Caps>(caps), caps);
    EXPECT_EQ(parse<Caps>(caps)->disco_node(), "http://code.google.com/p/exodus#QgayPKawpkPSDYmwT/WM94uAlu0=");
    EXPECT_FALSE(parse<Caps>("<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='a'/>"));
    EXPECT_FALSE(parse<Caps>("<c xmlns='http://jabber.org/protocol/caps' node='a' ver='b'/>")->hash);
}

}  // namespace
}  // namespace aldis::xep
