#include "modules/mam/rules.h"

#include <gtest/gtest.h>

#include "modules/mam/preferences.h"
#include "read.h"

namespace aldis::modules::mam {
namespace {

struct Case {
    const char* name;
    bool kept;
    const char* message;
};

constexpr Case cases[] = {
    {"ChatWithBody", true, "<message type='chat'><body>hi</body></message>"},
    {"NormalWithBody", true, "<message><body>hi</body></message>"},
    {"UnknownTypeCountsAsNormal", true, "<message type='letter'><body>hi</body></message>"},
    {"SubjectAlone", true, "<message><subject>Tonight</subject></message>"},
    {"BodyBesideChatState", true,
     "<message type='chat'><body>hi</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {"HeadlineWithBody", false, "<message type='headline'><body>news</body></message>"},
    {"GroupchatWithBody", false, "<message type='groupchat'><body>hi all</body></message>"},
    {"GroupchatThatAsksToBeStored", false,
     "<message type='groupchat'><body>hi all</body><store xmlns='urn:xmpp:hints'/></message>"},
    {"Error", false, "<message type='error'><body>hi</body><error type='cancel'/></message>"},
    {"ErrorWithTheHintOfWhatWasRefused", false,
     "<message type='error'><body>hi</body><store xmlns='urn:xmpp:hints'/></message>"},
    {"Nothing", false, "<message type='chat'/>"},
    {"ChatStateAlone", false,
     "<message type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/><thread>t</thread></message>"},
    {"BodyOfAnotherNamespace", false, "<message><body xmlns='http://www.w3.org/1999/xhtml'>hi</body></message>"},
    {"NoStore", false, "<message type='chat'><body>hi</body><no-store xmlns='urn:xmpp:hints'/></message>"},
    {"NoPermanentStore", false,
     "<message type='chat'><body>hi</body><no-permanent-store xmlns='urn:xmpp:hints'/></message>"},
    {"NoStoreBeforeStore", false,
     "<message type='chat'><no-store xmlns='urn:xmpp:hints'/><store xmlns='urn:xmpp:hints'/></message>"},
    {"StoreBeforeNoStore", false,
     "<message type='chat'><store xmlns='urn:xmpp:hints'/><no-store xmlns='urn:xmpp:hints'/></message>"},
    {"NoCopy", true, "<message type='chat'><body>hi</body><no-copy xmlns='urn:xmpp:hints'/></message>"},
    {"StoreAlone", true, "<message type='chat'><x xmlns='urn:example'/><store xmlns='urn:xmpp:hints'/></message>"},
    {"HeadlineThatAsksToBeStored", true, "<message type='headline'><store xmlns='urn:xmpp:hints'/></message>"},
    {"UnknownPayload", false, "<message type='chat'><x xmlns='urn:example'/></message>"},
    {"Receipt", true, "<message type='chat'><received xmlns='urn:xmpp:receipts' id='1'/></message>"},
    {"ChatStateThatAsksToBeStored", false,
     "<message type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/>"
     "<store xmlns='urn:xmpp:hints'/></message>"},
    {"ChatStateBesideOtherContentThatAsksToBeStored", true,
     "<message type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/><x xmlns='urn:example'/>"
     "<store xmlns='urn:xmpp:hints'/></message>"},
    {"NoPermanentStoreBesideStore", false,
     "<message type='chat'><body>hi</body><store xmlns='urn:xmpp:hints'/>"
     "<no-permanent-store xmlns='urn:xmpp:hints'/></message>"},
    {"HintOfAnotherNamespace", true, "<message type='chat'><body>hi</body><no-store xmlns='urn:example'/></message>"},
    {"PrivateToCarbons", true,
     "<message type='chat'><body>hi</body><private xmlns='urn:xmpp:carbons:2'/><no-copy "
     "xmlns='urn:xmpp:hints'/></message>"},
    {"ForgedCarbon", false,
     "<message type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
     "<message xmlns='jabber:client'><body>hi</body></message></forwarded></received></message>"},
    {"ReceiptThatAsksNotToBeStored", false,
     "<message type='chat'><received xmlns='urn:xmpp:receipts' id='1'/><no-store xmlns='urn:xmpp:hints'/></message>"},
    {"ReceiptOfTypeNormal", true, "<message><received xmlns='urn:xmpp:receipts' id='1'/></message>"},
    {"RequestForAReceiptAlone", false, "<message type='chat'><request xmlns='urn:xmpp:receipts'/></message>"},
    {"Displayed", true, "<message type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message>"},
    {"OlderMarkers", true, "<message type='chat'><acknowledged xmlns='urn:xmpp:chat-markers:0' id='1'/></message>"},
    {"MarkableAlone", false, "<message type='chat'><markable xmlns='urn:xmpp:chat-markers:0'/></message>"},
    {"Omemo", true, "<message type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'/></message>"},
    {"Omemo2", true, "<message type='chat'><encrypted xmlns='urn:xmpp:omemo:2'/></message>"},
    {"OpenPgp", true, "<message type='chat'><openpgp xmlns='urn:xmpp:openpgp:0'/></message>"},
    {"OtherEncryption", true,
     "<message type='chat'><encryption xmlns='urn:xmpp:eme:0' namespace='urn:example'/></message>"},
    {"Correction", true, "<message type='chat'><replace xmlns='urn:xmpp:message-correct:0' id='1'/></message>"},
    {"Retraction", true, "<message type='chat'><retract xmlns='urn:xmpp:message-retract:1' id='1'/></message>"},
    {"CorrectionWithBody", true,
     "<message type='chat'><body>hi</body><replace xmlns='urn:xmpp:message-correct:0' id='1'/></message>"},
    {"RetractionWithFallback", true,
     "<message type='chat'><retract xmlns='urn:xmpp:message-retract:1' id='1'/><body>/me retracted</body>"
     "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/></message>"},
    {"RetractionThatAsksNotToBeStored", true,
     "<message type='chat'><retract xmlns='urn:xmpp:message-retract:1' id='1'/>"
     "<no-store xmlns='urn:xmpp:hints'/></message>"},
    {"RetractionInAHeadline", false,
     "<message type='headline'><retract xmlns='urn:xmpp:message-retract:1' id='1'/></message>"},
    {"RetractionInARoom", false,
     "<message type='groupchat'><retract xmlns='urn:xmpp:message-retract:1' id='1'/></message>"},
    {"RefusedRetraction", false,
     "<message type='error'><retract xmlns='urn:xmpp:message-retract:1' id='1'/></message>"},
    {"OlderRetraction", true,
     "<message type='chat'><apply-to xmlns='urn:xmpp:fasten:0' id='1'><retract "
     "xmlns='urn:xmpp:message-retract:0'/></apply-to></message>"},
    {"ReactionsTakenBack", true, "<message type='chat'><reactions xmlns='urn:xmpp:reactions:0' id='1'/></message>"},
    {"ReactionWithFallback", true,
     "<message type='chat'><reactions xmlns='urn:xmpp:reactions:0' id='1'><reaction>+</reaction></reactions>"
     "<body>+</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'><body/></fallback></message>"},
    {"ReplyWithBody", true,
     "<message type='chat'><body>yes</body><reply xmlns='urn:xmpp:reply:0' to='a@b' id='1'/></message>"},
    {"ReplyAlone", false, "<message type='chat'><reply xmlns='urn:xmpp:reply:0' to='a@b' id='1'/></message>"},
    {"BodyThatIsAFallback", true,
     "<message type='chat'><x xmlns='urn:example'/><body>?</body><fallback xmlns='urn:xmpp:fallback:0' "
     "for='urn:example'/></message>"},
    {"EncryptionWithFallback", true,
     "<message type='chat'><encrypted xmlns='urn:xmpp:omemo:2'/><encryption xmlns='urn:xmpp:eme:0' "
     "namespace='urn:xmpp:omemo:2' name='OMEMO'/><body>encrypted</body></message>"},
    {"EncryptionThatAsksNotToBeStored", false,
     "<message type='chat'><encrypted xmlns='urn:xmpp:omemo:2'/><no-permanent-store "
     "xmlns='urn:xmpp:hints'/></message>"},
    {"Reaction", true, "<message type='chat'><reactions xmlns='urn:xmpp:reactions:0' id='1'/></message>"},
    {"FallbackAlone", false, "<message type='chat'><fallback xmlns='urn:xmpp:fallback:0'/></message>"},
    {"FileSharing", true, "<message type='chat'><file-sharing xmlns='urn:xmpp:sfs:0'/></message>"},
    {"DirectInvitation", true, "<message><x xmlns='jabber:x:conference' jid='room@muc.localhost'/></message>"},
    {"MediatedInvitation", true,
     "<message><x xmlns='http://jabber.org/protocol/muc#user'><invite from='a@b'/></x></message>"},
    {"StatusOfARoom", false,
     "<message><x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x></message>"},
    {"CallThatAsksToBeStored", true,
     "<message type='chat'><propose xmlns='urn:xmpp:jingle-message:0' id='1'/><store "
     "xmlns='urn:xmpp:hints'/></message>"},
    {"RingingOfACall", false, "<message type='chat'><ringing xmlns='urn:xmpp:jingle-message:0' id='1'/></message>"},
    {"PubsubEvent", false,
     "<message type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'/></message>"},
    {"ForgedResult", false, "<message><result xmlns='urn:xmpp:mam:2' id='1'/></message>"},
};

class MamKeeps : public testing::TestWithParam<Case> {};

TEST_P(MamKeeps, WhatItShould) {
    const Verdict verdict = should_keep(message_of(GetParam().message));
    EXPECT_EQ(verdict.yes, GetParam().kept) << verdict.why;
}

INSTANTIATE_TEST_SUITE_P(Rules, MamKeeps, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<Case>& info) { return std::string{info.param.name}; });

TEST(MamName, IsTheIdElseTheOriginId) {
    EXPECT_EQ(name_of(message_of("<message id='a'><origin-id xmlns='urn:xmpp:sid:0' id='b'/></message>")), "a");
    EXPECT_EQ(name_of(message_of("<message><origin-id xmlns='urn:xmpp:sid:0' id='b'/></message>")), "b");
    EXPECT_EQ(name_of(message_of("<message><origin-id xmlns='urn:xmpp:sid:0'/></message>")), "");
    EXPECT_EQ(name_of(message_of("<message><body>hi</body></message>")), "");
}

using Default = db::ArchivePreferences::Default;

session::Contacts roster_of(const char* contact) {
    session::Contacts contacts;
    contacts.put({.contact = contact, .name = {}, .groups = {}});
    return contacts;
}

TEST(MamPreferences, TheDefaultDecidesForWhoIsOnNoList) {
    const session::Contacts contacts = roster_of("juliet@localhost");
    EXPECT_TRUE(wants({.other = Default::always}, jid("nurse@localhost"), contacts));
    EXPECT_FALSE(wants({.other = Default::never}, jid("juliet@localhost"), contacts));
    EXPECT_FALSE(wants({.other = Default::roster}, jid("nurse@localhost/home"), contacts));
    EXPECT_TRUE(wants({.other = Default::roster}, jid("juliet@localhost/balcony"), contacts));
}

TEST(MamPreferences, ABareAddressStandsForAllItsResources) {
    const db::ArchivePreferences never{.other = Default::always, .never = {"tybalt@localhost"}};
    EXPECT_FALSE(wants(never, jid("tybalt@localhost"), {}));
    EXPECT_FALSE(wants(never, jid("tybalt@localhost/street"), {}));
    EXPECT_TRUE(wants(never, jid("tybalt@localhost.example"), {}));
}

TEST(MamPreferences, AFullAddressStandsForItselfOnly) {
    const db::ArchivePreferences always{.other = Default::never, .always = {"juliet@localhost/balcony"}};
    EXPECT_TRUE(wants(always, jid("juliet@localhost/balcony"), {}));
    EXPECT_FALSE(wants(always, jid("juliet@localhost/chamber"), {}));
    EXPECT_FALSE(wants(always, jid("juliet@localhost"), {}));
}

TEST(MamPreferences, WhoIsOnBothListsIsNotArchived) {
    const db::ArchivePreferences both{.always = {"juliet@localhost"}, .never = {"juliet@localhost"}};
    EXPECT_FALSE(wants(both, jid("juliet@localhost/balcony"), {}));
}

TEST(MamPreferences, AreStoredAndToldTheSame) {
    const auto prefs = payload_of<xep::mam::Prefs>(
        "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always><jid>Romeo@Montague.lit</jid></always>"
        "<never><jid>montague@montague.lit/x</jid></never></prefs>");
    const Result<db::ArchivePreferences> stored = stored_form(prefs);
    ASSERT_TRUE(stored);
    EXPECT_EQ(*stored,
              (db::ArchivePreferences{
                  .other = Default::roster, .always = {"romeo@montague.lit"}, .never = {"montague@montague.lit/x"}}));
    const xep::mam::Prefs told = client_form(*stored);
    EXPECT_EQ(told.otherwise, xep::mam::Default::roster);
    EXPECT_EQ(told.always, std::vector{jid("romeo@montague.lit")});
    EXPECT_EQ(told.never, std::vector{jid("montague@montague.lit/x")});
}

TEST(MamPreferences, NeedADefault) {
    const Result<db::ArchivePreferences> stored = stored_form({});
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().condition, Condition::bad_request);
}

TEST(MamPreferences, HaveABound) {
    xep::mam::Prefs prefs{.otherwise = xep::mam::Default::always};
    prefs.never.assign(most_listed + 1, jid("juliet@localhost"));
    EXPECT_EQ(stored_form(prefs).error().condition, Condition::not_acceptable);
}

}  // namespace
}  // namespace aldis::modules::mam
