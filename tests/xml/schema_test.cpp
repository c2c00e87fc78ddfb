#include <gtest/gtest.h>

#include "stanza/stanza.h"
#include "xml/parser.h"
#include "xml/schema.h"
#include "xml/writer.h"

namespace aldis::xml {

enum class Colour : std::uint8_t { red, green };
enum class Shape : std::uint8_t { round, other };

template <>
struct EnumNames<Colour> {
    static constexpr std::array values{std::pair{Colour::red, std::string_view{"red"}},
                                       std::pair{Colour::green, std::string_view{"green"}}};
};
template <>
struct EnumNames<Shape> {
    static constexpr std::array values{std::pair{Shape::round, std::string_view{"round"}}};
    static constexpr auto otherwise = Shape::other;
};

namespace {

struct Leaf {
    std::optional<int> size;
    std::string colour;
    static constexpr auto schema = element("leaf", "leaf", attribute<&Leaf::size>("size"), text<&Leaf::colour>());
};

struct Acorn {
    std::optional<std::string> taste;
    static constexpr auto schema = element("tree", "acorn", text<&Acorn::taste>());
};

struct Tree {
    std::string name;
    std::optional<std::string> lang;
    std::uint8_t age = 0;
    bool tall = false;
    std::optional<bool> old;
    Colour colour = Colour::red;
    std::optional<Shape> shape;
    Leaf leaf;
    std::optional<Leaf> twig;
    std::vector<Acorn> acorns;
    std::optional<std::string> note;
    std::vector<int> numbers;
    std::vector<std::string> birds;
    bool dead = false;
    bool alien = false;
    Bytes cut;

    static constexpr auto schema =
        element("tree", "tree", attribute<&Tree::name>("name"), attribute<&Tree::lang>("lang", xml_ns),
                attribute<&Tree::age>("age"), attribute_or<&Tree::tall>("tall", false), attribute<&Tree::old>("old"),
                attribute<&Tree::colour>("colour"), attribute<&Tree::shape>("shape"), child<&Tree::leaf>(),
                child<&Tree::twig>("twig"), children<&Tree::acorns>(), text_child<&Tree::note>("note"),
                text_children<&Tree::numbers>("number"), text_list<&Tree::birds>("nest", "bird"),
                flag<&Tree::dead>("dead"), flag<&Tree::alien>("alien", "space"), markup<&Tree::cut>(client_ns));
};

const std::string full =
    "<tree xmlns='tree' name='oak' xml:lang='en' age='200' tall='true' old='true' colour='green' shape='round'>"
    "<leaf xmlns='leaf' size='-3'>a</leaf><twig xmlns='leaf' size='1'/><acorn>bitter</acorn><acorn/>"
    "<note>n</note><number>1</number><number>2</number><nest><bird>x</bird></nest><dead/><alien xmlns='space'/>"
    "<message xmlns='jabber:client' id='1'><body/></message></tree>";

Result<Tree> read(const std::string& text) { return parse<Tree>(parse_document(text).root()); }

TEST(Schema, ReadsWhatItWrites) {
    Result<Tree> tree = read(full);
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->leaf.size, -3);
    ASSERT_EQ(tree->acorns.size(), 2u);
    EXPECT_EQ(tree->acorns[0].taste, "bitter");
    EXPECT_EQ(tree->acorns[1].taste, std::nullopt);
    EXPECT_EQ(tree->numbers, (std::vector{1, 2}));
    EXPECT_EQ(*tree->cut, "<message id='1'><body/></message>");
    EXPECT_EQ(to_string(build(*tree).root()), full);
}

TEST(Schema, LeavesOutWhatIsAbsentOrDefault) {
    const Result<Tree> tree = read("<tree xmlns='tree' name='' age='0' colour='red'><leaf xmlns='leaf'/></tree>");
    ASSERT_TRUE(tree);
    EXPECT_FALSE(tree->lang || tree->old || tree->shape || tree->twig || tree->note || tree->cut || tree->dead);
    EXPECT_EQ(to_string(build(*tree).root()),
              "<tree xmlns='tree' name='' age='0' colour='red'><leaf xmlns='leaf'/><nest/></tree>");
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
}

TEST(Schema, RefusesWhatIsMissingOrMalformed) {
    for (const auto& [from, to] : {std::pair{"name='oak'", ""},
                                   {"age='200'", "age='256'"},
                                   {"age='200'", "age='-1'"},
                                   {"age='200'", "age=''"},
                                   {"age='200'", "age='2x'"},
                                   {"tall='true'", "tall='yes'"},
                                   {"old='true'", "old=''"},
                                   {"colour='green'", "colour='blue'"},
                                   {"colour='green'", ""},
                                   {"size='1'", "size='+-1'"},
                                   {"<number>1<", "<number>one<"}}) {
        const Result<Tree> tree = read(replaced(full, from, to));
        ASSERT_FALSE(tree) << from << ' ' << to;
        EXPECT_EQ(tree.error().condition, Condition::bad_request);
    }
}

TEST(Schema, TakesWhatIsWrittenOtherwise) {
    EXPECT_EQ(read(replaced(full, "age='200'", "age=' +200 '"))->age, 200);
    EXPECT_TRUE(read(replaced(full, "tall='true'", "tall='1'"))->tall);
    EXPECT_EQ(read(replaced(full, "shape='round'", "shape='square'"))->shape, Shape::other);
    EXPECT_TRUE(read(replaced(full, "<dead/>", "<dead/><unknown/>text"))->dead);
}

TEST(Schema, CountsAMalformedChildAsAbsentUnlessAskedWhy) {
    const Document parent = parse_document("<p><leaf xmlns='leaf' size='x'/></p>");
    EXPECT_TRUE(has<Leaf>(parent.root()));
    EXPECT_FALSE(get<Leaf>(parent.root()));
    EXPECT_FALSE(parse<Leaf>(*parent.root().first_element()));
}

}  // namespace
}  // namespace aldis::xml
