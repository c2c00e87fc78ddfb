#include <gmock/gmock.h>
#include <malloc.h>

#include "tests/xml/events.h"

namespace aldis::xml {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Limits limits;
const std::string header{client_header};
const std::string dialogue =
    header + " <iq type='get' id='\xC3\xA4 &amp;'><ping xmlns='urn:xmpp:ping'/></iq>\n" +
    "<message xml:lang='en'><body>a\r\nb &lt; \xE2\x82\xAC<![CDATA[<x>]]></body><x xmlns='u' xmlns:p='v' p:q='1'/>"
    "</message><presence/></stream:stream>";

TEST(StreamReader, FindsHeaderStanzasAndEnd) {
    EXPECT_THAT(
        read_chunks({dialogue}),
        ElementsAre("header jabber:client", "<iq type='get' id='\xC3\xA4 &amp;'><ping xmlns='urn:xmpp:ping'/></iq>",
                    "<message xml:lang='en'><body>a\nb &lt; \xE2\x82\xAC&lt;x&gt;</body><x xmlns='u' "
                    "xmlns:ns0='v' ns0:q='1'/></message>",
                    "<presence/>", "end"));
}

TEST(StreamReader, FindsTheSameHoweverTheBytesAreSplit) {
    const std::vector<std::string> whole = read_chunks({dialogue});
    std::vector<std::string> bytes;
    for (const char c : dialogue) bytes.emplace_back(1, c);
    EXPECT_EQ(read_chunks(bytes), whole);
    for (std::size_t i = 0; i <= dialogue.size(); ++i)
        ASSERT_EQ(read_chunks({dialogue.substr(0, i), dialogue.substr(i)}), whole) << i;
    for (std::size_t i = 0; i <= dialogue.size(); i += 3)
        for (std::size_t j = i; j <= dialogue.size(); j += 7)
            ASSERT_EQ(read_chunks({dialogue.substr(0, i), dialogue.substr(i, j - i), dialogue.substr(j)}), whole)
                << i << ' ' << j;
}

TEST(StreamReader, DeliversAStanzaWithItsLastByte) {
    ParserPool pool;
    StreamReader reader{pool, limits};
    EXPECT_THAT(read(reader, header), ElementsAre("header jabber:client"));
    EXPECT_THAT(read(reader, "<iq></i"), IsEmpty());
    EXPECT_THAT(read(reader, "q"), IsEmpty());
    EXPECT_THAT(read(reader, ">"), ElementsAre("<iq/>"));
}

TEST(StreamReader, TellsTheHeaderAsItIs) {
    ParserPool pool;
    StreamReader reader{pool, limits};
    reader.feed(header);
    const Event event = reader.next();
    const StreamHeader& found = std::get<StreamHeader>(event);
    EXPECT_EQ(found.root.root().ns(), "http://etherx.jabber.org/streams");
    EXPECT_EQ(found.root.root().local(), "stream");
    EXPECT_EQ(found.root.root().attribute("to"), "example.org");
    EXPECT_EQ(found.root.root().first_node(), nullptr);
    EXPECT_EQ(found.content_ns, "jabber:client");
}

TEST(StreamReader, HandsBackWhatItHasNotRead) {
    ParserPool pool;
    StreamReader reader{pool, limits};
    const std::string text = header + "<auth/>" + header;
    reader.feed(text);
    EXPECT_EQ(describe(reader.next()), "header jabber:client");
    EXPECT_EQ(reader.unread(), "<auth/>" + header);
    EXPECT_EQ(describe(reader.next()), "<auth/>");
    EXPECT_EQ(reader.unread(), header);
}

TEST(StreamReader, RestartsAfterTheAnswerToSasl) {
    // The client has pipelined its next header and a stanza behind <auth/>.
    const std::string text = header + "<auth/>" + header + "<iq/><iq";
    for (std::size_t i = 0; i <= text.size(); ++i) {
        ParserPool pool;
        StreamReader reader{pool, limits};
        std::vector<std::string> lines;
        for (const std::string& chunk : {text.substr(0, i), text.substr(i)}) {
            reader.feed(chunk);
            for (Event event = reader.next(); !std::holds_alternative<NeedMore>(event); event = reader.next()) {
                lines.push_back(describe(event));
                if (lines.back() == "<auth/>") reader.restart();
            }
        }
        ASSERT_THAT(lines, ElementsAre("header jabber:client", "<auth/>", "header jabber:client", "<iq/>")) << i;
        ASSERT_THAT(read(reader, "/></stream:stream>"), ElementsAre("<iq/>", "end")) << i;
    }
}

TEST(StreamReader, GoesOnFromThePoolOfAnotherShard) {
    ParserPool first;
    StreamReader reader{first, limits};
    const std::string text = header + "<a/><b/><c/>";
    reader.feed(text);
    EXPECT_EQ(describe(reader.next()), "header jabber:client");
    EXPECT_EQ(describe(reader.next()), "<a/>");
    ParserPool second;
    reader.use(second);
    EXPECT_EQ(describe(reader.next()), "<b/>");
    EXPECT_EQ(describe(reader.next()), "<c/>");
    EXPECT_EQ(describe(reader.next()), "more");
}

TEST(StreamReader, MovesWithWhatIsIncomplete) {
    ParserPool pool;
    StreamReader first{pool, limits};
    EXPECT_THAT(read(first, header + "<iq><a"), ElementsAre("header jabber:client"));
    StreamReader second{std::move(first)};
    EXPECT_THAT(read(second, "/></iq>"), ElementsAre("<iq><a/></iq>"));
}

TEST(StreamReader, SeesAStreamThatIsEmpty) {
    const std::string empty = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'/>";
    EXPECT_THAT(read_chunks({empty}), ElementsAre("header jabber:client", "end"));
    for (std::size_t i = 0; i <= empty.size(); ++i)
        ASSERT_THAT(read_chunks({empty.substr(0, i), empty.substr(i)}), ElementsAre("header jabber:client", "end"));
}

TEST(StreamReader, RefusesWhatComesAfterTheEnd) {
    EXPECT_THAT(read_chunks({header + "</stream:stream>  \n"}), ElementsAre("header jabber:client", "end"));
    EXPECT_THAT(read_chunks({header + "</stream:stream><iq/>"}),
                ElementsAre("header jabber:client", "end", "error: not well-formed"));
}

struct Prologue {
    const char* start;
    const char* stanza;
    const char* expected;
    const char* end;
};

const Prologue prologues[] = {
    {"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns=\"jabber:client\">", "<iq/>", "<iq/>",
     "</stream:stream>"},
    {"<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client'>", "<iq><s:a/></iq>",
     "<iq><a xmlns='http://etherx.jabber.org/streams'/></iq>", "</s:stream>"},
    {"<stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client'>", "<c:iq c:a='1'><b/></c:iq>",
     "<iq xmlns:ns0='jabber:client' ns0:a='1'><b xmlns='http://etherx.jabber.org/streams'/></iq>", "</stream>"},
    {"<a:stream xmlns:a='http://etherx.jabber.org/streams' xmlns:b='http://etherx.jabber.org/streams' "
     "xmlns='jabber:client' xmlns:q='urn:&amp;&apos;q'>",
     "<iq><q:a/></iq>", "<iq><a xmlns='urn:&amp;&apos;q'/></iq>", "</a:stream>"},
    {"<stream>", "<iq/>", "<iq xmlns=''/>", "</stream>"},
    {"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' "
     "xmlns:db='jabber:server:dialback'>",
     "<db:result>x</db:result>", "<result xmlns='jabber:server:dialback'>x</result>", "</stream:stream>"},
};

TEST(StreamReader, KeepsThePrefixesOfItsHeader) {
    for (const Prologue& prologue : prologues) {
        ParserPool pool;
        StreamReader reader{pool, limits};
        EXPECT_EQ(read(reader, prologue.start).size(), 1u) << prologue.start;
        // Drops its parser: the next one is made from what is remembered of the header.
        reader.use(pool);
        EXPECT_THAT(read(reader, prologue.stanza), ElementsAre(prologue.expected)) << prologue.start;
        EXPECT_THAT(read(reader, prologue.stanza), ElementsAre(prologue.expected)) << prologue.start;
        EXPECT_THAT(read(reader, prologue.end), ElementsAre("end")) << prologue.start;
    }
}

TEST(StreamReader, TakesThePrefixInWhatEndsTheStreamLiterally) {
    const std::string two =
        "<a:s xmlns:a='http://etherx.jabber.org/streams' xmlns:b='http://etherx.jabber.org/streams'>";
    EXPECT_THAT(read_chunks({two, "</b:s>"}), ElementsAre("header ", "error: not well-formed"));
    EXPECT_THAT(read_chunks({two, "</a:s>"}), ElementsAre("header ", "end"));
}

TEST(ParserPool, KeepsStreamsApartHoweverTheyAlternate) {
    const std::string one = header + "<message><body>one</body></message><iq/>";
    const std::string other = std::string{prologues[1].start} + "<presence><s:x/></presence> <iq id='2'/>";
    const std::vector<std::string> from_one = read_chunks({one});
    const std::vector<std::string> from_other = read_chunks({other});
    for (std::size_t i = 0; i <= one.size(); i += 1) {
        for (std::size_t j = 0; j <= other.size(); j += 5) {
            ParserPool pool;
            StreamReader a{pool, limits};
            StreamReader b{pool, limits};
            std::vector<std::string> seen_a = read(a, one.substr(0, i));
            std::vector<std::string> seen_b = read(b, other.substr(0, j));
            for (std::string& line : read(a, one.substr(i))) seen_a.push_back(std::move(line));
            for (std::string& line : read(b, other.substr(j))) seen_b.push_back(std::move(line));
            ASSERT_EQ(seen_a, from_one) << i << ' ' << j;
            ASSERT_EQ(seen_b, from_other) << i << ' ' << j;
        }
    }
}

TEST(ParserPool, KeepsStreamsOfTheSameKindApartAtEachByte) {
    const std::string one = header + "<message><body>one</body></message><iq/>";
    const std::string other = header + "<presence><x xmlns='u'/></presence>\n<iq id='2'/>";
    ParserPool pool;
    StreamReader a{pool, limits};
    StreamReader b{pool, limits};
    std::vector<std::string> seen_a;
    std::vector<std::string> seen_b;
    for (std::size_t i = 0; i < std::max(one.size(), other.size()); ++i) {
        for (std::string& line : read(a, i < one.size() ? one.substr(i, 1) : "")) seen_a.push_back(std::move(line));
        for (std::string& line : read(b, i < other.size() ? other.substr(i, 1) : "")) seen_b.push_back(std::move(line));
    }
    EXPECT_EQ(seen_a, read_chunks({one}));
    EXPECT_EQ(seen_b, read_chunks({other}));
}

TEST(ParserPool, LetsAnErrorOfOneStreamTouchNoOther) {
    const std::string good = header + "<message><body>one</body></message><iq/>";
    const std::vector<std::string> expected = read_chunks({good});
    for (const std::string bad : {"<iq></x>", "stray", "<!-- -->", "<iq>&nbsp;</iq>", "<iq>\xFF", "<a:b/>"}) {
        for (std::size_t i = 0; i <= good.size(); ++i) {
            ParserPool pool;
            StreamReader reader{pool, limits};
            std::vector<std::string> seen = read(reader, good.substr(0, i));
            {
                StreamReader enemy{pool, limits};
                ASSERT_TRUE(failed(read(enemy, header + "<iq/>" + bad))) << bad;
            }
            for (std::string& line : read(reader, good.substr(i))) seen.push_back(std::move(line));
            ASSERT_EQ(seen, expected) << bad << ' ' << i;
        }
    }
}

TEST(ParserPool, SurvivesStreamsThatEndInTheMiddle) {
    ParserPool pool;
    for (int i = 0; i < 100; ++i) {
        StreamReader reader{pool, limits};
        ASSERT_EQ(read(reader, header + "<iq><a b='").size(), 1u);
    }
    StreamReader reader{pool, limits};
    EXPECT_THAT(read(reader, header + "<iq/>"), ElementsAre("header jabber:client", "<iq/>"));
}

/// Of the heap. Under a sanitizer always 0.
std::int64_t bytes_in_use() { return static_cast<std::int64_t>(mallinfo2().uordblks); }

/// A stanza with a name that was never seen before, and attributes too.
std::string strange_stanza(int number) {
    std::string text = "<iq>";
    for (int i = 0; i < 50; ++i) {
        const std::string name = "n" + std::to_string(number) + "-" + std::to_string(i);
        text += "<" + name + " xmlns='urn:" + name + "' a" + name + "='1'/>";
    }
    return text + "</iq>";
}

// An expat parser keeps each name it has ever seen. Chunks that end inside a stanza never give it back to the pool.
TEST(ParserPool, ForgetsTheNamesOfAHostileStream) {
    for (const bool at_boundary : {true, false}) {
        ParserPool pool;
        StreamReader reader{pool, limits};
        ASSERT_EQ(read(reader, header).size(), 1u);
        std::int64_t peak = 0;
        const std::int64_t before = bytes_in_use();
        for (int i = 0; i < 4'000; ++i) {
            const std::string stanza = strange_stanza(i);
            const std::string chunk = at_boundary ? stanza : (i == 0 ? "" : "q>") + stanza.substr(0, stanza.size() - 2);
            ASSERT_EQ(read(reader, chunk).size(), at_boundary || i > 0 ? 1u : 0u);
            peak = std::max(peak, bytes_in_use() - before);
        }
        // It has sent some 10 MiB of names by now.
        EXPECT_LT(peak, 8 << 20) << at_boundary;
    }
}

TEST(ParserPool, IsNotFilledByUnusualPrologues) {
    ParserPool pool;
    for (int i = 0; i < 100; ++i) {
        StreamReader reader{pool, limits};
        ASSERT_EQ(read(reader, "<s xmlns='urn:" + std::to_string(i) + "'><iq/>").size(), 2u);
    }
    StreamReader reader{pool, limits};
    EXPECT_THAT(read(reader, header + "<iq/>"), ElementsAre("header jabber:client", "<iq/>"));
}

TEST(ParserPool, MakesAParserFromALongPrologue) {
    const Limits large{.stanza_bytes = 1U << 20U, .attributes = 400};
    std::string start = "<s";
    for (int i = 0; i < 300; ++i) start += " xmlns:p" + std::to_string(i) + "='" + std::string(1'000, 'u') + "'";
    ParserPool pool;
    StreamReader reader{pool, large};
    ASSERT_EQ(read(reader, start + ">").size(), 1u);
    reader.use(pool);
    EXPECT_EQ(read(reader, "<p7:iq/>").size(), 1u);
}

}  // namespace
}  // namespace aldis::xml
