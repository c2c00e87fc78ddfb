// Profiles, avatars, bookmarks: XEP-0048, 0054, 0084, 0153, 0172, 0402.
#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0048_bookmarks.h"
#include "xep/xep0049_private_storage.h"
#include "xep/xep0054_vcard_temp.h"
#include "xep/xep0084_avatars.h"
#include "xep/xep0153_vcard_avatars.h"
#include "xep/xep0172_nickname.h"
#include "xep/xep0292_vcard4.h"
#include "xep/xep0402_pep_bookmarks.h"

namespace aldis::xep {
namespace {

TEST(Xep0048, ReadsARoom) {
    const Result<bookmarks::StoredConference> room = parse<bookmarks::StoredConference>(
        "<conference xmlns='storage:bookmarks' name='Council of Oberon' autojoin='true' "
        "jid='council@conference.underhill.org'><nick>Puck</nick></conference>");
    ASSERT_TRUE(room);
    EXPECT_EQ(room->jid, "council@conference.underhill.org");
    EXPECT_EQ(room->autojoin, true);
    EXPECT_EQ(room->nick, "Puck");
    EXPECT_EQ(room->password, std::nullopt);
    EXPECT_FALSE(parse<bookmarks::StoredConference>("<conference xmlns='storage:bookmarks' name='x'/>"));
    EXPECT_EQ(build(bookmarks::Storage{}), "<storage xmlns='storage:bookmarks'/>");
}

TEST(Xep0049, IsAQuery) { EXPECT_EQ(build(PrivateStorage{}), "<query xmlns='jabber:iq:private'/>"); }

TEST(Xep0054, ReadsAPhoto) {
    const std::string photo =
        "<PHOTO xmlns='vcard-temp'><TYPE>image/jpeg</TYPE><BINVAL>Base64-encoded-avatar-file-here!</BINVAL></PHOTO>";
    EXPECT_EQ(round<vcard_temp::Photo>(photo), photo);
    EXPECT_EQ(parse<vcard_temp::Photo>("<PHOTO xmlns='vcard-temp'><EXTVAL>http://x</EXTVAL></PHOTO>")->extval,
              "http://x");
    EXPECT_EQ(build(vcard_temp::Card{}), "<vCard xmlns='vcard-temp'/>");
}

// "Metadata With Multiple Content-Types"
TEST(Xep0084, ReadsMetadata) {
    const Result<avatars::Metadata> metadata = parse<avatars::Metadata>(
        "<metadata xmlns='urn:xmpp:avatar:metadata'>"
        "<info bytes='12345' height='64' id='111f4b3c50d7b0df729d299bc6f8e9ef9066971f' type='image/png' width='64'/>"
        "<info bytes='23456' height='64' id='357a8123a30844a3aa99861b6349264ba67a5694' type='image/gif' "
        "url='http://avatars.example.org/happy.gif' width='64'/></metadata>");
    ASSERT_TRUE(metadata);
    ASSERT_EQ(metadata->infos.size(), 2u);
    EXPECT_EQ(metadata->infos[0].bytes, 12345u);
    EXPECT_EQ(metadata->infos[0].url, std::nullopt);
    EXPECT_EQ(metadata->infos[1].url, "http://avatars.example.org/happy.gif");
    EXPECT_EQ(build(avatars::Metadata{}), "<metadata xmlns='urn:xmpp:avatar:metadata'/>");
    EXPECT_EQ(parse<avatars::Data>("<data xmlns='urn:xmpp:avatar:data'>qANQ</data>")->base64, "qANQ");
}

// "Inclusion of Update Data in Presence"
TEST(Xep0153, TellsThreeThingsApart) {
    EXPECT_EQ(parse<VcardUpdate>("<x xmlns='vcard-temp:x:update'/>")->photo, std::nullopt);
    EXPECT_EQ(parse<VcardUpdate>("<x xmlns='vcard-temp:x:update'><photo/></x>")->photo, "");
    const std::string update =
        "<x xmlns='vcard-temp:x:update'><photo>01b87fcd030b72895ff8e88db57ec525450f000d</photo></x>";
    EXPECT_EQ(round<VcardUpdate>(update), update);
}

TEST(Xep0172, ReadsANickname) {
    const std::string nick = "<nick xmlns='http://jabber.org/protocol/nick'>Ishmael</nick>";
    EXPECT_EQ(round<Nickname>(nick), nick);
}

TEST(Xep0292, IsAVcard) { EXPECT_EQ(build(vcard4::Card{}), "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'/>"); }

TEST(Xep0402, ReadsABookmark) {
    const Result<bookmarks::Conference> room = parse<bookmarks::Conference>(
        "<conference xmlns='urn:xmpp:bookmarks:1' name='The Orchard' autojoin='1'><nick>JC</nick><extensions>"
        "<state xmlns='http://myclient.example/bookmark/state' minimized='true'/></extensions></conference>");
    ASSERT_TRUE(room);
    EXPECT_EQ(room->autojoin, true);
    EXPECT_EQ(room->nick, "JC");
    // "Minimalist conference element"
    EXPECT_EQ(round<bookmarks::Conference>("<conference xmlns='urn:xmpp:bookmarks:1'/>"),
              "<conference xmlns='urn:xmpp:bookmarks:1'/>");
}

}  // namespace
}  // namespace aldis::xep
