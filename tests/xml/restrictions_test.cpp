// RFC 6120 section 11: what may not stand in a stream, and the bounds on what may.

#include <gmock/gmock.h>

#include "tests/xml/events.h"

namespace aldis::xml {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string iq = "<iq/>";

std::vector<std::string> alone(const std::string& document) { return read_chunks({document}); }

TEST(Restrictions, RefuseComments) {
    EXPECT_THAT(read_in_stream("<!-- c -->"), ElementsAre("error: restricted"));
    EXPECT_THAT(read_in_stream("<iq><!-- c --></iq>"), ElementsAre("error: restricted"));
    EXPECT_THAT(alone("<!-- c -->" + std::string{client_header}), ElementsAre("error: restricted"));
}

TEST(Restrictions, RefuseProcessingInstructions) {
    EXPECT_THAT(read_in_stream("<?php echo?>"), ElementsAre("error: restricted"));
    EXPECT_THAT(read_in_stream("<iq><?php echo?></iq>"), ElementsAre("error: restricted"));
    EXPECT_THAT(alone("<?xml-stylesheet href='a'?>" + std::string{client_header}), ElementsAre("error: restricted"));
}

TEST(Restrictions, RefuseDocumentTypeDeclarations) {
    EXPECT_THAT(alone("<!DOCTYPE stream><stream/>"), ElementsAre("error: restricted"));
    EXPECT_THAT(alone("<!DOCTYPE stream [<!ENTITY a 'b'>]><stream>&a;</stream>"), ElementsAre("error: restricted"));
    EXPECT_THAT(alone("<!DOCTYPE stream SYSTEM 'file:///etc/passwd'><stream/>"), ElementsAre("error: restricted"));
    EXPECT_THAT(read_in_stream("<!DOCTYPE iq>"), ElementsAre("error: not well-formed"));
}

TEST(Restrictions, RefuseEntitiesThatAreNotPredefined) {
    EXPECT_THAT(read_in_stream("<iq>&nbsp;</iq>"), ElementsAre("error: restricted"));
    EXPECT_THAT(read_in_stream("<iq a='&nbsp;'/>"), ElementsAre("error: restricted"));
}

TEST(Restrictions, AllowPredefinedEntitiesCharacterReferencesAndCdata) {
    EXPECT_THAT(read_in_stream("<iq a='&lt;&#x27;'>&lt;&gt;&amp;&apos;&quot;&#65;&#x1F600;<![CDATA[<&]]></iq>"),
                ElementsAre("<iq a='&lt;&apos;'>&lt;&gt;&amp;'\"A\xF0\x9F\x98\x80&lt;&amp;</iq>"));
}

TEST(Restrictions, RefuseWhatIsNotWellFormed) {
    for (const char* text :
         {"<iq></message>", "<iq a='1' a='2'/>", "<iq a=1/>", "<iq a/>", "< iq/>", "<iq>&</iq>", "<iq>&lt</iq>",
          "<iq a='<'/>", "<iq>]]></iq>", "<iq>&#0;</iq>", "<iq>&#x1;</iq>", "<iq>&#xD800;</iq>", "<iq>&#xFFFE;</iq>",
          "<iq>\x01</iq>", "<1q/>", "</iq>", "<iq <", "<?xml version='1.0'?>"}) {
        std::vector<std::string> lines = read_chunks({std::string{client_header}, text, ">"});
        EXPECT_EQ(lines.back(), "error: not well-formed") << text;
    }
}

TEST(Restrictions, RefuseWhatIsNotNamespaceWellFormed) {
    for (const char* text :
         {"<a:iq/>", "<iq a:b='c'/>", "<iq xmlns:a='x' xmlns:b='x' a:c='1' b:c='2'/>", "<iq xmlns:a=''/>", "<a:b:c/>",
          "<iq xmlns:xml='urn:x'/>", "<iq xmlns:xmlns='urn:x'/>", "<iq xmlns='http://www.w3.org/2000/xmlns/'/>",
          "<iq xmlns='http://www.w3.org/XML/1998/namespace'/>", "<iq xmlns:a='u' xmlns:a='v'/>"})
        EXPECT_THAT(read_in_stream(text), ElementsAre("error: not well-formed")) << text;
}

TEST(Restrictions, RefuseBadUtf8) {
    for (const char* bytes :
         {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
          "\xF4\x90\x80\x80", "\xFF", "\xFE", "\xEF\xBF\xBE", "\xEF\xBF\xBF", "\xF5\x80\x80\x80"}) {
        EXPECT_THAT(read_in_stream("<iq>" + std::string{bytes} + "</iq>"), ElementsAre("error: not well-formed"));
        EXPECT_THAT(read_in_stream("<iq a='" + std::string{bytes} + "'/>"), ElementsAre("error: not well-formed"));
    }
}

TEST(Restrictions, TakeACharacterThatIsCutByAPacketBorder) {
    EXPECT_THAT(read_chunks({std::string{client_header}, "<iq>\xF0", "\x9F", "\x98", "\x80</iq>"}),
                ElementsAre("header jabber:client", "<iq>\xF0\x9F\x98\x80</iq>"));
}

TEST(Restrictions, RefuseOtherEncodings) {
    for (const char* encoding : {"UTF-16", "ISO-8859-1", "US-ASCII", "x"})
        EXPECT_THAT(alone("<?xml version='1.0' encoding='" + std::string{encoding} + "'?><a/>"),
                    ElementsAre("error: unsupported encoding"))
            << encoding;
    EXPECT_THAT(alone("<?xml version='1.0' encoding='utf-8'?><a>"), ElementsAre("header "));
}

std::string in_utf16(std::string_view text, bool little) {
    std::string wide;
    for (const char c : text) wide += little ? std::string{c, '\0'} : std::string{'\0', c};
    return wide;
}

// expat would take it, with and without a byte order mark.
TEST(Restrictions, RefuseUtf16HoweverItIsSplit) {
    for (const std::string& text : {"\xFF\xFE" + in_utf16("<a>", true), "\xFE\xFF" + in_utf16("<a>", false),
                                    in_utf16("<a>", true), in_utf16("<a>", false), in_utf16("a", true)}) {
        EXPECT_THAT(alone(text), ElementsAre("error: unsupported encoding"));
        EXPECT_THAT(read_chunks({text.substr(0, 1), text.substr(1)}), ElementsAre("error: unsupported encoding"));
        EXPECT_THROW(static_cast<void>(parse_document(text)), ParseError);
    }
}

TEST(Restrictions, RefuseCharactersBetweenStanzas) {
    EXPECT_THAT(read_in_stream("<iq/>hello<iq/>"), ElementsAre("<iq/>", "error: stray text"));
    EXPECT_THAT(read_in_stream(" &#65;"), ElementsAre("error: stray text"));
    EXPECT_THAT(read_in_stream(" \t\r\n<iq/>\n<iq/> "), ElementsAre("<iq/>", "<iq/>"));
}

TEST(Limits, BoundTheBytesOfAStanza) {
    const Limits limits{.stanza_bytes = 400};
    const std::string fits = "<iq>" + std::string(391, 'x') + "</iq>";
    EXPECT_THAT(read_in_stream(fits + fits, limits), ElementsAre(fits, fits));
    EXPECT_THAT(read_in_stream("<iq>" + std::string(392, 'x') + "</iq>", limits), ElementsAre("error: too big"));
    for (const char* start : {"<iq>", "<iq a='", "<iq ", "<", "<iq><b c='"})
        EXPECT_THAT(read_in_stream(start + std::string(600, 'x'), limits), ElementsAre("error: too big")) << start;
}

TEST(Limits, BoundStanzasThatComeInManyChunks) {
    const Limits limits{.stanza_bytes = 1000};
    ParserPool pool;
    StreamReader reader{pool, limits};
    EXPECT_THAT(read(reader, client_header), ElementsAre("header jabber:client"));
    EXPECT_THAT(read(reader, "<iq>"), IsEmpty());
    std::size_t chunks = 0;
    while (!failed(read(reader, "0123456789"))) ASSERT_LT(++chunks, 100);
    EXPECT_GE(chunks, 99u);
}

TEST(Limits, BoundTheHeaderAndWhatIsBeforeIt) {
    const Limits limits{.stanza_bytes = 500};
    for (const std::string start : {"<a b='", " ", "<?xml version='1.0' standalone='yes'", "<!DOCTYPE", ""})
        EXPECT_THAT(read_chunks({start + std::string(600, ' ')}, limits).size(), 1u) << start;
    EXPECT_THAT(read_chunks({"<a b='" + std::string(600, ' ') + "'>"}, limits), ElementsAre("error: too big"));
}

TEST(Limits, BoundTheDepth) {
    const Limits limits{.depth = 4};
    EXPECT_THAT(read_in_stream("<a><b><c/></b></a>", limits), ElementsAre("<a><b><c/></b></a>"));
    EXPECT_THAT(read_in_stream("<a><b><c><d/></c></b></a>", limits), ElementsAre("error: too big"));
    std::string deep;
    for (int i = 0; i < 20'000; ++i) deep += "<a>";
    EXPECT_THAT(read_in_stream(deep), ElementsAre("error: too big"));
}

TEST(Limits, BoundTheAttributes) {
    const Limits limits{.attributes = 4};  // as many as the header has
    EXPECT_THAT(read_in_stream("<a b='' c='' d='' e=''/>", limits), ElementsAre("<a b='' c='' d='' e=''/>"));
    EXPECT_THAT(read_in_stream("<a b='' c='' d='' e='' f=''/>", limits), ElementsAre("error: too big"));
    EXPECT_THAT(read_in_stream("<a b='' c='' d='' xmlns:e='u' xmlns:f='v'/>", limits), ElementsAre("error: too big"));
}

TEST(Limits, DoNotCountWhiteSpaceBetweenStanzas) {
    const Limits limits{.stanza_bytes = 300};
    ParserPool pool;
    StreamReader reader{pool, limits};
    EXPECT_THAT(read(reader, client_header), ElementsAre("header jabber:client"));
    for (const char* space : {" ", "\n", "\r\n", "\r", "\t \n"})
        for (int i = 0; i < 2'000; ++i) ASSERT_THAT(read(reader, space), IsEmpty());
    EXPECT_THAT(read(reader, std::string(100'000, ' ')), IsEmpty());
    EXPECT_THAT(read(reader, std::string(100'000, '\n') + iq), ElementsAre("<iq/>"));
}

}  // namespace
}  // namespace aldis::xml
