#include "xep/pattern.h"

#include <gtest/gtest.h>

namespace aldis::xep {
namespace {

bool fits(std::string_view pattern, std::string_view text) {
    const std::optional<Pattern> parsed = Pattern::parse(pattern);
    return parsed && parsed->matches(text);
}

struct Case {
    std::string_view pattern;
    std::string_view text;
    bool matches;
};

class PatternMatches : public testing::TestWithParam<Case> {};

TEST_P(PatternMatches, AsPosixSays) {
    const Case& given = GetParam();
    ASSERT_TRUE(Pattern::parse(given.pattern)) << given.pattern;
    EXPECT_EQ(fits(given.pattern, given.text), given.matches) << given.pattern << " " << given.text;
}

INSTANTIATE_TEST_SUITE_P(
    Table, PatternMatches,
    testing::Values(
        // XEP-0122 "regex Validation"
        Case{"([0-9]{3})-([0-9]{2})-([0-9]{4})", "123-12-1234", true},
        Case{"([0-9]{3})-([0-9]{2})-([0-9]{4})", "123-12-12345", false},
        Case{"([0-9]{3})-([0-9]{2})-([0-9]{4})", "123 12 1234", false}, Case{"", "", true}, Case{"", "a", false},
        Case{"a", "", false}, Case{"abc", "abc", true}, Case{"abc", "abcd", false}, Case{"a|bc|", "bc", true},
        Case{"a|bc|", "", true}, Case{"a|bc|", "b", false}, Case{"a*", "", true}, Case{"a*", "aaaa", true},
        Case{"a+", "", false}, Case{"a+b?", "aab", true}, Case{"(ab){2,3}", "ab", false},
        Case{"(ab){2,3}", "ababab", true}, Case{"(ab){2,3}", "abababab", false}, Case{"a{2,}", "aaaaa", true},
        Case{"a{2,}", "a", false}, Case{"a{0}", "", true}, Case{".", "\xC3\xA9", true}, Case{"..", "\xC3\xA9", false},
        Case{"[\xC3\xA0-\xC3\xBF]+", "\xC3\xA9\xC3\xA8", true}, Case{"[^a-c]", "d", true}, Case{"[^a-c]", "b", false},
        Case{"[]x]", "]", true}, Case{"[^]x]", "]", false}, Case{"[a-]", "-", true}, Case{"[[:digit:]x]+", "4x2", true},
        Case{"[[:digit:]x]+", "y", false}, Case{"[[:alnum:]]+", "aZ09", true}, Case{"\\.", ".", true},
        Case{"\\.", "x", false}, Case{"^ab$", "ab", true}, Case{"a^b", "ab", false}, Case{"(^a|b)*", "ab", true},
        Case{"()*", "", true}, Case{"(a*)*", "aaa", true}, Case{"(|a)+", "aa", true}));

TEST(Pattern, RefusesWhatIsMalformed) {
    for (const std::string_view text : {"(", ")", "a)", "[", "[a", "[b-a]", "*", "+a", "a{", "a{2", "a{3,2}", "a{x}",
                                        "a{256}", "(a", "\\", "\\1", "[[:nothing:]]"})
        EXPECT_FALSE(Pattern::parse(text)) << text;
}

TEST(Pattern, RefusesWhatIsTooLarge) {
    EXPECT_FALSE(Pattern::parse("((a{255}){255}){255}"));
    EXPECT_FALSE(Pattern::parse("(((((((){255}){255}){255}){255}){255}){255}){255}"));
    EXPECT_FALSE(Pattern::parse(std::string(400, '(') + std::string(400, ')')));
    EXPECT_TRUE(Pattern::parse(std::string(1'000, 'a')));
    EXPECT_FALSE(Pattern::parse(std::string(1'001, 'a')));
}

/// What takes others longer than the universe is old.
TEST(Pattern, DoesNotBacktrack) {
    const std::string text = std::string(20'000, 'a') + "!";
    EXPECT_FALSE(fits("(a+)+", text));
    EXPECT_FALSE(fits("(a|aa)*b", text));
    EXPECT_FALSE(fits("(a*)*c", text));
    EXPECT_FALSE(fits("(a?){50}a{50}", std::string(49, 'a')));
}

}  // namespace
}  // namespace aldis::xep
