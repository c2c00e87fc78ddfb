#include "modules/picture_rules.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace aldis::modules::pictures {
namespace {

using namespace std::string_literals;

std::string png(const std::string& size = "\0\0\0\x40\0\0\0\x20"s) {
    return "\x89PNG\r\n\x1A\n\0\0\0\rIHDR"s + size + "\x08\x06\0\0\0"s;
}
// SOI, APP0, DQT, SOF0, SOS
std::string jpeg(const std::string& frame = "\xFF\xC0\0\x11\x08\0\x20\0\x40\x03"s) {
    return "\xFF\xD8\xFF\xE0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xFF\xFF\xDB\0\x04\0\1"s + frame + "\xFF\xDA\0\x0C"s;
}
std::string webp(const std::string& chunk) { return "RIFF\x40\0\0\0WEBP"s + chunk; }

struct Case {
    const char* name;
    std::string bytes;
    std::optional<Header> header;
};

const Header expected(Format format) { return {.format = format, .width = 64, .height = 32}; }

const Case cases[] = {
    {"Png", png(), expected(Format::png)},
    {"PngOfWidthZero", png("\0\0\0\0\0\0\0\x20"s), std::nullopt},
    {"PngThatEndsEarly", png().substr(0, 23), std::nullopt},
    {"PngWithAnotherFirstChunk", "\x89PNG\r\n\x1A\n\0\0\0\rIDAT\0\0\0\x40\0\0\0\x20"s, std::nullopt},
    {"Gif87", "GIF87a\x40\0\x20\0\0\0\0"s, expected(Format::gif)},
    {"Gif89", "GIF89a\x40\0\x20\0"s, expected(Format::gif)},
    {"GifThatEndsEarly", "GIF89a\x40\0\x20"s, std::nullopt},
    {"GifOfAnotherVersion", "GIF90a\x40\0\x20\0"s, std::nullopt},
    {"Jpeg", jpeg(), expected(Format::jpeg)},
    {"JpegProgressive", jpeg("\xFF\xC2\0\x11\x08\0\x20\0\x40\x03"s), expected(Format::jpeg)},
    {"JpegWithHuffmanTableFirst", jpeg("\xFF\xC4\0\x03\1\xFF\xC0\0\x11\x08\0\x20\0\x40\x03"s), expected(Format::jpeg)},
    {"JpegWithStrayMarkers", jpeg("\xFF\x01\xFF\xD0\xFF\xC0\0\x11\x08\0\x20\0\x40\x03"s), expected(Format::jpeg)},
    {"JpegWithoutAFrame", jpeg(""), std::nullopt},
    {"JpegWhoseHeightComesLater", jpeg("\xFF\xC0\0\x11\x08\0\0\0\x40\x03"s), std::nullopt},
    {"JpegWithASegmentOfNoLength", jpeg("\xFF\xE1\0\0"s), std::nullopt},
    {"JpegWithASegmentBeyondTheEnd", jpeg("\xFF\xE1\xFF\xFF"s), std::nullopt},
    {"JpegWithGarbageBetweenSegments", jpeg("x\xFF\xC0\0\x11\x08\0\x20\0\x40\x03"s), std::nullopt},
    {"JpegThatIsNothingElse", "\xFF\xD8\xFF"s, std::nullopt},
    {"JpegOfFillBytes", "\xFF\xD8" + std::string(100, '\xFF'), std::nullopt},
    {"WebpLossy", webp("VP8 \x20\0\0\0\x30\1\0\x9D\1\x2A\x40\0\x20\0"s), expected(Format::webp)},
    {"WebpLossyScaled", webp("VP8 \x20\0\0\0\x30\1\0\x9D\1\x2A\x40\x40\x20\xC0"s), expected(Format::webp)},
    {"WebpLossyWithoutStartCode", webp("VP8 \x20\0\0\0\x30\1\0\x9D\1\x2B\x40\0\x20\0"s), std::nullopt},
    {"WebpLossless", webp("VP8L\x20\0\0\0\x2F\x3F\xC0\x07\0"s), expected(Format::webp)},
    {"WebpLosslessOfAnotherSignature", webp("VP8L\x20\0\0\0\x2E\x3F\xC0\x07\0"s), std::nullopt},
    {"WebpExtended", webp("VP8X\x0A\0\0\0\x10\0\0\0\x3F\0\0\x1F\0\0"s), expected(Format::webp)},
    {"WebpExtendedThatEndsEarly", webp("VP8X\x0A\0\0\0\x10\0\0\0\x3F\0\0\x1F\0"s), std::nullopt},
    {"WebpOfAnUnknownKind", webp("ALPH\x0A\0\0\0\x10\0\0\0\x3F\0\0\x1F\0\0"s), std::nullopt},
    {"RiffThatIsNoWebp", "RIFF\x40\0\0\0WAVEfmt "s, std::nullopt},
    {"Svg", "<svg xmlns='http://www.w3.org/2000/svg' width='64' height='32'/>", std::nullopt},
    {"SvgBehindADeclaration", "<?xml version='1.0'?><svg width='64' height='32'/>", std::nullopt},
    {"Html", "<html><body>GIF89a</body></html>", std::nullopt},
    {"Bmp", "BM\x46\0\0\0"s, std::nullopt},
    {"Nothing", "", std::nullopt},
};

class PictureHeader : public testing::TestWithParam<Case> {};

TEST_P(PictureHeader, IsRead) { EXPECT_EQ(read_header(GetParam().bytes), GetParam().header); }

TEST_P(PictureHeader, IsNothingOrTheSameWhereItIsCutOff) {
    const std::string& bytes = GetParam().bytes;
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const std::optional<Header> header = read_header(std::string_view{bytes}.substr(0, length));
        EXPECT_TRUE(!header || header == GetParam().header) << length;
    }
}

