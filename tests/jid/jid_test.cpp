#include "jid/jid.h"

#include <gtest/gtest.h>

#include <set>
#include <unordered_set>

namespace aldis {
namespace {

constexpr stanza::Error no_error{};

Jid jid(std::string_view text) {
    const Result<Jid> parsed = Jid::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(Jid{});
}

struct Valid {
    std::string_view text, local, domain, resource;
};

// RFC 7622 section 3.5, table 1, and example 18 as erratum 4560 has it.
constexpr Valid rfc7622_valid[] = {
    {"juliet@example.com", "juliet", "example.com", ""},
    {"juliet@example.com/foo", "juliet", "example.com", "foo"},
    {"juliet@example.com/foo bar", "juliet", "example.com", "foo bar"},
    {"juliet@example.com/foo@bar", "juliet", "example.com", "foo@bar"},
    {"foo\\20bar@example.com", "foo\\20bar", "example.com", ""},
    {"fussball@example.com", "fussball", "example.com", ""},
    {"fu\u00dfball@example.com", "fu\u00dfball", "example.com", ""},
    {"\u03c0@example.com", "\u03c0", "example.com", ""},
    {"\u03a3@example.com/foo", "\u03c3", "example.com", "foo"},
    {"\u03c3@example.com/foo", "\u03c3", "example.com", "foo"},
    {"\u03c2@example.com/foo", "\u03c2", "example.com", "foo"},
    {"king@example.com/\u265a", "king", "example.com", "\u265a"},
    {"example.com", "", "example.com", ""},
    {"example.com/foobar", "", "example.com", "foobar"},
    {"a.example.com/b@example.net", "", "a.example.com", "b@example.net"},
    {"juliet@example.com/ foo", "juliet", "example.com", " foo"},
};

constexpr Valid more_valid[] = {
    {"JULIET@Example.COM/Balcony", "juliet", "example.com", "Balcony"},
    {"juliet@example.com.", "juliet", "example.com", ""},
    {"juliet@example.com./a/b/c", "juliet", "example.com", "a/b/c"},
    {"juliet@127.0.0.1/x", "juliet", "127.0.0.1", "x"},
    {"juliet@[::1]/x", "juliet", "[::1]", "x"},
    {"juliet@[2001:DB8:0:0::1]", "juliet", "[2001:db8::1]", ""},
    {"localhost", "", "localhost", ""},
    {"a@b/ ", "a", "b", " "},
    {"ROMEO@Example.ORG/\U0001F40E", "romeo", "example.org", "\U0001F40E"},
    {"m\u00fcller@b\u00fccher.example", "m\u00fcller", "b\u00fccher.example", ""},
    {"M\u00dcLLER@B\u00dcCHER.example", "m\u00fcller", "b\u00fccher.example", ""},
    {"mu\u0308ller@xn--bcher-kva.example", "m\u00fcller", "b\u00fccher.example", ""},
    {"\uff4a\uff55\uff4c\uff49\uff45\uff54@example\uff0ecom", "juliet", "example.com", ""},
    {"a@stra\u00dfe.example", "a", "stra\u00dfe.example", ""},
    {"\u05d0\u05d1@example.com", "\u05d0\u05d1", "example.com", ""},
    {"a@example.com/\U0001F40E", "a", "example.com", "\U0001F40E"},
};

constexpr std::string_view invalid[] = {
    // RFC 7622 section 3.5, table 2. Its example 20, a Roman numeral, is taken as the older RFC 6122 has it.
    "\"juliet\"@example.com",
    "foo bar@example.com",
    "@example.com/",
    "\u265a@example.com",
    "juliet@",
    "/foobar",
    "",
    "@",
    "/",
    "@/",
    "@example.com",
    "juliet@/foo",
    "juliet@example.com/",
    "a@b@example.com",
    "a b@example.com",
    "a&b@example.com",
    "a'b@example.com",
    "a:b@example.com",
    "a<b@example.com",
    "a>b@example.com",
    "\uff20@example.com",
    "a@.example.com",
    "a@example..com",
    "a@example.com..",
    "a@.",
    "a@-example.com",
    "a@example-.com",
    "a@exam_ple.com",
    "a@exa mple.com",
    "a@xn--a",
    "a@xn--",
    "a@ab--cd.example",
    "a@\U0001F40E.example",
    "a@xn--2p8h.example",
    "a@[::1",
    "a@[",
    "a@[]",
    "a@[::g]",
    "a@[127.0.0.1]",
    "a@[::1%eth0]",
    "a\u05d0@example.com",
    "\u05d0a@example.com",
    "a@example.com/\u0007",
    "a@example.com/\u007f",
    "a@example.com/\u0085",
    "a@example.com/\n",
    "a@example.com/\u2028",
    "a@example.com/\ufdd0",
    "a@example.com/\U0010fffe",
    "a@example.com/\ue000",
    "a@example.com/\u202e",
    "a\n@example.com",
    "a@example.com\n",
    "a\x80@example.com",
    "\xed\xa0\x80@example.com",
    "a@example.com/\xed\xa0\xbd\xed\xb0\x8e",
    "a@example.com/\xc0\xaf",
    "a@example.com/\xf4\x90\x80\x80",
    "a@example.com/\xf0\x9f\x90",
    "a@\xff.example",
};

void expect_parts(const Valid& expected) {
    SCOPED_TRACE(expected.text);
    const Jid parsed = jid(expected.text);
    EXPECT_EQ(parsed.local(), expected.local);
    EXPECT_EQ(parsed.domain(), expected.domain);
    EXPECT_EQ(parsed.resource(), expected.resource);
    EXPECT_EQ(parsed, Jid::parse(parsed.text()));
}

TEST(Jid, TakesTheExamplesOfRfc7622) {
    for (const Valid& example : rfc7622_valid) expect_parts(example);
}

TEST(Jid, BringsAddressesToTheirCanonicalForm) {
    for (const Valid& example : more_valid) expect_parts(example);
}

TEST(Jid, RefusesWhatIsNoAddress) {
    for (const std::string_view text : invalid) {
        const Result<Jid> parsed = Jid::parse(text);
        EXPECT_FALSE(parsed) << text;
        const stanza::Error error = parsed ? no_error : parsed.error();
        EXPECT_EQ(error.condition, Condition::jid_malformed) << text;
        EXPECT_EQ(error.type, ErrorType::modify) << text;
    }
}

TEST(Jid, RefusesNulInEveryPart) {
    using namespace std::string_view_literals;
    for (const std::string_view text : {"a\0b@c/d"sv, "a@b\0c/d"sv, "a@b/c\0d"sv, "a@b/\0"sv, "a@[::1\0]"sv, "\0"sv})
        EXPECT_FALSE(Jid::parse(text));
}

TEST(Jid, HoldsPartsOfUpTo1023Bytes) {
    const std::string longest(1023, 'x');
    EXPECT_EQ(jid(longest + "@example.com/" + longest).resource(), longest);
    EXPECT_FALSE(Jid::parse(longest + "x@example.com"));
    EXPECT_FALSE(Jid::parse("a@example.com/" + longest + "x"));
    EXPECT_FALSE(Jid::parse("a@example.com/" + std::string(1'000'000, 'x')));
}

TEST(Jid, MeasuresPartsAfterNormalization) {
    std::string decomposed, composed;
    for (int i = 0; i < 511; ++i) decomposed += "u\u0308", composed += "\u00fc";
    EXPECT_EQ(jid("a@b/" + decomposed).resource(), composed);
    EXPECT_FALSE(Jid::parse("a@b/" + decomposed + "u\u0308"));
}

TEST(Jid, BoundsTheMarksOnOneLetter) {
    std::string marks;
    for (int i = 0; i < 15; ++i) marks += "\u0315\u0327";
    EXPECT_TRUE(Jid::parse("a@b/x" + marks + "y" + marks));
    EXPECT_FALSE(Jid::parse("a@b/x" + marks + "\u0315"));
    EXPECT_FALSE(Jid::parse("a@b/x" + marks + "\u00ad" + marks)) << "stringprep drops what stands between";
}

TEST(Jid, HoldsLabelsOf63AndNamesOf253Bytes) {
    const std::string label(63, 'x');
    const std::string name = label + "." + label + "." + label + "." + std::string(61, 'y');
    EXPECT_EQ(jid(name).domain(), name);
    EXPECT_EQ(jid(name + ".").domain(), name);
    EXPECT_FALSE(Jid::parse(name + "y"));
    EXPECT_FALSE(Jid::parse(label + "x.example"));
    EXPECT_FALSE(Jid::parse("\u00fc" + label + ".example"));
}

TEST(Jid, CannotBeMadeOfPartsThatHideASeparator) {
    EXPECT_FALSE(Jid::from_parts("a@b", "c", "d"));
    EXPECT_FALSE(Jid::from_parts("a/b", "c", "d"));
    EXPECT_FALSE(Jid::from_parts("a", "b/c", "d"));
    EXPECT_FALSE(Jid::from_parts("a", "b@c", "d"));
    EXPECT_FALSE(Jid::from_parts("a", "", "d"));
    EXPECT_EQ(Jid::from_parts("A", "B", "C/d@e"), Jid::parse("a@b/C/d@e"));
    EXPECT_EQ(Jid::from_parts("", "b", ""), Jid::parse("b"));
}

TEST(Jid, KnowsItsBareAddress) {
    const Jid full = jid("romeo@example.org/orchard");
    EXPECT_FALSE(full.is_bare());
    EXPECT_EQ(full.bare_text(), "romeo@example.org");
    EXPECT_EQ(full.bare(), jid("romeo@example.org"));
    EXPECT_TRUE(full.bare().is_bare());
    EXPECT_TRUE(full.has_local());
    EXPECT_FALSE(jid("example.org/x").has_local());
    EXPECT_TRUE(full.same_bare(jid("romeo@example.org/garden")));
    EXPECT_FALSE(full.same_bare(jid("juliet@example.org/orchard")));
    EXPECT_EQ(jid("example.org/x").bare().text(), "example.org");
}

TEST(Jid, TakesAnotherResource) {
    EXPECT_EQ(jid("a@b/c").with_resource("d"), jid("a@b/d"));
    EXPECT_EQ(jid("b").with_resource("e\u0301"), jid("b/\u00e9"));
    EXPECT_FALSE(jid("a@b").with_resource(""));
    EXPECT_FALSE(jid("a@b").with_resource("\n"));
    EXPECT_FALSE(Jid{}.with_resource("c"));
}

TEST(Jid, IsEmptyUntilAssignedAndAfterAMove) {
    Jid one;
    EXPECT_TRUE(one.empty() && one.is_bare() && one.domain().empty() && one.resource().empty());
    one = jid("romeo@example.org/orchard");
    const Jid two = std::move(one);
    EXPECT_EQ(two.resource(), "orchard");
    EXPECT_TRUE(one.empty());  // NOLINT(bugprone-use-after-move): promised
    EXPECT_TRUE(one.local().empty() && one.domain().empty() && one.resource().empty());
    Jid three = two;
    Jid& same = three;
    three = std::move(same);
    EXPECT_EQ(three, two);
}

TEST(Jid, SortsResourcesNextToTheirAccount) {
    const std::set<Jid> sorted{jid("a@b/y"), jid("a@b-c"), jid("a@b"), jid("a@b.c/x"), jid("a@b/x")};
    std::vector<std::string> texts;
    for (const Jid& one : sorted) texts.push_back(one.text());
    EXPECT_EQ(texts, (std::vector<std::string>{"a@b", "a@b/x", "a@b/y", "a@b-c", "a@b.c/x"}));
}

TEST(Jid, HashesAreOfTheAddress) {
    EXPECT_EQ(jid("a@b/c").bare_hash(), jid("A@B/d").bare_hash());
    EXPECT_EQ(jid("a@b").bare_hash(), jid("a@b").hash());
    EXPECT_NE(jid("a@b/c").hash(), jid("a@b/d").hash());
    const std::unordered_set<Jid, BareHash, SameBare> accounts{jid("a@b/c"), jid("a@b/d"), jid("c@b")};
    EXPECT_EQ(accounts.size(), 2u);
    const std::unordered_set<Jid> sessions{jid("a@b/c"), jid("a@b/d"), jid("a@b/c")};
    EXPECT_EQ(sessions.size(), 2u);
}

TEST(Jid, HomeHashNeverChanges) {
    EXPECT_EQ(jid("romeo@example.org/orchard").home_hash(), jid("romeo@example.org").home_hash());
    EXPECT_EQ(jid("romeo@example.org").home_hash(), 7024847526694510637u);
    EXPECT_EQ(jid("b\u00fccher.example").home_hash(), 4970458683950050348u);
}

}  // namespace
}  // namespace aldis
