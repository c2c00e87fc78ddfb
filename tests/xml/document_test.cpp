#include <gmock/gmock.h>

#include "tests/xml/events.h"

namespace aldis::xml {
namespace {

std::string round(std::string_view text, std::string_view default_ns = client_ns) {
    return to_string(parse_document(text, default_ns).root());
}

TEST(Document, IsReadWhole) {
    const Document document = parse_document("<?xml version='1.0'?> <a b='c'>text<d xmlns='e'/>more</a>\n");
    EXPECT_EQ(document.root().local(), "a");
    EXPECT_EQ(document.root().ns(), "");
    EXPECT_EQ(document.root().text(), "textmore");
    EXPECT_EQ(document.root().text_view(), "textmore");
    ASSERT_NE(document.root().child({"e", "d"}), nullptr);
    EXPECT_EQ(document.root().child({"", "d"}), nullptr);
}

TEST(Document, IsRefusedWhereItIsNoneOrMoreThanOne) {
    for (const char* text : {"", " ", "<a>", "<a/><b/>", "<a/>text", "text<a/>", "<!-- --><a/>", "<a/><!-- -->",
                             "<!DOCTYPE a><a/>", "<?x y?><a/>", "<a>&x;</a>"})
        EXPECT_THROW(static_cast<void>(parse_document(text)), ParseError) << text;
    EXPECT_THROW(static_cast<void>(parse_document("<a>12345</a>", {}, {.stanza_bytes = 10})), ParseError);
    EXPECT_THROW(static_cast<void>(parse_document("<a><b/></a>", {}, {.depth = 1})), ParseError);
}

TEST(Document, CanBeReadAfterOneThatWasRefused) {
    for (const char* text : {"<a><b>", "<a xmlns='x'><b xmlns='y'>", "<a xmlns:p='q' p:", "<a>&x;</a>"}) {
        EXPECT_THROW(static_cast<void>(parse_document(text, client_ns)), ParseError);
        EXPECT_EQ(round("<a><b/></a>"), "<a><b/></a>");
    }
}

TEST(Document, IsInTheDefaultNamespaceUnlessItSaysOtherwise) {
    EXPECT_EQ(parse_document("<a/>", client_ns).root().ns(), client_ns);
    EXPECT_EQ(parse_document("<a xmlns='x'/>", client_ns).root().ns(), "x");
    EXPECT_EQ(parse_document("<a xmlns=''/>", client_ns).root().ns(), "");
    EXPECT_EQ(round("<a><b xmlns=''><c/></b><d/><p:e xmlns:p='f'><g/></p:e></a>"),
              "<a><b xmlns=''><c/></b><d/><e xmlns='f'><g xmlns='jabber:client'/></e></a>");
}

TEST(Document, HasNoAttributesInTheDefaultNamespace) {
    EXPECT_EQ(round("<p:a xmlns:p='x' b='1' p:b='2' xml:lang='de'/>"),
              "<a xmlns='x' b='1' xmlns:ns0='x' ns0:b='2' xml:lang='de'/>");
}

TEST(Element, FindsAttributesByNamespace) {
    const Document document = parse_document("<a xmlns:p='x' b='1' p:b='2'/>");
    EXPECT_EQ(document.root().attribute("b"), "1");
    EXPECT_EQ(document.root().attribute(Name{"x", "b"}), "2");
    EXPECT_EQ(document.root().attribute(Name{"y", "b"}), std::nullopt);
    EXPECT_EQ(document.root().attribute_or("c", "3"), "3");
}

TEST(Element, ChangesItsAttributes) {
    Document document = parse_document("<a b='1' c='2'/>");
    document.root().set("b", "3").set("d", "4").set(Name{xml_ns, "lang"}, "en");
    document.root().remove_attribute("c");
    document.root().remove_attribute("nothing");
    EXPECT_EQ(to_string(document.root(), ""), "<a b='3' d='4' xml:lang='en'/>");
}

TEST(Element, LosesChildrenAndGainsOthers) {
    Document document = parse_document("<a>x<b/><c/>y<b/></a>");
    document.root().remove_if([](const Element& child) { return child.local() == "b"; });
    document.root().append("d");
    document.root().append_text("z");
    document.root().remove(*document.root().child({"", "c"}));
    EXPECT_EQ(to_string(document.root(), ""), "<a>xy<d/>z</a>");
}

TEST(Element, IsCopiedDeeply) {
    Document copy;
    {
        Document source = parse_document("<a xmlns='n' b='1'>t<c xmlns='' xml:lang='x'><d xmlns='n'/></c></a>");
        source.root().append_raw("<message/>");
        copy = Document::copy_of(source.root());
        Document other{Name{client_ns, "m"}};
        other.root().append_copy(source.root());
        EXPECT_EQ(to_string(other.root()),
                  "<m><a xmlns='n' b='1'>t<c xmlns='' xml:lang='x'><d xmlns='n'/></c><message xmlns='jabber:client'/>"
                  "</a></m>");
    }
    EXPECT_EQ(to_string(copy.root()),
              "<a xmlns='n' b='1'>t<c xmlns='' xml:lang='x'><d xmlns='n'/></c><message xmlns='jabber:client'/></a>");
}

TEST(Element, HoldsTextOfManyPieces) {
    Document document{Name{"", "a"}};
    std::string expected;
    for (int i = 0; i < 5'000; ++i) {
        const std::string piece = std::to_string(i) + "\n";
        document.root().append_text(piece);
        expected += piece;
    }
    EXPECT_EQ(document.root().text_view(), expected);
    document.root().append("b");
    document.root().append_text("end");
    EXPECT_EQ(document.root().text_view(), expected + "end");
}

TEST(Arena, GivesManySizesWithoutOverlap) {
    Arena::Ptr arena = Arena::make();
    std::vector<std::pair<std::string_view, char>> texts;
    for (int i = 0; i < 300; ++i) {
        const char c = static_cast<char>('a' + i % 26);
        texts.emplace_back(arena->copy(std::string(static_cast<std::size_t>(i * i % 5'000), c)), c);
        const auto* const object = arena->make_object<std::uint64_t>(42U);
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(object) % alignof(std::uint64_t), 0u);
    }
    for (const auto& [text, c] : texts) ASSERT_EQ(text.find_first_not_of(c), std::string_view::npos);
}

}  // namespace
}  // namespace aldis::xml
