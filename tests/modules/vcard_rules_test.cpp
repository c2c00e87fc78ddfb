#include "modules/vcard_rules.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "modules/vcard4_rules.h"
#include "read.h"

namespace aldis::modules {
namespace {

using namespace std::string_literals;

constexpr pictures::Limits limits{.bytes = 1024, .side = 100};
const std::string gif = "GIF89a\x40\0\x20\0"s;

xml::Document temp(const std::string& inner) {
    return xml::parse_document("<vCard xmlns='vcard-temp'>" + inner + "</vCard>");
}
xml::Document four(const std::string& inner) {
    return xml::parse_document("<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'>" + inner + "</vcard>");
}
std::string inside(const xml::Document& card) {
    const std::string text = xml::to_string(card.root());
    const std::size_t begin = text.find('>') + 1;
    const std::size_t end = text.rfind('<');
    return begin > end ? "" : text.substr(begin, end - begin);
}

// ---- The picture in a vcard-temp ----

TEST(VcardRules, TakesThePictureOut) {
    xml::Document card = temp("<FN>Juliet</FN><PHOTO><TYPE>text/html</TYPE><BINVAL>" + base64_encode(gif) +
                              "</BINVAL></PHOTO><URL>x</URL>");
    const auto picture = vcard::take_picture(card.root(), limits);
    ASSERT_TRUE(picture && *picture);
    EXPECT_EQ((*picture)->bytes, gif);
    EXPECT_EQ(inside(card), "<FN>Juliet</FN><URL>x</URL>");
    vcard::add_picture(card.root(), pictures::media_type((*picture)->header.format), gif);
    EXPECT_EQ(inside(card), "<FN>Juliet</FN><URL>x</URL><PHOTO><TYPE>image/gif</TYPE><BINVAL>" + base64_encode(gif) +
                                "</BINVAL></PHOTO>");
}

TEST(VcardRules, TakesTheFirstOfSeveralPictures) {
    const std::string other = base64_encode("GIF89a\x41\0\x20\0"s);
    xml::Document card =
        temp("<PHOTO><BINVAL>" + base64_encode(gif) + "</BINVAL></PHOTO><PHOTO><BINVAL>" + other + "</BINVAL></PHOTO>");
    EXPECT_EQ(vcard::take_picture(card.root(), limits).value().value().bytes, gif);
    EXPECT_EQ(inside(card), "");
}

TEST(VcardRules, KeepsAPictureThatIsElsewhere) {
    xml::Document card =
        temp("<PHOTO><EXTVAL>https://example.org/me</EXTVAL></PHOTO><PHOTO/><PHOTO><BINVAL> \n</BINVAL></PHOTO>");
    EXPECT_FALSE(vcard::take_picture(card.root(), limits).value());
    EXPECT_EQ(inside(card), "<PHOTO><EXTVAL>https://example.org/me</EXTVAL></PHOTO>");
}

TEST(VcardRules, RefusesWhatIsNoPicture) {
    xml::Document card = temp("<PHOTO><TYPE>image/png</TYPE><BINVAL>PHN2Zy8+</BINVAL></PHOTO>");
    EXPECT_EQ(vcard::take_picture(card.root(), limits).error().condition, Condition::not_acceptable);
}

// ---- vcard-temp and vCard4 ----

struct Both {
    const char* name;
    const char* temp;
    const char* four;
};

// XEP-0292 "Example of vcard-temp Data" and "Example of vCard4 XML Data", one property at a time.
constexpr Both both_ways[] = {
    {"FormattedName", "<FN>Peter Saint-Andre</FN>", "<fn><text>Peter Saint-Andre</text></fn>"},
    {"Name", "<N><FAMILY>Saint-Andre</FAMILY><GIVEN>Peter</GIVEN><MIDDLE/></N>",
     "<n><surname>Saint-Andre</surname><given>Peter</given><additional/></n>"},
    {"Nickname", "<NICKNAME>stpeter</NICKNAME>", "<nickname><text>stpeter</text></nickname>"},
    {"PhotoElsewhere", "<PHOTO><EXTVAL>http://stpeter.im/images/stpeter_oscon.jpg</EXTVAL></PHOTO>",
     "<photo><uri>http://stpeter.im/images/stpeter_oscon.jpg</uri></photo>"},
    {"Birthday", "<BDAY>1966-08-06</BDAY>", "<bday><date>1966-08-06</date></bday>"},
    {"BirthdayWithTime", "<BDAY>1966-08-06T01:02:03Z</BDAY>",
     "<bday><date-time>1966-08-06T01:02:03Z</date-time></bday>"},
    {"Address",
     "<ADR><WORK/><PREF/><EXTADD>Suite 600</EXTADD><STREET>1899 Wynkoop Street</STREET><LOCALITY>Denver</LOCALITY>"
     "<REGION>CO</REGION><PCODE>80202</PCODE><CTRY>USA</CTRY></ADR>",
     "<adr><parameters><type><text>work</text></type><pref><integer>1</integer></pref></parameters>"
     "<ext>Suite 600</ext><street>1899 Wynkoop Street</street><locality>Denver</locality><region>CO</region>"
     "<code>80202</code><country>USA</country></adr>"},
    {"Phone", "<TEL><WORK/><VOICE/><PREF/><NUMBER>+1-303-308-3282</NUMBER></TEL>",
     "<tel><parameters><type><text>work</text><text>voice</text></type><pref><integer>1</integer></pref></parameters>"
     "<uri>tel:+1-303-308-3282</uri></tel>"},
    {"MobilePhone", "<TEL><TEXT/><VOICE/><CELL/><NUMBER>+1-720-256-6756</NUMBER></TEL>",
     "<tel><parameters><type><text>text</text><text>voice</text><text>cell</text></type></parameters>"
     "<uri>tel:+1-720-256-6756</uri></tel>"},
    {"PhoneThatIsNoUri", "<TEL><NUMBER>ask at the Bar</NUMBER></TEL>", "<tel><text>ask at the Bar</text></tel>"},
    {"Mail", "<EMAIL><WORK/><INTERNET/><USERID>psaintan@cisco.com</USERID></EMAIL>",
     "<email><parameters><type><text>work</text></type></parameters><text>psaintan@cisco.com</text></email>"},
    {"Jid", "<JABBERID>stpeter@jabber.org</JABBERID>", "<impp><uri>xmpp:stpeter@jabber.org</uri></impp>"},
    {"TimeZone", "<TZ>America/Denver</TZ>", "<tz><text>America/Denver</text></tz>"},
    {"Place", "<GEO><LAT>39.59</LAT><LON>-105.01</LON></GEO>", "<geo><uri>geo:39.59,-105.01</uri></geo>"},
    {"Title", "<TITLE>Executive Director</TITLE>", "<title><text>Executive Director</text></title>"},
    {"Role", "<ROLE>Patron Saint</ROLE>", "<role><text>Patron Saint</text></role>"},
    {"LogoElsewhere", "<LOGO><EXTVAL>http://x/l.png</EXTVAL></LOGO>", "<logo><uri>http://x/l.png</uri></logo>"},
    {"Agent", "<AGENT><EXTVAL>http://x/a.vcf</EXTVAL></AGENT>",
     "<related><parameters><type><text>agent</text></type></parameters><uri>http://x/a.vcf</uri></related>"},
    {"Organization", "<ORG><ORGNAME>XMPP Standards Foundation</ORGNAME></ORG>",
     "<org><text>XMPP Standards Foundation</text></org>"},
    {"OrganizationWithUnits", "<ORG><ORGNAME>XSF</ORGNAME><ORGUNIT>Council</ORGUNIT></ORG>",
     "<org><text>XSF</text><text>Council</text></org>"},
    {"Categories", "<CATEGORIES><KEYWORD>a</KEYWORD><KEYWORD>b</KEYWORD></CATEGORIES>",
     "<categories><text>a</text><text>b</text></categories>"},
    {"Description", "<DESC>More</DESC>", "<note><text>More</text></note>"},
    {"Product", "<PRODID>x</PRODID>", "<prodid><text>x</text></prodid>"},
    {"Revision", "<REV>19951031T222710Z</REV>", "<rev><timestamp>19951031T222710Z</timestamp></rev>"},
    {"SortString", "<SORT-STRING>Andre</SORT-STRING>", "<sort-as>Andre</sort-as>"},
    {"SoundElsewhere", "<SOUND><EXTVAL>http://x/s.ogg</EXTVAL></SOUND>", "<sound><uri>http://x/s.ogg</uri></sound>"},
    {"Uid", "<UID>urn:uuid:1</UID>", "<uid><uri>urn:uuid:1</uri></uid>"},
    {"Url", "<URL>https://stpeter.im/</URL>", "<url><uri>https://stpeter.im/</uri></url>"},
    {"Key", "<KEY><CRED>-----BEGIN PGP PUBLIC KEY BLOCK-----</CRED></KEY>",
     "<key><text>-----BEGIN PGP PUBLIC KEY BLOCK-----</text></key>"},
};

class VcardMapping : public testing::TestWithParam<Both> {};

TEST_P(VcardMapping, GoesBothWays) {
    EXPECT_EQ(inside(vcard4::from_temp(temp(GetParam().temp).root(), nullptr)), GetParam().four);
    EXPECT_EQ(inside(vcard4::to_temp(four(GetParam().four).root(), nullptr)), GetParam().temp);
}

INSTANTIATE_TEST_SUITE_P(All, VcardMapping, testing::ValuesIn(both_ways),
                         [](const testing::TestParamInfo<Both>& info) { return std::string{info.param.name}; });

struct OneWay {
    const char* from;
    const char* to;
};

TEST(VcardRules, TurnsVcardTempIntoVcard4) {
    constexpr OneWay cases[] = {
        // "ADR", "TEL": types that vCard4 does not know; XEP-0054 allows an empty number.
        {"<ADR><DOM/><PARCEL/><CTRY>USA</CTRY></ADR>", "<adr><country>USA</country></adr>"},
        {"<TEL><MSG/><WORK/><NUMBER/></TEL>", ""},
        {"<TEL>123</TEL>", ""},
        {"<NOTE>n</NOTE>", "<note><text>n</text></note>"},
        {"<EMAIL><INTERNET/><PREF/><USERID>stpeter@jabber.org</USERID></EMAIL>",
         "<email><parameters><pref><integer>1</integer></pref></parameters><text>stpeter@jabber.org</text></email>"},
        // "There is no mapping from these properties to vCard4."
        {"<CLASS><PUBLIC/></CLASS><LABEL><LINE>x</LINE></LABEL><MAILER>x</MAILER>", ""},
        {"<SOUND><PHONETIC>x</PHONETIC></SOUND><PHOTO><TYPE>image/png</TYPE><BINVAL>AAAA</BINVAL></PHOTO>", ""},
        {"<AGENT><vCard><FN>x</FN></vCard></AGENT><GEO/><ORG/><KEY/><JABBERID/>", ""},
        {"<FN/>", "<fn><text/></fn>"},
        {"<X-UNKNOWN>1</X-UNKNOWN><FN xmlns='other'>x</FN>", ""},
    };
    for (const OneWay& one : cases) EXPECT_EQ(inside(vcard4::from_temp(temp(one.from).root(), nullptr)), one.to);
}

TEST(VcardRules, TurnsVcard4IntoVcardTemp) {
    constexpr OneWay cases[] = {
        {"<nickname><text>a</text><text>b</text></nickname>", "<NICKNAME>a,b</NICKNAME>"},
        {"<impp><uri>sip:x@y</uri></impp><impp><parameters/><uri>xmpp:x@y</uri></impp>", "<JABBERID>x@y</JABBERID>"},
        {"<tel><parameters><pref>1</pref></parameters><text>12</text></tel>", "<TEL><PREF/><NUMBER>12</NUMBER></TEL>"},
        {"<tel><parameters><pref><integer>2</integer></pref></parameters><uri>tel:1</uri></tel>",
         "<TEL><NUMBER>1</NUMBER></TEL>"},
        {"<geo><uri>geo:1.5,2.5,100;u=3</uri></geo>", "<GEO><LAT>1.5</LAT><LON>2.5</LON></GEO>"},
        {"<photo><uri>data:image/png;base64,AAAA</uri></photo>", ""},
        {"<gender><sex>M</sex></gender><lang><language-tag>en</language-tag></lang><kind><text>x</text></kind>", ""},
        {"<related><parameters><type><text>friend</text></type></parameters><uri>x</uri></related>", ""},
        {"<key><uri>https://x/y.asc</uri></key><fn/><tel/><email/><geo/><org/>", ""},
    };
    for (const OneWay& one : cases) EXPECT_EQ(inside(vcard4::to_temp(four(one.from).root(), nullptr)), one.to);
}

TEST(VcardRules, KeepsOfVcard4WhatVcardTempCannotSay) {
    const xml::Document before = four(
        "<fn><text>Old</text></fn><gender><sex>M</sex></gender><impp><uri>sip:x@y</uri></impp>"
        "<tel><parameters><type><text>textphone</text></type></parameters><uri>tel:1</uri></tel>"
        "<x-other xmlns='urn:example'>1</x-other>");
    EXPECT_EQ(inside(vcard4::from_temp(temp("<FN>New</FN>").root(), &before.root())),
              "<fn><text>New</text></fn><gender><sex>M</sex></gender><impp><uri>sip:x@y</uri></impp>"
              "<x-other xmlns='urn:example'>1</x-other>");
}

TEST(VcardRules, KeepsOfVcard4WhatHasNotChanged) {
    const xml::Document before = four(
        "<url><parameters><type><text>work</text></type></parameters><uri>https://a/</uri></url>"
        "<url><uri>https://b/</uri></url>");
    EXPECT_EQ(inside(vcard4::from_temp(temp("<URL>https://b/</URL><URL>https://a/</URL><URL>https://a/</URL>").root(),
                                       &before.root())),
              "<url><uri>https://b/</uri></url>"
              "<url><parameters><type><text>work</text></type></parameters><uri>https://a/</uri></url>"
              "<url><uri>https://a/</uri></url>");
}

TEST(VcardRules, KeepsOfVcardTempWhatVcard4CannotSay) {
    const xml::Document before = temp(
        "<FN>Old</FN><MAILER>x</MAILER><X-UNKNOWN>1</X-UNKNOWN><NOTE>n</NOTE>"
        "<TEL><WORK/><MSG/><NUMBER>1</NUMBER></TEL><EMAIL><X400/><USERID>a@b</USERID></EMAIL>");
    EXPECT_EQ(inside(vcard4::to_temp(four("<fn><text>New</text></fn><note><text>n</text></note>"
                                          "<tel><parameters><type><text>work</text></type></parameters>"
                                          "<uri>tel:1</uri></tel><email><text>a@b</text></email>")
                                         .root(),
                                     &before.root())),
              "<FN>New</FN><NOTE>n</NOTE><TEL><WORK/><MSG/><NUMBER>1</NUMBER></TEL>"
              "<EMAIL><X400/><USERID>a@b</USERID></EMAIL><MAILER>x</MAILER><X-UNKNOWN>1</X-UNKNOWN>");
}

TEST(VcardRules, KnowsWhenThereAreTooManyProperties) {
    std::string many;
    for (std::size_t i = 0; i < vcard4::most_properties; ++i) many += "\n<URL>x</URL>";
    EXPECT_FALSE(vcard4::has_too_many(temp(many).root()));
    EXPECT_TRUE(vcard4::has_too_many(temp(many + "<URL/>").root()));
}

TEST(VcardRules, GivesTheSameWhenItIsDoneAgain) {
    const xml::Document card =
        temp("<FN>A</FN><NOTE>n</NOTE><DESC>n</DESC><MAILER>x</MAILER><TEL><NUMBER>1 2</NUMBER></TEL>");
    const xml::Document there = vcard4::from_temp(card.root(), nullptr);
    const xml::Document back = vcard4::to_temp(there.root(), &card.root());
    EXPECT_EQ(inside(vcard4::from_temp(back.root(), &there.root())), inside(there));
    EXPECT_EQ(inside(vcard4::to_temp(there.root(), &back.root())), inside(back));
}

}  // namespace
}  // namespace aldis::modules
