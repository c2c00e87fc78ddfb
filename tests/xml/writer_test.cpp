#include <gtest/gtest.h>

#include "tests/xml/events.h"

namespace aldis::xml {
namespace {

std::string all_characters() {
    std::string text = "\t\n\r";
    for (char c = ' '; c < 0x7f; ++c) text += c;
    return text + "\x7f\xC2\x85\xE2\x80\xA8\xEF\xBB\xBF\xF0\x9F\x98\x80]]>\r\n\n\r";
}

TEST(Writer, WritesTextAndAttributesThatReadTheSame) {
    Document document{Name{client_ns, "a"}};
    document.root().set("b", all_characters()).append_text(all_characters());
    const std::string text = to_string(document.root());
    const Document again = parse_document(text, client_ns);
    EXPECT_EQ(again.root().text_view(), all_characters());
    EXPECT_EQ(again.root().attribute("b"), all_characters());
    EXPECT_EQ(to_string(again.root()), text);
    // Also where it stands in a stream, among others.
    EXPECT_EQ(read_in_stream(text + text), (std::vector{text, text}));
}

TEST(Writer, DeclaresANamespaceOnlyWhereItChanges) {
    Document document{Name{client_ns, "iq"}};
    Element& query = document.root().append("query", "q");
    query.append("item");
    query.append("other", client_ns).append("inner");
    EXPECT_EQ(to_string(document.root()),
              "<iq><query xmlns='q'><item/><other xmlns='jabber:client'><inner/></other></query></iq>");
    EXPECT_EQ(to_string(document.root(), "jabber:server").substr(0, 26), "<iq xmlns='jabber:client'>");
}

TEST(Writer, EscapesNamespaces) {
    const Document document{Name{"a'b&<\"", "x"}};
    const std::string text = to_string(document.root());
    EXPECT_EQ(text, "<x xmlns='a&apos;b&amp;&lt;&quot;'/>");
    EXPECT_EQ(parse_document(text).root().ns(), "a'b&<\"");
}

TEST(Writer, GivesForeignAttributesAPrefixOfTheirOwn) {
    const std::string text = "<a xmlns:ns0='x' ns0:b='1' c='2' xmlns:ns1='y' ns1:b='3' xml:lang='en'><d/></a>";
    const Document document = parse_document(text, client_ns);
    EXPECT_EQ(to_string(document.root()), text);
}

// RFC 6120 allows it, and the recipient's stream would end were it written as a default namespace.
TEST(Writer, KeepsElementsOfTheXmlNamespaceInTheirPrefix) {
    const std::string text = "<message><xml:a xml:b='1'><c/><d xmlns='e'/></xml:a></message>";
    EXPECT_EQ(read_in_stream(text), std::vector{text});
}

TEST(Writer, PutsRawMarkupWhereItBelongs) {
    const auto wrap = [](std::string_view ns, std::string_view raw) {
        Document document{Name{ns, "w"}};
        document.root().append_raw(raw);
        return to_string(document.root());
    };
    EXPECT_EQ(wrap(client_ns, "<message to='a'>x</message>"), "<w><message to='a'>x</message></w>");
    EXPECT_EQ(wrap("f", "<message/>"), "<w xmlns='f'><message xmlns='jabber:client'/></w>");
    EXPECT_EQ(wrap("f", "<message>x</message>"), "<w xmlns='f'><message xmlns='jabber:client'>x</message></w>");
    EXPECT_EQ(wrap("f", "<message a='1'/>"), "<w xmlns='f'><message xmlns='jabber:client' a='1'/></w>");
    EXPECT_EQ(wrap("f", "<x xmlns='g' a='1'/>"), "<w xmlns='f'><x xmlns='g' a='1'/></w>");
    EXPECT_EQ(wrap("f", "<x xmlns=''/>"), "<w xmlns='f'><x xmlns=''/></w>");
    EXPECT_EQ(wrap("f", "<x b=' xmlns='/>"), "<w xmlns='f'><x xmlns='jabber:client' b=' xmlns='/></w>");
}

}  // namespace
}  // namespace aldis::xml