INSTANTIATE_TEST_SUITE_P(All, PictureHeader, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<Case>& info) { return std::string{info.param.name}; });

constexpr Limits limits{.bytes = 1024, .side = 100};

TEST(PictureRules, TakesAPictureInLines) {
    std::string base64 = base64_encode(png());
    base64.insert(20, "\r\n\t ");
    const Result<Picture> picture = read_picture("\n" + base64 + "\n", limits);
    ASSERT_TRUE(picture);
    EXPECT_EQ(picture->bytes, png());
    EXPECT_EQ(picture->header, expected(Format::png));
    EXPECT_EQ(picture->hash.size(), 40u);
    EXPECT_EQ(hash_text(picture->hash), picture->hash);
}

TEST(PictureRules, RefusesWhatIsNoBase64) {
    for (const char* const text : {"====", "AAA", "AA=A", "GIF89a-_", "\xC3\xA4"})
        EXPECT_FALSE(read_picture(text, limits)) << text;
}

TEST(PictureRules, RefusesWhatIsTooLarge) {
    EXPECT_FALSE(read_picture(base64_encode(png("\0\0\0\x65\0\0\0\x20"s)), limits));
    EXPECT_FALSE(read_picture(base64_encode(png("\0\0\0\x20\0\0\0\x65"s)), limits));
    EXPECT_FALSE(read_picture(base64_encode(png("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s)), limits));
    EXPECT_TRUE(read_picture(base64_encode(png() + std::string(1024 - png().size(), 'x')), limits));
    EXPECT_FALSE(read_picture(base64_encode(png() + std::string(1025 - png().size(), 'x')), limits));
}

TEST(PictureRules, KnowsHashesInEitherCase) {
    EXPECT_EQ(hash_text(" 01B87FCD030B72895FF8E88DB57EC525450F000D "), "01b87fcd030b72895ff8e88db57ec525450f000d");
    EXPECT_FALSE(hash_text("01b87fcd030b72895ff8e88db57ec525450f000"));
    EXPECT_FALSE(hash_text("01b87fcd030b72895ff8e88db57ec525450f000g"));
    EXPECT_FALSE(hash_text("current"));
}

}  // namespace
}  // namespace aldis::modules::pictures
