#include <gtest/gtest.h>

#include "base/base64.h"
#include "examples.h"
#include "xep/xep0390_caps2.h"

namespace aldis::xep {
namespace {

constexpr std::string_view simple =
    "<query xmlns='http://jabber.org/protocol/disco#info'>"
    "<identity category='client' name='BombusMod' type='mobile'/><feature var='http://jabber.org/protocol/si'/>"
    "<feature var='http://jabber.org/protocol/bytestreams'/>"
    "<feature var='http://jabber.org/protocol/chatstates'/><feature var='http://jabber.org/protocol/disco#info'/>"
    "<feature var='http://jabber.org/protocol/disco#items'/><feature var='urn:xmpp:ping'/>"
    "<feature var='jabber:iq:time'/><feature var='jabber:iq:privacy'/><feature var='jabber:iq:version'/>"
    "<feature var='http://jabber.org/protocol/rosterx'/><feature var='urn:xmpp:time'/>"
    "<feature var='jabber:x:oob'/><feature var='http://jabber.org/protocol/ibb'/>"
    "<feature var='http://jabber.org/protocol/si/profile/file-transfer'/><feature var='urn:xmpp:receipts'/>"
    "<feature var='jabber:iq:roster'/><feature var='jabber:iq:last'/></query>";

constexpr std::string_view complex =
    "<query xmlns='http://jabber.org/protocol/disco#info'>"
    "<identity category='client' name='Tkabber' type='pc' xml:lang='en'/>"
    "<identity category='client' name='Ткаббер' type='pc' xml:lang='ru'/><feature var='games:board'/>"
    "<feature var='http://jabber.org/protocol/activity'/>"
    "<feature var='http://jabber.org/protocol/activity+notify'/>"
    "<feature var='http://jabber.org/protocol/bytestreams'/>"
    "<feature var='http://jabber.org/protocol/chatstates'/><feature var='http://jabber.org/protocol/commands'/>"
    "<feature var='http://jabber.org/protocol/disco#info'/>"
    "<feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/evil'/>"
    "<feature var='http://jabber.org/protocol/feature-neg'/><feature var='http://jabber.org/protocol/geoloc'/>"
    "<feature var='http://jabber.org/protocol/geoloc+notify'/><feature var='http://jabber.org/protocol/ibb'/>"
    "<feature var='http://jabber.org/protocol/iqibb'/><feature var='http://jabber.org/protocol/mood'/>"
    "<feature var='http://jabber.org/protocol/mood+notify'/><feature var='http://jabber.org/protocol/rosterx'/>"
    "<feature var='http://jabber.org/protocol/si'/>"
    "<feature var='http://jabber.org/protocol/si/profile/file-transfer'/>"
    "<feature var='http://jabber.org/protocol/tune'/><feature var='http://www.facebook.com/xmpp/messages'/>"
    "<feature var='http://www.xmpp.org/extensions/xep-0084.html#ns-metadata+notify'/>"
    "<feature var='jabber:iq:avatar'/><feature var='jabber:iq:browse'/><feature var='jabber:iq:dtcp'/>"
    "<feature var='jabber:iq:filexfer'/><feature var='jabber:iq:ibb'/><feature var='jabber:iq:inband'/>"
    "<feature var='jabber:iq:jidlink'/><feature var='jabber:iq:last'/><feature var='jabber:iq:oob'/>"
    "<feature var='jabber:iq:privacy'/><feature var='jabber:iq:roster'/><feature var='jabber:iq:time'/>"
    "<feature var='jabber:iq:version'/><feature var='jabber:x:data'/><feature var='jabber:x:event'/>"
    "<feature var='jabber:x:oob'/><feature var='urn:xmpp:avatar:metadata+notify'/><feature var='urn:xmpp:ping'/>"
    "<feature var='urn:xmpp:receipts'/><feature var='urn:xmpp:time'/><x xmlns='jabber:x:data' type='result'>"
    "<field type='hidden' var='FORM_TYPE'><value>urn:xmpp:dataforms:softwareinfo</value></field>"
    "<field var='software'><value>Tkabber</value></field><field var='software_version'>"
    "<value>0.11.1-svn-20111216-mod (Tcl/Tk 8.6b2)</value></field><field var='os'><value>Windows</value></field>"
    "<field var='os_version'><value>XP</value></field></x></query>";

std::string hashed(std::string_view algo, const std::optional<std::string>& input) {
    return input ? base64_encode(hashes::digest(algo, *input).value()) : "no input";
}

std::optional<std::string> input_of(std::string_view query, std::string_view lang = {}) {
    return caps2::input(document(query).root(), lang);
}

std::string query(std::string_view inner, std::string_view attributes = {}) {
    return "<query xmlns='http://jabber.org/protocol/disco#info'" + std::string{attributes} + ">" + std::string{inner} +
           "</query>";
}

// "Simple Example"
TEST(Xep0390, HashesTheSimpleExample) {
    EXPECT_EQ(hashed("sha-256", input_of(simple)), "kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=");
    EXPECT_EQ(hashed("sha3-256", input_of(simple)), "79mdYAfU9rEdTOcWDO7UEAt6E56SUzk/g6TnqUeuD9Q=");
}

// "Complex Example"
TEST(Xep0390, HashesTheComplexExample) {
    EXPECT_EQ(hashed("sha-256", input_of(complex)), "u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=");
    EXPECT_EQ(hashed("sha3-256", input_of(complex)), "XpUJzLAc93258sMECZ3FJpebkzuyNXDzRNwQog8eycg=");
}

// "Hash Function Input"
TEST(Xep0390, HasNoInputForWhatItWouldNotCover) {
    const std::string type =
        "<field var='FORM_TYPE' type='hidden'><value>a</value></field><field var='b'><value>c</value></field>";
    const auto form = [](std::string_view inner) {
        return "<x xmlns='jabber:x:data' type='result'>" + std::string{inner} + "</x>";
    };
    EXPECT_NE(input_of(query(form(type))), std::nullopt);
    EXPECT_EQ(input_of(query(form("<field var='b'><value>c</value></field>"))), std::nullopt);
    EXPECT_EQ(input_of(query(form(type + "<reported><field var='b'/></reported>"))), std::nullopt);
    EXPECT_EQ(input_of(query(form(type + "<item><field var='b'/></item>"))), std::nullopt);
    EXPECT_EQ(input_of(query("<feature var='a'/><other/>")), std::nullopt);
    EXPECT_EQ(input_of(query("<feature var='a'/><feature xmlns='urn:example' var='b'/>")), std::nullopt);
    EXPECT_EQ(input_of(query("<feature/>")), std::nullopt);
}

TEST(Xep0390, KeepsApartWhatXep0115DoesNot) {
    const auto of = [](std::string_view inner) { return input_of(query(inner)); };
    EXPECT_NE(of("<feature var='a'/><feature var='b'/>"),
              of("<feature var='a'/><x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
                 "<value>b</value></field></x>"));
    EXPECT_NE(of("<feature var='a/b/c/d'/>"), of("<identity category='a' type='b' xml:lang='c' name='d'/>"));
    EXPECT_EQ(of("<feature var='a'/><feature var='b'/>"), of("<feature var='b'/><feature var='a'/>"));
}

// "General remarks": languages that are implied
TEST(Xep0390, CountsTheLanguageAround) {
    const std::string_view identity = "<identity category='client' type='pc' name='a'/>";
    const std::string_view english = "<identity category='client' type='pc' name='a' xml:lang='en'/>";
    EXPECT_EQ(input_of(query(identity), "en"), input_of(query(english)));
    EXPECT_EQ(input_of(query(identity, " xml:lang='en'")), input_of(query(english)));
    EXPECT_EQ(input_of(query(identity, " xml:lang='en'"), "de"), input_of(query(english), "de"));
    EXPECT_NE(input_of(query(identity)), input_of(query(english)));
}

TEST(Xep0390, PicksTheBestHash) {
    const auto best_of = [](std::string_view hashes) {
        const Result<caps2::Set> set = parse<caps2::Set>("<c xmlns='urn:xmpp:caps'>" + std::string{hashes} + "</c>");
        const hashes::Hash* const best = set ? caps2::best(*set) : nullptr;
        return best == nullptr ? std::string{"none"} : caps2::disco_node(*best);
    };
    EXPECT_EQ(best_of("<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>YQ==</hash>"
                      "<hash xmlns='urn:xmpp:hashes:2' algo='sha3-256'>Yg==</hash>"),
              "urn:xmpp:caps#sha3-256.Yg==");
    EXPECT_EQ(best_of("<hash xmlns='urn:xmpp:hashes:2' algo='sha-1'>YQ==</hash>"), "none");
    EXPECT_EQ(best_of("<hash xmlns='urn:xmpp:hashes:2' algo='id.with.dots'>YQ==</hash>"), "none");
    EXPECT_EQ(best_of(""), "none");
}

}  // namespace
}  // namespace aldis::xep
