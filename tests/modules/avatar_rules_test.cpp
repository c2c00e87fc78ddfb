#include "modules/avatar_rules.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "read.h"

namespace aldis::modules::avatars {
namespace {

using namespace std::string_literals;

constexpr std::string_view hash = "01b87fcd030b72895ff8e88db57ec525450f000d";
constexpr pictures::Limits limits{.bytes = 1024, .side = 100};

Presence presence_of(const std::string& inner) {
    xml::Document document = xml::parse_document("<presence>" + inner + "</presence>", xml::client_ns);
    return std::get<Presence>(std::move(*stanza::read(document)));
}

std::string update(const std::string& inner) { return "<x xmlns='vcard-temp:x:update'>" + inner + "</x>"; }

std::string announced(const std::string& inner, std::string_view of) {
    Presence presence = presence_of(inner);
    announce(presence, of);
    return *presence.wire();
}

struct Case {
    const char* name;
    std::string said;
    std::string told_with_picture;
    std::string told_without;
};

const std::string with_hash = update("<photo>" + std::string{hash} + "</photo>");
const std::string no_picture = update("<photo/>");
const std::string another = update("<photo>0000000000000000000000000000000000000000</photo>");

// XEP-0398 "Presence Broadcast"
const Case cases[] = {
    {"SaysNothing", "", with_hash, ""},
    {"IsNotReady", "<x xmlns='vcard-temp:x:update'/>", with_hash, no_picture},
    {"HasNoPicture", no_picture, no_picture, no_picture},
    {"SaysTheSame", with_hash, with_hash, with_hash},
    {"SaysAnother", another, with_hash, another},
    {"SaysItTwice", no_picture + another, no_picture + another, no_picture + another},
    {"IsNotReadyTwice", update("") + update(""), with_hash, no_picture},
};

class Announced : public testing::TestWithParam<Case> {};

TEST_P(Announced, Presence) {
    const std::string picture = announced(GetParam().said, hash);
    EXPECT_EQ(picture, *presence_of(GetParam().told_with_picture).wire());
    EXPECT_EQ(announced(GetParam().said, ""), *presence_of(GetParam().told_without).wire());
}

INSTANTIATE_TEST_SUITE_P(All, Announced, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<Case>& info) { return std::string{info.param.name}; });

TEST(AvatarRules, TellsOfAnotherPicture) {
    Presence presence = presence_of("<show>away</show>" + another);
    forget_announced(presence);
    EXPECT_EQ(said(presence), Said::not_yet);
    announce(presence, hash);
    EXPECT_EQ(*presence.wire(), *presence_of("<show>away</show>" + with_hash).wire());
}

std::string data(const std::string& bytes) {
    return "<data xmlns='urn:xmpp:avatar:data'>" + base64_encode(bytes) + "</data>";
}

Result<pictures::Picture> checked(const std::string& id, const std::string& payload) {
    const xml::Document document = xml::parse_document(payload);
    return check_data(id, document.root(), limits);
}

const std::string gif = "GIF89a\x40\0\x20\0"s;

TEST(AvatarRules, WantsDataToBeCalledByItsHash) {
    const std::string right = pictures::read_picture(base64_encode(gif), limits)->hash;
    EXPECT_EQ(checked(right, data(gif)).value().bytes, gif);
    EXPECT_EQ(checked(std::string{hash}, data(gif)).error().condition, Condition::not_acceptable);
    EXPECT_EQ(checked("current", data(gif)).error().condition, Condition::not_acceptable);
    EXPECT_EQ(checked(right, "<data xmlns='other'/>").error().condition, Condition::bad_request);
    EXPECT_EQ(checked(right, data("<svg/>")).error().condition, Condition::not_acceptable);
}

Result<std::optional<xep::avatars::Info>> metadata(const std::string& inner, const Known* known = nullptr) {
    const xml::Document document =
        xml::parse_document("<metadata xmlns='urn:xmpp:avatar:metadata'>" + inner + "</metadata>");
    return check_metadata(document.root(), known);
}

// XEP-0084 "Metadata With Multiple Content-Types"
TEST(AvatarRules, FindsTheFormatThatIsHere) {
    const auto found = metadata(
        "<info bytes='12345' height='64' id='e279f80c38f99c1e7e53e262b440993b2f7eea57' type='image/png' "
        "url='http://avatars.example.org/happy.png' width='64'/>"
        "<info bytes='12345' height='64' id='111F4B3C50D7B0DF729D299BC6F8E9EF9066971F' type='image/png' width='64'/>"
        "<pointer><x xmlns='http://example.com/virtualworlds'/></pointer>");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->id, "111f4b3c50d7b0df729d299bc6f8e9ef9066971f");
}

TEST(AvatarRules, TakesWhatProfanityCallsAPng) {
    EXPECT_TRUE(metadata("<info bytes='1' id='357a8123a30844a3aa99861b6349264ba67a5694' type='img/png'/>").value());
}

TEST(AvatarRules, TakesMetadataOfNoPicture) {
    EXPECT_FALSE(metadata("").value());
    EXPECT_FALSE(metadata("<stop/>").value());
    EXPECT_FALSE(metadata("<info bytes='1' id='357a8123a30844a3aa99861b6349264ba67a5694' type='image/gif' "
                          "url='http://avatars.example.org/happy.gif'/>")
                     .value());
}

TEST(AvatarRules, RefusesMetadataThatCannotBe) {
    for (const char* const inner : {
             "<info bytes='1' id='current' type='image/png'/>",
             "<info bytes='1' id='357a8123a30844a3aa99861b6349264ba67a5694' type='text/html'/>",
             "<info bytes='1' id='357a8123a30844a3aa99861b6349264ba67a5694'/>",
             "<info id='357a8123a30844a3aa99861b6349264ba67a5694' type='image/png'/>",
             "<info bytes='1' type='image/png'/>",
             "<info bytes='-1' id='357a8123a30844a3aa99861b6349264ba67a5694' type='image/png'/>",
             "<info bytes='1' height='high' id='357a8123a30844a3aa99861b6349264ba67a5694' type='image/png'/>",
         })
        EXPECT_FALSE(metadata(inner)) << inner;
}

struct Size {
    const char* attributes;
    bool taken;
};

TEST(AvatarRules, WantsMetadataToFitTheData) {
    const Known known{.hash = std::string{hash}, .bytes = 10, .header = {.width = 64, .height = 32}};
    constexpr Size sizes[] = {
        {"bytes='10' width='64' height='32'", true},
        {"bytes='10' width='32' height='64'", true},
        {"bytes='10'", true},
        {"bytes='10' width='0' height='0'", true},
        {"bytes='11' width='64' height='32'", false},
        {"bytes='10' width='64' height='33'", false},
        {"bytes='10' width='640'", false},
    };
    for (const Size& size : sizes)
        EXPECT_EQ(metadata("<info id='" + std::string{hash} + "' type='image/png' " + size.attributes + "/>", &known)
                      .has_value(),
                  size.taken)
            << size.attributes;
    EXPECT_TRUE(metadata("<info id='357a8123a30844a3aa99861b6349264ba67a5694' type='image/png' bytes='11'/>", &known));
}

}  // namespace
}  // namespace aldis::modules::avatars
