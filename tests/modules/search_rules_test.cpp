#include "modules/search_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aldis::modules::search {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string message(std::string_view children, std::string_view attributes = "type='chat'") {
    return "<message " + std::string{attributes} + " from='romeo@example.org/a' to='juliet@example.org'>" +
           std::string{children} + "</message>";
}

TEST(SearchRules, FindAMessageByItsBodiesAndSubjects) {
    EXPECT_THAT(words_of(message("<subject>Greeting</subject><body>Hello, Juliet</body>"
                                 "<body xml:lang='de'>Grüß dich</body><thread>t1</thread>")),
                ElementsAre("greeting", "hello", "juliet", "gruss", "dich"));
    EXPECT_THAT(words_of(message("<body>a &lt;b&gt; &amp; c</body>")), ElementsAre("a", "b", "c"));
}

TEST(SearchRules, DoNotFindWhatTheMessageDoesNotSay) {
    for (const char* const children :
         {"<received xmlns='urn:xmpp:receipts' id='1'/>",
          "<body>I sent you an encrypted message</body><encryption xmlns='urn:xmpp:eme:0' namespace='x'/>",
          "<body>OMEMO</body><encrypted xmlns='eu.siacs.conversations.axolotl'/>",
          "<body>OMEMO</body><encrypted xmlns='urn:xmpp:omemo:2'/>",
          "<body>OpenPGP</body><openpgp xmlns='urn:xmpp:openpgp:0'/>",
          "<body>PGP</body><x xmlns='jabber:x:encrypted'/>",
          "<body>retracted</body><retract xmlns='urn:xmpp:message-retract:1' id='1'/>",
          "<body>reaction</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'/>",
          "<body>all</body><fallback xmlns='urn:xmpp:fallback:0' for='x'><body/></fallback>",
          "<retracted xmlns='urn:xmpp:message-retract:1' stamp='2019-09-20T23:00:00Z'/>"})
        EXPECT_THAT(words_of(message(children)), IsEmpty()) << children;
    EXPECT_THAT(words_of(message("<body>refused</body>", "type='error'")), IsEmpty());
    EXPECT_THAT(words_of("<presence><status>here</status></presence>"), IsEmpty());
    EXPECT_THAT(words_of("no xml"), IsEmpty());
    EXPECT_THAT(words_of(""), IsEmpty());
}

/// XEP-0428 counts code points; XEP-0461 has quotations so.
TEST(SearchRules, LeaveOutAQuotation) {
    const std::string quoted =
        "<body>&gt; Čau\nsame to you</body><fallback xmlns='urn:xmpp:fallback:0' "
        "for='urn:xmpp:reply:0'><body start='0' end='6'/></fallback>";
    EXPECT_THAT(words_of(message(quoted)), ElementsAre("same", "to", "you"));
    const std::string subject =
        "<subject>one</subject><body>two</body><fallback xmlns='urn:xmpp:fallback:0' for='x'>"
        "<subject/></fallback>";
    EXPECT_THAT(words_of(message(subject)), ElementsAre("two"));
    const std::string beyond =
        "<body>two</body><fallback xmlns='urn:xmpp:fallback:0' for='x'>"
        "<body start='4000000000' end='1'/></fallback>";
    EXPECT_THAT(words_of(message(beyond)), ElementsAre("two"));
}

TEST(SearchRules, HaveBounds) {
    std::string text;
    for (int word = 0; word < 3'000; ++word) text += "word ";
    EXPECT_EQ(words_of(message("<body>" + text + "</body>")).size(), most_words);
    EXPECT_THAT(words_of(message("<body>" + std::string(most_text, ' ') + "late</body>")), IsEmpty());
    const std::string cut = std::string(most_text - 1, 'x') + "é";
    EXPECT_EQ(words_of(message("<body>" + cut + "</body>")).size(), 1U);
    std::string parts;
    for (int part = 0; part < 3'000; ++part) parts += "<body start='0' end='1'/>";
    EXPECT_THAT(words_of(message("<body>xy</body><fallback xmlns='urn:xmpp:fallback:0'>" + parts + "</fallback>")),
                ElementsAre("y"));
}

struct Query {
    const char* text;
    std::vector<db::SearchTerm> terms;
};

TEST(SearchTerms, AreReadAsPeopleTypeThem) {
    const Query queries[] = {
        {"Hello", {{{"hello"}}}},
        {"  hello   WORLD ", {{{"hello"}}, {{"world"}}}},
        {"\"hello world\"", {{{"hello", "world"}}}},
        {"say \"hello world\" again", {{{"say"}}, {{"hello", "world"}}, {{"again"}}}},
        {"one\"two three\"four", {{{"one"}}, {{"two", "three"}}, {{"four"}}}},
        {"\u201chello world\u201d", {{{"hello", "world"}}}},
        {"light*", {{{"light"}, true}}},
        {"\"soft light\"*", {{{"soft", "light"}, true}}},
        {"it's", {{{"it", "s"}}}},
        {"example.org", {{{"example", "org"}}}},
        {"don't*", {{{"don", "t"}}}},
        {"東京", {{{"東", "京"}}}},
        {"東", {{{"東"}}}},
        {"東*", {{{"東"}}}},
        {"東京\u3000大阪", {{{"東", "京"}}, {{"大", "阪"}}}},
        {"AND OR NOT", {{{"and"}}, {{"or"}}, {{"not"}}}},
        {"body:x -y (z) +w^2", {{{"body", "x"}}, {{"y"}}, {{"z"}}, {{"w", "2"}}}},
        {"a \"\" b", {{{"a"}}, {{"b"}}}},
        {"a * b", {{{"a"}}, {{"b"}}}},
        {"Ünïcödé", {{{"unicode"}}}},
    };
    for (const Query& query : queries) {
        const Result<std::vector<db::SearchTerm>> terms = terms_of(query.text);
        if (std::string_view{query.text} == "don't*") {
            EXPECT_FALSE(terms) << "one letter before the star";
            continue;
        }
        ASSERT_TRUE(terms) << query.text;
        EXPECT_EQ(*terms, query.terms) << query.text;
    }
}

TEST(SearchTerms, AreRefusedWhereTheySayNothingOrTooMuch) {
    std::string many;
    for (int word = 0; word < 33; ++word) many += "w" + std::to_string(word) + " ";
    for (const std::string& text :
         {std::string{" "}, std::string{"*"}, std::string{"\"\""}, std::string{"-- ?!"}, std::string{"\"hello"},
          std::string{"hello \""}, std::string{"ab*"}, std::string{"\"long a\"*"}, many, "\"" + many + "\"",
          std::string(1'025, 'x'), std::string{"\xff\xfe"}}) {
        const Result<std::vector<db::SearchTerm>> terms = terms_of(text);
        ASSERT_FALSE(terms) << text;
        EXPECT_EQ(terms.error().condition, Condition::not_acceptable) << text;
    }
}

}  // namespace
}  // namespace aldis::modules::search
