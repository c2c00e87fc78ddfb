#include <gtest/gtest.h>

#include <random>

#include "jid/jid.h"
#include "jid/precis.h"

namespace aldis {
namespace {

/// The address as ICU alone makes it, without the short cut for ASCII.
Result<std::string> by_icu(std::string_view local, std::string_view domain, std::string_view resource) {
    Result<std::string> text = prepare_domain(domain);
    if (text && !local.empty()) {
        Result<std::string> prepared = prepare_local(local);
        if (!prepared) return prepared;
        text = *prepared + "@" + *text;
    }
    if (text && !resource.empty()) {
        const Result<std::string> prepared = prepare_resource(resource);
        if (!prepared) return prepared;
        *text += "/" + *prepared;
    }
    return text;
}

class Dice {
public:
    std::size_t below(std::size_t limit) { return engine_() % limit; }

    std::string ascii(std::string_view alphabet, std::size_t longest) {
        std::string text;
        for (std::size_t count = below(longest + 1); count > 0; --count) text += alphabet[below(alphabet.size())];
        return text;
    }

    std::string any_ascii(std::size_t longest) {
        std::string text;
        for (std::size_t count = below(longest + 1); count > 0; --count) text += static_cast<char>(below(128));
        return text;
    }

    template <class T, std::size_t size>
    std::string any_of(const T (&pieces)[size], std::size_t longest) {
        std::string text;
        for (std::size_t count = below(longest + 1); count > 0; --count) text += pieces[below(size)];
        return text;
    }

private:
    std::mt19937_64 engine_{20260101};
};

void expect_same(std::string_view local, std::string_view domain, std::string_view resource) {
    const Result<Jid> fast = Jid::from_parts(local, domain, resource);
    const Result<std::string> slow = by_icu(local, domain, resource);
    ASSERT_EQ(fast.has_value(), slow.has_value()) << local << "@" << domain << "/" << resource;
    if (fast) EXPECT_EQ(fast->text(), *slow);
}

TEST(JidProperty, ShortCutForAsciiAgreesWithIcu) {
    constexpr std::string_view domains = "abcdefXYZ019-..";
    Dice dice;
    for (int i = 0; i < 30'000; ++i) {
        expect_same(dice.any_ascii(3), "example.org", "");
        expect_same("", dice.ascii(domains, 9), "");
        expect_same("", dice.any_ascii(3), "");
        expect_same("", "example.org", dice.any_ascii(6));
        expect_same(dice.ascii("abXY._-\\", 8), dice.ascii(domains, 5), dice.ascii("ab XY", 5));
    }
}

TEST(JidProperty, EveryAsciiCharacterIsTreatedAlike) {
    for (int c = 0; c < 128; ++c) {
        const std::string one(1, static_cast<char>(c));
        expect_same(one, "a", "");
        expect_same("", one, "");
        expect_same("", "a" + one + "a", "");
        expect_same("", "a", one);
    }
}

constexpr std::string_view awkward[] = {
    "a",      "Z",      "5",          "-",          ".",
    "@",      "/",      " ",          "l",          "xn--",
    "\u00b7", "\u00df", "\u1e9e",     "\u03a3",     "\u03c3",
    "\u03c2", "\u0130", "\u0131",     "\u0345",     "\u0301",
    "\u0308", "\u0327", "\u0378",     "\u05d0",     "\u0627",
    "\u0660", "\u06f1", "\u05b0",     "\u200c",     "\u200d",
    "\u00ad", "\ufe0f", "\u2163",     "\ufb01",     "\u212a",
    "\u212b", "\u1100", "\u1161",     "\uac00",     "\uff21",
    "\uff76", "\uff9e", "\uff20",     "\uff0f",     "\u3002",
    "\u3000", "\u00a0", "\u30fb",     "\u30ab",     "\u0958",
    "\u094d", "\u0915", "\U0001F40E", "\U0001D400", "\u1e9b\u0323",
    "\u01c5", "\u03d2", "\u1f80",     "\u0390",     "\u2126",
    "\u0149", "\ufdfa",
};

TEST(JidProperty, WhatIsParsedParsesToItself) {
    Dice dice;
    int valid = 0;
    for (int i = 0; i < 60'000; ++i) {
        const std::string text =
            dice.any_of(awkward, 3) + "@" + dice.any_of(awkward, 2) + "/" + dice.any_of(awkward, 4);
        const Result<Jid> once = Jid::parse(text);
        if (!once) continue;
        ++valid;
        EXPECT_EQ(Jid::parse(once->text()), once) << text;
        EXPECT_EQ(Jid::from_parts(once->local(), once->domain(), once->resource()), once) << text;
    }
    EXPECT_GT(valid, 1000);
}

TEST(JidProperty, EveryCodePointIsStableInEveryPart) {
    for (char32_t c = 0x80; c < 0x20000; ++c) {
        if (c >= 0xd800 && c < 0xe000) continue;
        std::string text;
        if (c >= 0x10000) {
            text = {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3f)),
                    static_cast<char>(0x80 | (c >> 6 & 0x3f)), static_cast<char>(0x80 | (c & 0x3f))};
        } else if (c >= 0x800) {
            text = {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3f)),
                    static_cast<char>(0x80 | (c & 0x3f))};
        } else {
            text = {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 0x3f))};
        }
        for (const auto prepare : {&prepare_local, &prepare_domain, &prepare_resource, &prepare_nickname}) {
            const Result<std::string> once = prepare(text);
            if (once) EXPECT_EQ(prepare(*once), once) << static_cast<std::uint32_t>(c);
        }
    }
}

}  // namespace
}  // namespace aldis
