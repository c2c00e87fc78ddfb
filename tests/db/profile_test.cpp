// What accounts tell of themselves and keep for themselves: vCards, private data, and what is to be copied.
#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

struct ProfileStores : testing::Test, ByHand {
    Profile profile(std::string_view owner = "romeo@x") {
        return read([&](Connection& connection) { return Vcards::find(connection, owner); });
    }
    ProfileFacts facts(std::string_view owner = "romeo@x") {
        return read([&](Connection& connection) { return Vcards::facts(connection, owner); });
    }
    std::string private_data(std::string_view ns, std::string_view name = "a") {
        return read([&](Connection& connection) { return PrivateData::find(connection, "romeo@x", ns, name); });
    }
    bool put(const std::vector<PrivateElement>& elements, PrivateData::Bounds bounds = {.elements = 3, .bytes = 100}) {
        return write([&](Connection& connection) { return PrivateData::put(connection, "romeo@x", elements, bounds); });
    }
    std::int64_t begun(std::string_view what) {
        return read([&](Connection& connection) { return Conversions::begun(connection, "romeo@x", what); });
    }
};
using VcardsStore = ProfileStores;
using PrivateDataStore = ProfileStores;
using ConversionsStore = ProfileStores;

const Avatar picture{.hash = "abc", .type = "image/png", .bytes = std::string{"\0\xFF", 2}};

TEST_F(VcardsStore, KnowsNothingAtFirst) {
    EXPECT_EQ(facts(), ProfileFacts{});
    EXPECT_EQ(profile().card, "");
    EXPECT_FALSE(profile().avatar);
}

TEST_F(VcardsStore, KeepsCardPictureAndVisibilityApart) {
    write([](Connection& connection) {
        Vcards::put_card(connection, "romeo@x", "<vCard/>");
        Vcards::put_avatar(connection, "romeo@x", picture);
        Vcards::set_visibility(connection, "romeo@x", Visibility::subscribers);
    });
    EXPECT_EQ(profile().card, "<vCard/>");
    EXPECT_EQ(profile().avatar, picture);
    EXPECT_EQ(facts(), (ProfileFacts{.visibility = Visibility::subscribers, .hash = "abc"}));
    write([](Connection& connection) { Vcards::put_card(connection, "romeo@x", ""); });
    EXPECT_EQ(profile().avatar, picture);
    write([](Connection& connection) { Vcards::put_avatar(connection, "romeo@x", std::nullopt); });
    EXPECT_FALSE(profile().avatar);
    EXPECT_EQ(facts().visibility, Visibility::subscribers);
}

TEST_F(VcardsStore, BeginsWithAPictureOrAVisibility) {
    write([](Connection& connection) {
        Vcards::put_avatar(connection, "romeo@x", picture);
        Vcards::set_visibility(connection, "juliet@x", Visibility::nobody);
    });
    EXPECT_EQ(profile().avatar, picture);
    EXPECT_EQ(facts("juliet@x").visibility, Visibility::nobody);
}

TEST_F(PrivateDataStore, ReplacesByNamespaceAndName) {
    EXPECT_TRUE(put({{"ns", "a", "<a/>"}, {"ns", "b", "<b/>"}}));
    EXPECT_TRUE(put({{"ns", "a", "<a>2</a>"}}));
    EXPECT_EQ(private_data("ns"), "<a>2</a>");
    EXPECT_EQ(private_data("ns", "b"), "<b/>");
    EXPECT_EQ(private_data("other"), "");
}

TEST_F(PrivateDataStore, IsBoundedInNumber) {
    EXPECT_TRUE(put({{"1", "a", "x"}, {"2", "a", "x"}, {"3", "a", "x"}}));
    EXPECT_FALSE(put({{"3", "a", "y"}, {"4", "a", "x"}}));
    EXPECT_EQ(private_data("3"), "x");
    EXPECT_TRUE(put({{"3", "a", ""}}));
    EXPECT_TRUE(put({{"4", "a", "x"}}));
}

TEST_F(PrivateDataStore, IsBoundedInBytes) {
    EXPECT_TRUE(put({{"1", "a", std::string(90, 'x')}}));
    EXPECT_FALSE(put({{"2", "a", std::string(20, 'x')}}));
    EXPECT_TRUE(put({{"1", "a", std::string(50, 'x')}, {"2", "a", std::string(20, 'x')}}));
    // The bound has become smaller: what makes it less is taken.
    EXPECT_TRUE(put({{"1", "a", std::string(40, 'x')}}, {.elements = 1, .bytes = 10}));
    EXPECT_FALSE(put({{"1", "a", std::string(41, 'x')}}, {.elements = 1, .bytes = 10}));
}

TEST_F(ConversionsStore, IsDoneUnlessItHasBegunAgain) {
    const auto begin = [&] {
        Unit unit;
        Conversions::begin(unit, "romeo@x", "bookmarks");
        commit(std::move(unit));
    };
    const auto done = [&](std::int64_t times) {
        Unit unit;
        Conversions::done(unit, "romeo@x", "bookmarks", times);
        commit(std::move(unit));
    };
    EXPECT_EQ(begun("bookmarks"), 0);
    begin();
    begin();
    EXPECT_EQ(begun("bookmarks"), 2);
    EXPECT_EQ(begun("profile"), 0);
    done(1);
    EXPECT_EQ(begun("bookmarks"), 2);
    done(2);
    EXPECT_EQ(begun("bookmarks"), 0);
}

TEST_F(ProfileStores, GoWithTheAccount) {
    write([&](Connection& connection) {
        Users::add(connection, "romeo@x", "secret", second(1));
        Vcards::put_card(connection, "romeo@x", "<vCard/>");
        PrivateData::put(connection, "romeo@x", {{"ns", "a", "<a/>"}}, {.elements = 9, .bytes = 999});
        Conversions::begin(connection, "romeo@x", "bookmarks");
        stores.remove_account(connection, "romeo@x");
    });
    EXPECT_EQ(profile().card, "");
    EXPECT_EQ(private_data("ns"), "");
    EXPECT_EQ(begun("bookmarks"), 0);
}

}  // namespace
}  // namespace aldis::db::tests
