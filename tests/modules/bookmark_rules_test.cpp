#include "modules/bookmark_rules.h"

#include <gtest/gtest.h>

#include "read.h"
#include "xml/parser.h"

namespace aldis::modules::bookmarks {
namespace {

using testing::Test;

std::string conference(const std::string& rest) { return "<conference xmlns='urn:xmpp:bookmarks:1'" + rest; }

xml::Document storage(const std::string& inner) {
    return xml::parse_document("<storage xmlns='storage:bookmarks'>" + inner + "</storage>");
}

std::string text(const xml::Document& document) { return xml::to_string(document.root()); }

const Bookmark play{
    .id = "theplay@conference.shakespeare.lit",
    .payload = conference(" name='The Play&apos;s the Thing' autojoin='true'><nick>JC</nick></conference>")};
const Bookmark orchard{.id = "orchard@conference.shakespeare.lit",
                       .payload = conference(" name='The Orchard' autojoin='1'><nick>JC</nick><extensions>"
                                             "<state xmlns='http://myclient.example/bookmark/state' minimized='true'/>"
                                             "</extensions></conference>")};
const std::string play_in_list =
    "<conference jid='theplay@conference.shakespeare.lit' name='The Play&apos;s the Thing' autojoin='true'>"
    "<nick>JC</nick></conference>";
const std::string orchard_in_list =
    "<conference jid='orchard@conference.shakespeare.lit' name='The Orchard' autojoin='1'><nick>JC</nick>";

TEST(BookmarkRules, CollatesItemsIntoOneList) {
    const xml::Document others = storage("<url name='Complete Works' url='http://the-tech.mit.edu/Shakespeare/'/>");
    EXPECT_EQ(text(collate({play, orchard}, &others.root())),
              text(storage(play_in_list + orchard_in_list +
                           "<extensions><state xmlns='http://myclient.example/bookmark/state' minimized='true'/>"
                           "</extensions></conference>"
                           "<url name='Complete Works' url='http://the-tech.mit.edu/Shakespeare/'/>")));
    EXPECT_EQ(text(collate({}, nullptr)), "<storage xmlns='storage:bookmarks'/>");
}

struct Case {
    const char* name;
    std::string list;
    std::vector<Bookmark> publish;
    std::vector<std::string> retract;
    std::string others;
};

const Case cases[] = {
    {"NothingHasChanged", play_in_list + orchard_in_list + "</conference>", {}, {}, ""},
    {"InAnotherOrderAndSpelling",
     "<conference autojoin='true' jid='Orchard@conference.shakespeare.lit' name='The "
     "Orchard'><nick>JC</nick></conference>" +
         play_in_list,
     {},
     {},
     ""},
    {"OneIsGone", play_in_list, {}, {orchard.id}, ""},
    {"AllAreGone", "", {}, {orchard.id, play.id}, ""},
    {"OneIsNew",
     play_in_list + orchard_in_list + "</conference><conference jid='new@x'/>",
     {{"new@x", "<conference xmlns='urn:xmpp:bookmarks:1'/>"}},
     {},
     ""},
    {"OneHasAnotherName",
     "<conference jid='theplay@conference.shakespeare.lit' name='Play'/>" + orchard_in_list + "</conference>",
     {{play.id, "<conference xmlns='urn:xmpp:bookmarks:1' name='Play'/>"}},
     {},
     ""},
    {"ExtensionsStayWithAChange",
     play_in_list + "<conference jid='orchard@conference.shakespeare.lit' name='O'/>",
     {{orchard.id,
       "<conference xmlns='urn:xmpp:bookmarks:1' name='O'><extensions>"
       "<state xmlns='http://myclient.example/bookmark/state' minimized='true'/></extensions></conference>"}},
     {},
     ""},
    {"ExtensionsMayBeChanged",
     play_in_list + orchard_in_list + "<extensions><a xmlns='b'/></extensions></conference>",
     {{orchard.id,
       "<conference xmlns='urn:xmpp:bookmarks:1' name='The Orchard' autojoin='1'><nick>JC</nick>"
       "<extensions><a xmlns='b'/></extensions></conference>"}},
     {},
     ""},
    {"PasswordsAndForeignElementsAreKept",
     play_in_list + orchard_in_list +
         "</conference><conference jid='new@x'><password>p</password><minimize xmlns='g'>1</minimize></conference>",
     {{"new@x",
       "<conference xmlns='urn:xmpp:bookmarks:1'><password>p</password><minimize xmlns='g'>1</minimize></conference>"}},
     {},
     ""},
    {"OfARoomThatIsThereTwiceTheLastCounts",
     play_in_list + orchard_in_list +
         "</conference><conference jid='new@x' name='1'/><conference jid='NEW@x' name='2'/>",
     {{"new@x", "<conference xmlns='urn:xmpp:bookmarks:1' name='2'/>"}},
     {},
     ""},
    {"OfAnOccupantTheRoomCounts",
     play_in_list + orchard_in_list + "</conference><conference jid='new@x/me'/>",
     {{"new@x", "<conference xmlns='urn:xmpp:bookmarks:1'/>"}},
     {},
     ""},
    {"WhatIsNoRoomIsKept",
     play_in_list + "<url url='http://x'/>" + orchard_in_list +
         "</conference><conference jid='a@@b' name='Broken'/><conference name='None'/><other xmlns='o'/>",
     {},
     {},
     "<url url='http://x'/><conference jid='a@@b' name='Broken'/><conference name='None'/><other xmlns='o'/>"},
};

class BookmarkChanges : public testing::TestWithParam<Case> {};

TEST_P(BookmarkChanges, FollowTheList) {
    const xml::Document list = storage(GetParam().list);
    const Changes changes = changes_to({play, orchard}, list.root());
    EXPECT_EQ(changes.publish, GetParam().publish);
    EXPECT_EQ(changes.retract, GetParam().retract);
    EXPECT_EQ(text(changes.others), text(storage(GetParam().others)));
}

INSTANTIATE_TEST_SUITE_P(All, BookmarkChanges, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<Case>& info) { return std::string{info.param.name}; });

TEST(BookmarkRules, DoNotChangeWhatTheyHaveCollated) {
    const xml::Document others = storage("<url url='http://x'/><conference jid='a@@b'/>");
    const xml::Document list = collate({play, orchard}, &others.root());
    const Changes changes = changes_to({play, orchard}, list.root());
    EXPECT_TRUE(changes.publish.empty());
    EXPECT_TRUE(changes.retract.empty());
    EXPECT_EQ(text(changes.others), text(others));
}

TEST(BookmarkRules, LeavesItemsThatAreCalledInAnotherSpelling) {
    const Bookmark item{.id = "Room@Conference.Example", .payload = conference(" name='a'/>")};
    EXPECT_EQ(text(collate({item}, nullptr)), text(storage("<conference jid='room@conference.example' name='a'/>")));
    const xml::Document same = storage("<conference jid='room@conference.example' name='a'/>");
    EXPECT_TRUE(changes_to({item}, same.root()).publish.empty());
    const xml::Document gone = storage("");
    EXPECT_EQ(changes_to({item}, gone.root()).retract, std::vector{item.id});
}

TEST(BookmarkRules, RefusesWhatIsNoBookmark) {
    const auto checked = [](std::string_view id, const std::string& payload) {
        const xml::Document document = xml::parse_document(payload);
        return check(id, document.root()).has_value();
    };
    EXPECT_TRUE(checked("coven@chat.shakespeare.lit", conference("/>")));
    EXPECT_TRUE(checked("chat.shakespeare.lit", conference("/>")));
    EXPECT_FALSE(checked("coven@chat.shakespeare.lit/thirdwitch", conference("/>")));
    EXPECT_FALSE(checked("a@@b", conference("/>")));
    EXPECT_FALSE(checked("", conference("/>")));
    EXPECT_FALSE(checked("coven@chat.shakespeare.lit", "<conference xmlns='storage:bookmarks'/>"));
    EXPECT_FALSE(checked("coven@chat.shakespeare.lit", conference(" autojoin='maybe'/>")));
}

TEST(BookmarkRules, KnowsTheSameListInAnotherOrder) {
    const xml::Document one = storage("<conference jid='a@x' autojoin='1'/><url url='u'/>");
    EXPECT_TRUE(same_list(one.root(), storage("<url url='u'/><conference autojoin='true' jid='a@x'/>").root()));
    EXPECT_FALSE(same_list(one.root(), storage("<url url='u'/><conference jid='a@x'/>").root()));
    EXPECT_FALSE(same_list(one.root(), storage("<url url='u'/>").root()));
}

}  // namespace
}  // namespace aldis::modules::bookmarks
