#include "base/base64.h"

#include <gtest/gtest.h>

namespace aldis {
namespace {

TEST(Base64, EncodesTheVectorsOfRfc4648Section10) {
    EXPECT_EQ(base64_encode(""), "");
    EXPECT_EQ(base64_encode("f"), "Zg==");
    EXPECT_EQ(base64_encode("fo"), "Zm8=");
    EXPECT_EQ(base64_encode("foo"), "Zm9v");
    EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
    EXPECT_EQ(base64_encode("fooba"), "Zm9vYmE=");
    EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
}

TEST(Base64, DecodesWhatItEncodes) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
        bytes += static_cast<char>(i * 7);
    }
}

TEST(Base64, DecodesStrictly) {
    for (const char* const bad : {"Zg", "Zg=", "Zg===", "Z", "=", "====", "Zh==", "Zm9=", "Zm8=Zm8=", "Zm 8=", "Zm8=\n",
                                  "Zm-_", "Zm8\x80", "\xc3\xa4==", "Z=g="})
        EXPECT_EQ(base64_decode(bad), std::nullopt) << bad;
    EXPECT_EQ(base64_decode(std::string_view{"Zg==\0", 5}), std::nullopt);
    EXPECT_EQ(base64_decode(""), "");
}

TEST(Base64, HasAFormForUrls) {
    EXPECT_EQ(base64url_encode("\xfb\xff\xfe"), "-__-");
    EXPECT_EQ(base64url_encode("f"), "Zg");
}

}  // namespace
}  // namespace aldis
