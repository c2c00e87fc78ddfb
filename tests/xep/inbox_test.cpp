#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0430_inbox.h"
#include "xep/xep0490_displayed_sync.h"

namespace aldis::xep {
namespace {

TEST(Xep0430, ReadsAQuery) {
    const Result<inbox::Query> plain = parse<inbox::Query>("<inbox xmlns='urn:xmpp:inbox:1'/>");
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->unread_only);
    EXPECT_TRUE(plain->messages);
    EXPECT_FALSE(plain->set);
    const Result<inbox::Query> full = parse<inbox::Query>(
        "<inbox xmlns='urn:xmpp:inbox:1' unread-only='1' messages='false'>"
        "<set xmlns='http://jabber.org/protocol/rsm'><max>5</max></set></inbox>");
    ASSERT_TRUE(full);
    EXPECT_TRUE(full->unread_only);
    EXPECT_FALSE(full->messages);
    EXPECT_EQ(full->set->max, 5U);
}

TEST(Xep0430, RefusesWhatIsNoBoolean) {
    EXPECT_FALSE(parse<inbox::Query>("<inbox xmlns='urn:xmpp:inbox:1' unread-only='perhaps'/>"));
    EXPECT_FALSE(parse<inbox::Query>("<inbox xmlns='urn:xmpp:inbox:1' messages=''/>"));
}

TEST(Xep0430, BuildsTheExamples) {
    const inbox::Entry entry{.jid = jid("first_contact@example.net"), .unread = 5, .id = "uuid-1"};
    EXPECT_EQ(build(entry), "<entry xmlns='urn:xmpp:inbox:1' jid='first_contact@example.net' unread='5' id='uuid-1'/>");
    EXPECT_EQ(build(inbox::Fin{.total = 3, .unread = 2, .all_unread = 6, .set = {.count = 3}}),
              "<fin xmlns='urn:xmpp:inbox:1' total='3' unread='2' all-unread='6'>"
              "<set xmlns='http://jabber.org/protocol/rsm'><count>3</count></set></fin>");
}

TEST(Xep0490, ReadsTheExample) {
    const Result<displayed_sync::Displayed> read = parse<displayed_sync::Displayed>(
        "<displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.lit'"
        " id='0f710f2b-52ed-4d52-b928-784dad74a52b'/></displayed>");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->stanza_id.by, jid("juliet@capulet.lit"));
    EXPECT_EQ(read->stanza_id.id, "0f710f2b-52ed-4d52-b928-784dad74a52b");
    EXPECT_FALSE(parse<displayed_sync::Displayed>("<displayed xmlns='urn:xmpp:mds:displayed:0'/>"));
}

}  // namespace
}  // namespace aldis::xep
