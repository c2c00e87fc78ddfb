#include "text/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aldis::text {
namespace {

using testing::ElementsAre;

std::vector<std::string> words(std::string_view text) { return words_of(text, 1'000); }

TEST(Words, AreSplitWhereNoLetterIs) {
    EXPECT_THAT(words("Hello, WORLD! it's 3.14_x"), ElementsAre("hello", "world", "it", "s", "3", "14", "x"));
    EXPECT_THAT(words("https://example.org/a?b=c"), ElementsAre("https", "example", "org", "a", "b", "c"));
    EXPECT_THAT(words(""), ElementsAre());
    EXPECT_THAT(words(" -\t\n\"*():@ "), ElementsAre());
}

TEST(Words, AreComparedWithoutCaseAndAccents) {
    EXPECT_EQ(words("Ärger CAFÉ Ёлка Ελλάδα"), words("arger cafe елка ελλαδα"));
    EXPECT_EQ(words("cafe\u0301"), words("café"));
    EXPECT_EQ(words("STRASSE"), words("straße"));
    EXPECT_EQ(words("\uff28\uff45\uff4c\uff4c\uff4f \ufb01n"), words("hello fin"));
    EXPECT_EQ(words("\u0662\u0660\u0662\u0664"), words("2024")) << "digits are digits";
    EXPECT_EQ(words("\u0643\u064e\u062a\u064e\u0628\u064e"), words("\u0643\u062a\u0628")) << "Arabic vowels";
    EXPECT_EQ(words("\u05e9\u05b8\u05dc\u05d5\u05b9\u05dd"), words("\u05e9\u05dc\u05d5\u05dd")) << "Hebrew points";
    EXPECT_EQ(words("soft\u00adhyphen"), words("softhyphen"));
}

TEST(Words, KeepTheMarksThatAreLetters) {
    EXPECT_THAT(words("हिन्दी में"), ElementsAre("हिन्दी", "में"));
    EXPECT_NE(words("कि"), words("की"));
}

TEST(Words, AreSingleCharactersWhereThereAreNoSpaces) {
    EXPECT_THAT(words("東京タワー"), ElementsAre("東", "京", "タ", "ワ", "ー"));
    EXPECT_THAT(words("iPhone買う"), ElementsAre("iphone", "買", "う"));
    EXPECT_THAT(words("\u304b\u3099"), ElementsAre("が"));
    EXPECT_THAT(words("กิน"), ElementsAre("ก", "ิ", "น"));
    EXPECT_THAT(words("서울에서"), ElementsAre("서", "울", "에", "서"));
    EXPECT_THAT(words("你好，世界"), ElementsAre("你", "好", "世", "界"));
    EXPECT_THAT(words("ok🎉🎉"), ElementsAre("ok", "🎉", "🎉"));
    EXPECT_TRUE(is_character("東"));
    EXPECT_TRUE(is_character("🎉"));
    EXPECT_FALSE(is_character("tokyo"));
    EXPECT_FALSE(is_character("é"));
    EXPECT_FALSE(is_character(""));
}

TEST(Words, HaveBounds) {
    EXPECT_EQ(words_of("a b c d", 2).size(), 2U);
    EXPECT_EQ(words(std::string(1'000, 'x')).front().size(), longest_word);
    std::string long_word;
    while (long_word.size() < 1'000) long_word += "é";
    EXPECT_EQ(words(long_word).front(), std::string(longest_word, 'e'));
    std::string marks = "a";
    while (marks.size() < 60'000) marks += "\u0301\u0323";
    EXPECT_THAT(words(marks), ElementsAre("a"));
    std::string vowels = "क";
    while (vowels.size() < 1'000) vowels += "ि";
    EXPECT_LE(words(vowels).front().size(), longest_word);
}

TEST(Words, TakeWhatIsNoTextForWhatIsBetween) {
    EXPECT_THAT(words("a\xff\xfe"
                      "b é"),
                ElementsAre("a", "b", "e"));
    EXPECT_THAT(words(std::string_view{"a\0b", 3}), ElementsAre("a", "b"));
}

/// An index that was made by other rules must be made anew: whoever changes what is expected here counts up
/// `code_version` in words.cpp.
TEST(Words, AreThoseOfTheirVersion) {
    EXPECT_EQ(words_version().substr(0, 2), "1/");
    EXPECT_THAT(words("Ölçü №5 ﷺ x² ½ Ⅷ ½kg don’t ℃ İstanbul ß ǅ"),
                ElementsAre("olcu", "no5", "صلى", "الله", "عليه", "وسلم", "x2", "1", "2", "viii", "1", "2kg", "don",
                            "t", "c", "istanbul", "ss", "dz"));
}

}  // namespace
}  // namespace aldis::text
