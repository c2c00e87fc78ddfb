#include <gtest/gtest.h>

#include "base/base64.h"
#include "modules/client_caps_cache.h"
#include "modules/client_caps_rules.h"
#include "read.h"
#include "xep/xep0300_hashes.h"

namespace aldis::modules::client_caps {
namespace {

using Nodes = std::vector<std::string>;

template <class S>
S stanza_of(std::string_view text) {
    xml::Document document = xml::parse_document(text, xml::client_ns);
    return std::get<S>(std::move(*stanza::read(document)));
}

std::optional<Advertised> said(std::string_view inner) {
    return advertised(stanza_of<Presence>("<presence from='a@b/c'>" + std::string{inner} + "</presence>"));
}

std::string first(std::string_view hash, std::string_view ver) {
    return "<c xmlns='http://jabber.org/protocol/caps' node='urn:client' hash='" + std::string{hash} + "' ver='" +
           std::string{ver} + "'/>";
}

std::string second(std::string_view algo, std::string_view value) {
    return "<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='" + std::string{algo} + "'>" +
           std::string{value} + "</hash></c>";
}

std::string hash(std::string_view algo, std::string_view bytes) {
    return base64_encode(xep::hashes::digest(algo, bytes).value());
}

Iq answer(std::string_view inner, std::string_view lang = {}) {
    return stanza_of<Iq>("<iq type='result' id='a' from='a@b/c' xml:lang='" + std::string{lang} +
                         "'><query xmlns='http://jabber.org/protocol/disco#info'>" + std::string{inner} +
                         "</query></iq>");
}

constexpr std::string_view features =
    "<identity category='client' type='pc'/><feature var='urn:a+notify'/><feature var='urn:b'/>"
    "<feature var='urn:c+notify'/>";
constexpr std::string_view hashed = "client/pc//<urn:a+notify<urn:b<urn:c+notify<";

TEST(ClientCaps, AreFoundInPresence) {
    struct Case {
        std::string presence;
        std::string_view node;
        bool verifiable;
    };
    const std::string legacy = "<c xmlns='http://jabber.org/protocol/caps' node='urn:client' ver='1.0' ext='a b'/>";
    for (const Case& c : {Case{first("sha-1", "YQ=="), "urn:client#YQ==", true},
                          {first("sha-256", "YQ=="), "urn:client#YQ==", true},
                          {first("md5", "YQ=="), "urn:client#YQ==", false},
                          {legacy, "", false},
                          {"<show>away</show>", "", false},
                          {first("sha-1", ""), "", false},
                          {first("sha-1", std::string(200, 'a')), "", false},
                          {second("sha-256", "Yg=="), "urn:xmpp:caps#sha-256.Yg==", true},
                          {second("sha-1", "Yg=="), "urn:xmpp:caps#sha-1.Yg==", false},
                          {second("a.dotted.name", "Yg=="), "urn:xmpp:caps#a.dotted.name.Yg==", false},
                          {first("sha-1", "YQ==") + second("sha-256", "Yg=="), "urn:xmpp:caps#sha-256.Yg==", true},
                          {first("sha-1", "YQ==") + "<c xmlns='urn:xmpp:caps'/>", "urn:client#YQ==", true}}) {
        const std::optional<Advertised> found = said(c.presence);
        EXPECT_EQ(found ? found->node : "", c.node) << c.presence;
        EXPECT_EQ(found && found->verifiable, c.verifiable) << c.presence;
    }
}

TEST(ClientCaps, AreOneForAllSoftwareWhereTheHashProvesThem) {
    EXPECT_EQ(said(first("sha-1", "YQ=="))->key(),
              said("<c xmlns='http://jabber.org/protocol/caps' node='urn:other' hash='sha-1' ver='YQ=='/>")->key());
    EXPECT_NE(said(first("md5", "YQ=="))->key(),
              said("<c xmlns='http://jabber.org/protocol/caps' node='urn:other' hash='md5' ver='YQ=='/>")->key());
    EXPECT_NE(said(first("sha-256", "YQ=="))->key(), said(second("sha-256", "YQ=="))->key());
}

// XEP-0115 section 5.4 "Processing Method", XEP-0390 "Verification of a Capability Hash Set"
TEST(ClientCaps, AreVerifiedByTheirHash) {
    const std::string right = hash("sha-1", hashed);
    const std::string second_hashed =
        "urn:a+notify\x1furn:b\x1furn:c+notify\x1f\x1c"
        "client\x1fpc\x1f\x1f\x1f\x1e\x1c\x1c";
    const Nodes both{"urn:a", "urn:c"};
    struct Case {
        std::string caps;
        std::string answer;
        Nodes notified;
        bool verified;
    };
    const std::string all{features};
    for (const Case& c :
         {Case{first("sha-1", right), all, both, true},
          {first("sha-512", hash("sha-512", hashed)), all, both, true},
          {first("sha-1", "YQ=="), all, both, false},
          {first("md5", right), all, both, false},
          {first("sha-1", right), "<feature var='urn:z+notify'/>", {"urn:z"}, false},
          // Ill-formed.
          {first("sha-1", right), all + "<feature var='urn:b'/>", both, false},
          {first("sha-1", right), "<identity category='client' type='pc'/>" + all, both, false},
          {first("sha-1", right), all + "<feature/>", {}, false},
          {first("sha-1", hash("sha-1", "urn:a+notify<")), "<feature var='urn:a+notify'/>", {"urn:a"}, true},
          {second("sha-256", hash("sha-256", second_hashed)), all, both, true},
          {second("sha3-512", hash("sha3-512", second_hashed)), all, both, true},
          {second("sha-1", hash("sha-1", second_hashed)), all, both, false},
          {second("sha-256", right), all, both, false},
          {second("sha-256", hash("sha-256", second_hashed)), all + "<other/>", both, false}}) {
        const Learned learned = learn(*said(c.caps), answer(c.answer));
        EXPECT_EQ(learned.notified, c.notified) << c.caps << c.answer;
        EXPECT_EQ(learned.verified, c.verified) << c.caps << c.answer;
    }
}

// XEP-0115 "Caps Poisoning": whatever has the same hash means the same to us.
TEST(ClientCaps, CannotBePoisoned) {
    const Advertised victims = *said(first("sha-1", hash("sha-1", hashed)));
    const Learned honest = learn(victims, answer(features));
    const std::string identity = "<identity category='client' type='pc'/>";
    for (const std::string& forged :
         {// Its features become a form ...
          identity + "<feature var='urn:a+notify'/><x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' "
                     "type='hidden'><value>urn:b</value></field><field var='urn:c+notify'/></x>",
          identity + "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
                     "<value>urn:a+notify</value></field><field var='urn:b'><value>urn:c+notify</value></field></x>",
          // ... its identity a feature ...
          std::string{"<feature var='client/pc//'/><feature var='urn:a+notify'/><feature var='urn:b'/>"
                      "<feature var='urn:c+notify'/>"}}) {
        const Learned learned = learn(victims, answer(forged));
        EXPECT_TRUE(learned.verified) << forged;
        EXPECT_EQ(learned.notified, honest.notified) << forged;
    }
    // ... two features one.
    EXPECT_FALSE(learn(victims, answer(identity + "<feature var='urn:a+notify&lt;urn:b'/>"
                                                  "<feature var='urn:c+notify'/>"))
                     .verified);
}

TEST(ClientCaps, MayOrMayNotCountTheLanguageOfTheStream) {
    const auto of = [&](std::string_view lang) {
        return second("sha-256", hash("sha-256",
                                      "\x1c"
                                      "client\x1fpc\x1f" +
                                          std::string{lang} + "\x1f\x1f\x1e\x1c\x1c"));
    };
    const Iq english = answer("<identity category='client' type='pc'/>", "en");
    EXPECT_TRUE(learn(*said(of("en")), english).verified);
    EXPECT_TRUE(learn(*said(of("")), english).verified);
    EXPECT_FALSE(learn(*said(of("de")), english).verified);
}

TEST(ClientCaps, AreNotLearnedFromOtherAnswers) {
    const Advertised caps = *said(first("sha-1", hash("sha-1", hashed)));
    for (const std::string_view text : {"<iq type='result' id='a' from='a@b/c'/>",
                                        "<iq type='result' id='a' from='a@b/c'><query xmlns='urn:a'/></iq>",
                                        "<iq type='error' id='a' from='a@b/c'><error type='cancel'><item-not-found "
                                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}) {
        const Learned learned = learn(caps, stanza_of<Iq>(text));
        EXPECT_TRUE(learned.notified.empty()) << text;
        EXPECT_FALSE(learned.verified) << text;
    }
}

TEST(ClientCaps, AreBounded) {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "<feature var='urn:" + std::to_string(i) + "+notify'/>";
    many += "<feature var='" + std::string(2000, 'a') + "+notify'/><feature var='+notify'/>";
    EXPECT_EQ(learn(*said(first("md5", "a")), answer(many)).notified.size(), most_nodes);
}

std::shared_ptr<const Known> known(std::string key, Nodes nodes = {}) {
    return std::make_shared<const Known>(std::move(key), std::move(nodes));
}

TEST(ClientCapsCache, KeepsWhatIsAskedFor) {
    Cache cache{{.entries = 3, .bytes = 1 << 20}};
    for (const char* key : {"a", "b", "c"}) cache.put(known(key));
    EXPECT_TRUE(cache.find("a"));
    cache.put(known("d"));
    EXPECT_TRUE(cache.find("a"));
    EXPECT_FALSE(cache.find("b"));
    EXPECT_TRUE(cache.find("d"));
    cache.put(known("d", {"urn:a"}));
    EXPECT_EQ(cache.find("d")->notified, Nodes{"urn:a"});
    EXPECT_EQ(cache.entries(), 3);
}

TEST(ClientCapsCache, IsBoundedInBytes) {
    Cache cache{{.entries = 1000, .bytes = 10'000}};
    for (int i = 0; i < 100; ++i) {
        cache.put(known(std::to_string(i), {std::string(500, 'a')}));
        EXPECT_LE(cache.bytes(), 10'000);
    }
    EXPECT_GT(cache.entries(), 5);
    cache.put(known("large", {std::string(20'000, 'a')}));
    EXPECT_EQ(cache.entries(), 0);
    EXPECT_EQ(cache.bytes(), 0);
}

}  // namespace
}  // namespace aldis::modules::client_caps
