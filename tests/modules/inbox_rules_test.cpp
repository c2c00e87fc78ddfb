#include "modules/inbox_rules.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::inbox {
namespace {

struct Case {
    const char* name;
    bool counts;
    const char* message;
};

constexpr Case cases[] = {
    {"ChatWithBody", true, "<message type='chat'><body>hi</body></message>"},
    {"NormalWithBody", true, "<message><body>hi</body></message>"},
    {"GroupchatWithBody", true, "<message type='groupchat'><body>hi</body></message>"},
    {"EmptyBody", false, "<message type='chat'><body/></message>"},
    {"BodyOfAnotherNamespace", false, "<message><body xmlns='http://www.w3.org/1999/xhtml'>hi</body></message>"},
    {"SubjectAlone", true, "<message><subject>Tonight</subject></message>"},
    {"SubjectOfARoom", false, "<message type='groupchat'><subject>Verona</subject></message>"},
    {"Headline", false, "<message type='headline'><body>news</body></message>"},
    {"Error", false, "<message type='error'><body>hi</body><error type='cancel'/></message>"},
    {"Nothing", false, "<message type='chat'/>"},
    {"ChatState", false, "<message type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {"ChatStateBesideBody", true,
     "<message type='chat'><body>hi</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {"Receipt", false, "<message type='chat'><received xmlns='urn:xmpp:receipts' id='1'/></message>"},
    {"RequestForAReceiptBesideBody", true,
     "<message type='chat'><body>hi</body><request xmlns='urn:xmpp:receipts'/></message>"},
    {"Marker", false, "<message type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message>"},
    {"MarkableBesideBody", true,
     "<message type='chat'><body>hi</body><markable xmlns='urn:xmpp:chat-markers:0'/></message>"},
    {"MarkerThatAsksToBeStored", false,
     "<message type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/><store xmlns='urn:xmpp:hints'/>"
     "</message>"},
    {"Correction", false,
     "<message type='chat'><body>hi!</body><replace xmlns='urn:xmpp:message-correct:0' id='1'/></message>"},
    {"EncryptedCorrection", false,
     "<message type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'><header/><payload>AA==</payload>"
     "</encrypted><replace xmlns='urn:xmpp:message-correct:0' id='1'/></message>"},
    {"Reaction", false,
     "<message type='chat'><reactions xmlns='urn:xmpp:reactions:0' "
     "id='1'><reaction>x</reaction></reactions></message>"},
    {"ReactionWithAFallback", false,
     "<message type='chat'><body>> hi\nx</body><reactions xmlns='urn:xmpp:reactions:0' id='1'><reaction>x</reaction>"
     "</reactions><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'/></message>"},
    {"Retraction", false,
     "<message type='chat'><retract xmlns='urn:xmpp:message-retract:1' id='1'/><body>/me has retracted</body>"
     "</message>"},
    {"OlderRetraction", false,
     "<message type='chat'><body>/me has retracted</body><apply-to xmlns='urn:xmpp:fasten:0' id='1'>"
     "<retract xmlns='urn:xmpp:message-retract:0'/></apply-to></message>"},
    {"Reply", true, "<message type='chat'><body>yes</body><reply xmlns='urn:xmpp:reply:0' id='1' to='a@x'/></message>"},
    {"Omemo", true,
     "<message type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'><header/><payload>AA==</payload>"
     "</encrypted></message>"},
    {"Omemo2", true,
     "<message type='chat'><encrypted xmlns='urn:xmpp:omemo:2'><header/><payload>AA==</payload></encrypted></message>"},
    {"OmemoKeysAlone", false,
     "<message type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'><header/></encrypted></message>"},
    {"OmemoKeysAloneWithAFallback", false,
     "<message type='chat'><body>I sent you an OMEMO encrypted message</body><encryption xmlns='urn:xmpp:eme:0'"
     " namespace='urn:xmpp:omemo:2'/><encrypted xmlns='urn:xmpp:omemo:2'><header/></encrypted></message>"},
    {"OtherEncryption", true,
     "<message type='chat'><encryption xmlns='urn:xmpp:eme:0' namespace='urn:example'/><x xmlns='urn:example'/>"
     "</message>"},
    {"OpenPgp", true, "<message type='chat'><openpgp xmlns='urn:xmpp:openpgp:0'>AA==</openpgp></message>"},
    {"SharedFile", true, "<message type='chat'><file-sharing xmlns='urn:xmpp:sfs:0'/></message>"},
    {"Link", true, "<message><x xmlns='jabber:x:oob'><url>https://x</url></x></message>"},
    {"Place", true, "<message><geoloc xmlns='http://jabber.org/protocol/geoloc'/></message>"},
    {"DirectInvitation", true, "<message><x xmlns='jabber:x:conference' jid='room@x'/></message>"},
    {"Invitation", true, "<message><x xmlns='http://jabber.org/protocol/muc#user'><invite from='a@x'/></x></message>"},
    {"DeclinedInvitation", false,
     "<message><x xmlns='http://jabber.org/protocol/muc#user'><decline from='a@x'/></x></message>"},
    {"ForgedCarbon", false,
     "<message type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
     "<message xmlns='jabber:client'><body>hi</body></message></forwarded></received></message>"},
    {"UnknownPayloadThatAsksToBeStored", false,
     "<message type='chat'><x xmlns='urn:example'/><store xmlns='urn:xmpp:hints'/></message>"},
};

struct InboxRules : testing::TestWithParam<Case> {};

TEST_P(InboxRules, Counts) { EXPECT_EQ(is_message(message_of(GetParam().message)), GetParam().counts); }

INSTANTIATE_TEST_SUITE_P(Messages, InboxRules, testing::ValuesIn(cases),
                         [](const auto& info) { return info.param.name; });

std::optional<std::string> displayed(const std::string& inner, const std::string& type = "chat") {
    return displayed_in(message_of("<message type='" + type + "'>" + inner + "</message>"));
}

TEST(InboxMarkers, DisplayedAndAcknowledgedRead) {
    EXPECT_EQ(displayed("<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>"), "1");
    EXPECT_EQ(displayed("<acknowledged xmlns='urn:xmpp:chat-markers:0' id='1'/>"), "1");
    EXPECT_EQ(displayed("<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", "normal"), "1");
    EXPECT_FALSE(displayed("<received xmlns='urn:xmpp:chat-markers:0' id='1'/>"));
    EXPECT_FALSE(displayed("<received xmlns='urn:xmpp:receipts' id='1'/>"));
    EXPECT_FALSE(displayed("<displayed xmlns='urn:xmpp:chat-markers:0'/>"));
    EXPECT_FALSE(displayed("<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", "error"));
    EXPECT_FALSE(displayed("<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", "headline"));
}

TEST(InboxMarkers, ReadsPublishedItems) {
    const Jid owner = jid("juliet@x");
    const std::string id = db::ArchiveId{1'790'000'000'000'000}.text();
    const auto in_item = [&](const std::string& inner) {
        return displayed_in_item("<displayed xmlns='urn:xmpp:mds:displayed:0'>" + inner + "</displayed>", owner);
    };
    const auto stanza_id = [](const std::string& by, const std::string& of) {
        return "<stanza-id xmlns='urn:xmpp:sid:0' by='" + by + "' id='" + of + "'/>";
    };
    EXPECT_EQ(in_item(stanza_id("juliet@x", id)), db::ArchiveId{1'790'000'000'000'000});
    EXPECT_FALSE(in_item(stanza_id("room@x", id))) << "a room's archive";
    EXPECT_FALSE(in_item(stanza_id("juliet@x", "0f710f2b-52ed-4d52-b928-784dad74a52b")));
    EXPECT_FALSE(in_item(""));
    EXPECT_FALSE(displayed_in_item("", owner));
    EXPECT_FALSE(displayed_in_item("<displayed", owner));
    EXPECT_FALSE(displayed_in_item("<other xmlns='urn:example'/>", owner));
}

constexpr PageSizes sizes{.usual = 50, .largest = 100, .bytes = 1'000};

TEST(InboxPaging, ReadsAQuery) {
    const std::string id = db::ArchiveId{1'790'000'000'000'000}.text();
    Result<db::InboxRange> range = range_of({}, sizes);
    ASSERT_TRUE(range);
    EXPECT_EQ(range->max, 50U);
    EXPECT_TRUE(range->messages);
    EXPECT_FALSE(range->unread_only || range->last_page || range->after || range->before || range->index);
    range = range_of({.unread_only = true, .messages = false, .set = xep::rsm::Set{.max = 500, .after = id}}, sizes);
    ASSERT_TRUE(range);
    EXPECT_TRUE(range->unread_only);
    EXPECT_FALSE(range->messages);
    EXPECT_EQ(range->max, 100U);
    EXPECT_EQ(range->after, db::ArchiveId{1'790'000'000'000'000});
    range = range_of({.set = xep::rsm::Set{.max = 0, .before = ""}}, sizes);
    ASSERT_TRUE(range);
    EXPECT_TRUE(range->last_page);
    EXPECT_EQ(range->max, 0U);
    EXPECT_EQ(range_of({.set = xep::rsm::Set{.before = id}}, sizes)->before, db::ArchiveId{1'790'000'000'000'000});
    EXPECT_EQ(range_of({.set = xep::rsm::Set{.index = 7}}, sizes)->index, 7U);
}

TEST(InboxPaging, RefusesWhatIsNoId) {
    for (const xep::rsm::Set& set : {xep::rsm::Set{.after = "1 OR 1=1"}, xep::rsm::Set{.before = "juliet@x"}}) {
        const Result<db::InboxRange> range = range_of({.set = set}, sizes);
        ASSERT_FALSE(range);
        EXPECT_EQ(range.error().condition, Condition::item_not_found);
    }
}

TEST(InboxPaging, TellsTheBoundsOfAPage) {
    xep::inbox::Fin fin = fin_of({.count = 3, .total = 7, .active = 3, .unread = 9});
    EXPECT_EQ(fin.total, 7U);
    EXPECT_EQ(fin.unread, 3U);
    EXPECT_EQ(fin.all_unread, 9U);
    EXPECT_EQ(fin.set.count, 3U);
    EXPECT_FALSE(fin.set.first || fin.set.last);
    db::InboxPage page{.index = 5, .count = 7};
    page.entries.push_back({.last = db::ArchiveId{9}});
    page.entries.push_back({.last = db::ArchiveId{8}, .latest = db::ArchiveId{10}});
    fin = fin_of(page);
    EXPECT_EQ(fin.set.first->index, 5U);
    EXPECT_EQ(fin.set.first->id, db::ArchiveId{9}.text());
    EXPECT_EQ(fin.set.last, db::ArchiveId{8}.text());
}

}  // namespace
}  // namespace aldis::modules::inbox
