#include "modules/private_storage_rules.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::private_storage {
namespace {

xml::Document query(const std::string& inner) {
    return xml::parse_document("<query xmlns='jabber:iq:private'>" + inner + "</query>", xml::client_ns);
}

struct Case {
    const char* inner;
    bool set;
    bool get;
};

// XEP-0049 "Elements"
TEST(PrivateStorageRules, WantsANamespaceOfItsOwn) {
    constexpr Case cases[] = {
        {"<exodus xmlns='exodus:prefs'/>", true, true},
        {"<a xmlns='n'/><b xmlns='n'/>", true, true},
        {"<a xmlns='n'/><a xmlns='m'/>", true, false},
        {"", false, false},
        {"just text", false, false},
        {"<exodus/>", false, false},
        {"<exodus xmlns='jabber:client'/>", false, false},
        {"<a xmlns='n'/><exodus/>", false, false},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(check_set(query(one.inner).root()).has_value(), one.set) << one.inner;
        EXPECT_EQ(check_get(query(one.inner).root()).has_value(), one.get) << one.inner;
    }
    std::string many;
    for (std::size_t i = 0; i < most_elements; ++i) many += "<a xmlns='n'/>";
    EXPECT_TRUE(check_set(query(many).root()));
    EXPECT_FALSE(check_set(query(many + "<a xmlns='n'/>").root()));
}

TEST(PrivateStorageRules, PutsElementsOfOneNameTogether) {
    std::vector<db::PrivateElement> elements;
    const xml::Document document = query("<a xmlns='n'>1</a><b xmlns='n'/><a xmlns='n' x='2'/><a xmlns='m'> </a>");
    for (const xml::Element& child : document.root().children()) add(elements, child);
    const std::vector<db::PrivateElement> expected{
        {"n", "a", "<a xmlns='n'>1</a><a xmlns='n' x='2'/>"}, {"n", "b", ""}, {"m", "a", "<a xmlns='m'> </a>"}};
    EXPECT_EQ(elements, expected);
}

}  // namespace
}  // namespace aldis::modules::private_storage
