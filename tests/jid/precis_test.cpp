#include "jid/precis.h"

#include <gtest/gtest.h>

#include "jid/siphash.h"

namespace aldis {
namespace {

using Prepare = Result<std::string> (*)(std::string_view);

struct Case {
    std::string_view given;
    std::string_view expected;  // empty: refused
};

template <std::size_t size>
void expect_all(Prepare prepare, const Case (&cases)[size]) {
    for (const auto& [given, expected] : cases) EXPECT_EQ(prepare(given).value_or(""), expected) << given;
}

TEST(PrecisLocal, FollowsUsernameCaseMapped) {
    expect_all(&prepare_local,
               {
                   {"Juliet", "juliet"},
                   {"\u00c9va", "\u00e9va"},
                   {"E\u0301va", "\u00e9va"},
                   {"\u0130", "i\u0307"},
                   {"\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c3"},  // no final sigma: as in stringprep
                   {"\uff21\uff10", "a0"},
                   {"\uff76\uff9e", "\u30ac"},
                   {"\u2126", "\u03c9"},
                   {"l\u00b7l", "l\u00b7l"},
                   {"a\u00b7l", ""},
                   {"\u30ab\u30fb", "\u30ab\u30fb"},
                   {"a\u30fb", ""},
                   {"\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"},
                   {"\u0628\u200c\u0628", "\u0628\u200c\u0628"},
                   {"\u0660\u0661", ""},  // a digit may not start right-to-left text
                   {"\u0627\u0660", "\u0627\u0660"},
                   {"\u0627\u0660\u06f0", ""},
                   {"\u0627\u06601", ""},
                   {"\u05d0\u05b0", "\u05d0\u05b0"},
                   {"\u05d0-", ""},
                   {"\u0378", ""},
                   {"\U0001F40E", ""},
                   {"\u1100", ""},
                   {"\u00a0", ""},
               });
}

TEST(PrecisLocal, TakesTheNodeprepFormOfWhatPrecisRefuses) {
    expect_all(&prepare_local, {
                                   {"henry\u2163", "henryiv"},
                                   {"\ufb01sh", "fish"},
                                   {"soft\u00adhyphen", "softhyphen"},
                                   {"a\u200db", "ab"},
                                   {"\u212aelvin", "kelvin"},
                                   {"\u210c", "h"},
                                   {"\u2100", ""},    // becomes a/c, which no localpart may contain
                                   {"a\u202eb", ""},  // what stringprep forbids stays forbidden
                                   {"\ufdfa", ""},    // has spaces in it
                               });
}

TEST(PrecisLocal, HasANodeprepFormForAccountsOfOldClients) {
    expect_all(&nodeprep, {
                              {"fu\u00dfball", "fussball"},
                              {"\u03bf\u03b4\u03cc\u03c2", "\u03bf\u03b4\u03cc\u03c3"},
                              {"Romeo", "romeo"},
                              {"a@b", ""},
                              {"", ""},
                          });
}

TEST(PrecisResource, FollowsOpaqueString) {
    expect_all(&prepare_resource, {
                                      {"Balcony", "Balcony"},
                                      {"  two  ", "  two  "},
                                      {"a\u3000b\u00a0c", "a b c"},
                                      {"e\u0301", "\u00e9"},
                                      {"\ufb01\u2163\uff21", "\ufb01\u2163\uff21"},
                                      {"\u265a", "\u265a"},
                                      {"\u05d0a", "\u05d0a"},
                                      {"", ""},
                                      {"\n", ""},
                                      {"\u200b", ""},
                                  });
}

TEST(PrecisResource, TakesTheResourceprepFormOfWhatPrecisRefuses) {
    expect_all(&prepare_resource, {
                                      {"\u2764\ufe0f", "\u2764"},
                                      {"\U0001F469\u200d\U0001F680", "\U0001F469\U0001F680"},
                                      {"a\u00adb", "ab"},
                                      {"\ufeff", ""},
                                      {"a\u202eb", ""},
                                      {"a\u2066b\u2069", ""},
                                  });
}

// RFC 8265 section 4.3.
TEST(PrecisPassword, FollowsTheExamplesOfRfc8265) {
    expect_all(&prepare_password, {
                                      {"correct horse battery staple", "correct horse battery staple"},
                                      {"Correct Horse Battery Staple", "Correct Horse Battery Staple"},
                                      {"\u03c0\u00df\u00e5", "\u03c0\u00df\u00e5"},
                                      {"Jack of \u2666s", "Jack of \u2666s"},
                                      {"foo\u1680bar", "foo bar"},
                                      {"", ""},
                                      {"my cat is a \u0009by", ""},
                                      {"soft\u00adhyphen", ""},  // no way back to stringprep here
                                  });
    EXPECT_EQ(prepare_password("\n").error().condition, Condition::not_acceptable);
}

// RFC 8266 section 3.
TEST(PrecisNickname, FollowsTheExamplesOfRfc8266) {
    expect_all(&prepare_nickname, {
                                      {"Foo", "Foo"},
                                      {"  Foo   Bar  ", "Foo Bar"},
                                      {"Foo \u3000 Bar", "Foo Bar"},
                                      {"\u265a", "\u265a"},
                                      {"Richard \u2163", "Richard IV"},
                                      {"   ", ""},
                                      {"\u00a8a", "\u0308a"},  // NFKC makes a space, which the second round strips
                                  });
    expect_all(&nickname_for_comparison, {
                                             {"Foo", "foo"},
                                             {"foo ", "foo"},
                                             {"\u03a3", "\u03c3"},
                                             {"\u03c3", "\u03c3"},
                                             {"\u03c2", "\u03c2"},
                                             {"Richard \u2163", "richard iv"},
                                             {"\u265a", "\u265a"},
                                         });
}

TEST(PrecisDomain, BringsALabelsAndULabelsTogether) {
    expect_all(&prepare_domain, {
                                    {"Example.COM.", "example.com"},
                                    {"b\u00fccher.example", "b\u00fccher.example"},
                                    {"XN--BCHER-KVA.example", "b\u00fccher.example"},
                                    {"bu\u0308cher\u3002example\u3002", "b\u00fccher.example"},
                                    {"xn--fa-hia.de", "fa\u00df.de"},
                                    {"\uff11.2.3.4", "1.2.3.4"},
                                    {"\u05d0.example", "\u05d0.example"},
                                    {"a\u05d0.example", ""},
                                    {"xn--abc.example", ""},
                                    {"\u0301a.example", ""},
                                    {"\u265a.example", ""},
                                    {"", ""},
                                    {".", ""},
                                    {"[::FFFF:192.0.2.1]", "[::ffff:192.0.2.1]"},
                                });
}

// What CPython 3.11 answers to hash(b"...") with PYTHONHASHSEED=0: it uses the same function with a key of zeros.
TEST(SipHash, AgreesWithAnotherImplementation) {
    EXPECT_EQ(siphash({}, "a"), 4644417185603328019u);
    EXPECT_EQ(siphash({}, "12345678"), 3785724242978802311u);
    EXPECT_EQ(siphash({}, "romeo@example.org"), 16565815543664542432u);
    EXPECT_EQ(siphash({}, std::string(40, 'x')), 2303902467218227611u);
    EXPECT_NE(siphash({1, 2}, "a"), siphash({1, 3}, "a"));
}

}  // namespace
}  // namespace aldis
