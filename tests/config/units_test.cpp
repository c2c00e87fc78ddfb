#include "config/units.h"

#include <gtest/gtest.h>

#include "config/suggest.h"

namespace aldis::config {
namespace {

TEST(Units, ReadAndWriteDurations) {
    EXPECT_EQ(parse_duration("10 s"), 10'000'000'000);
    EXPECT_EQ(parse_duration("10s"), 10'000'000'000);
    EXPECT_EQ(parse_duration("0"), 0);
    EXPECT_EQ(parse_duration("2 weeks"), parse_duration("14 d"));
    for (const char* const bad : {"", "10", "s", "-1 s", "1.5 h", "10 parsecs", "10 s 5", "99999999999 d"})
        EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
    for (const char* const text : {"0 s", "10 s", "90 s", "5 min", "36 h", "30 d", "500 ms", "1 ns"})
        EXPECT_EQ(duration_text(parse_duration(text).value()), text);
}

TEST(Units, ReadAndWriteSizes) {
    EXPECT_EQ(parse_bytes("256 KiB"), 262144);
    EXPECT_EQ(parse_bytes("10 MB"), 10'000'000);
    EXPECT_EQ(parse_bytes("4096"), 4096);
    for (const char* const bad : {"", "KiB", "-1", "1 kbit", "9999999999 TiB"})
        EXPECT_EQ(parse_bytes(bad), std::nullopt) << bad;
    for (const char* const text : {"0 B", "1000 B", "256 KiB", "3 MiB", "1 TiB"})
        EXPECT_EQ(bytes_text(static_cast<std::uint64_t>(parse_bytes(text).value())), text);
}

TEST(Suggestion, IsTheNearestNameIfAnyIsNear) {
    constexpr std::array<std::string_view, 3> names = {"depth", "attributes", "stanza_bytes"};
    EXPECT_EQ(nearest("dept", names), "depth");
    EXPECT_EQ(nearest("attribtues", names), "attributes");
    EXPECT_EQ(nearest("stanza", names), "stanza_bytes");
    EXPECT_EQ(nearest("colour", names), std::nullopt);
    EXPECT_EQ(nearest("", names), std::nullopt);
}

}  // namespace
}  // namespace aldis::config
