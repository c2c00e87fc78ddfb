#include <gtest/gtest.h>

#include "xep/xep0082_date_time.h"

namespace aldis::xep {
namespace {

using namespace std::chrono;

Timestamp at(sys_days day, microseconds time) { return day + time; }

TEST(Xep0082, ReadsTheFirstStepsOnTheMoonFromTwoZones) {
    const Timestamp steps = at(sys_days{1969y / July / 21}, 2h + 56min + 15s);
    EXPECT_EQ(parse_date_time("1969-07-21T02:56:15Z"), steps);
    EXPECT_EQ(parse_date_time("1969-07-20T21:56:15-05:00"), steps);
    EXPECT_EQ(parse_date_time("1969-07-21T08:26:15+05:30"), steps);
    EXPECT_EQ(format_date_time(steps), "1969-07-21T02:56:15Z");
}

TEST(Xep0082, ReadsFractionsOfAnyLength) {
    const Timestamp second = at(sys_days{2024y / February / 29}, 23h + 59min + 59s);
    EXPECT_EQ(parse_date_time("2024-02-29T23:59:59.5Z"), second + 500ms);
    EXPECT_EQ(parse_date_time("2024-02-29T23:59:59.000001Z"), second + 1us);
    EXPECT_EQ(parse_date_time("2024-02-29T23:59:59.9999999999999999999999Z"), second + 999'999us);
    EXPECT_EQ(parse_date_time("2024-02-29T23:59:59.120+00:00"), second + 120ms);
}

TEST(Xep0082, WritesAsManyDigitsAsAreNeeded) {
    const Timestamp day = sys_days{2010y / July / 10};
    EXPECT_EQ(format_date_time(day), "2010-07-10T00:00:00Z");
    EXPECT_EQ(format_date_time(day + 7ms), "2010-07-10T00:00:00.007Z");
    EXPECT_EQ(format_date_time(day + 7us), "2010-07-10T00:00:00.000007Z");
    EXPECT_EQ(format_date_time(day - 1us), "2010-07-09T23:59:59.999999Z");
    EXPECT_EQ(format_date_time(Timestamp{-1ms}), "1969-12-31T23:59:59.999Z");
}

TEST(Xep0082, ReadsWhatItWrites) {
    for (std::int64_t i = -62'135'596'800'000'000; i < 253'402'300'799'000'000; i += 7'919'123'456'789'01) {
        const Timestamp time{microseconds{i}};
        ASSERT_EQ(parse_date_time(format_date_time(time)), time) << i;
    }
}

TEST(Xep0082, RefusesWhatIsNoMoment) {
    for (const char* text : {"",
                             "now",
                             "2010-07-10",
                             "00:00:00Z",
                             "2010-07-10T00:00:00",
                             "2010-07-10 00:00:00Z",
                             "2010-07-10t00:00:00z",
                             "20100710T00:00:00Z",
                             "20100710T00:00:00",
                             "2010-7-10T00:00:00Z",
                             "2010-13-10T00:00:00Z",
                             "2010-00-10T00:00:00Z",
                             "2010-02-29T00:00:00Z",
                             "2010-07-32T00:00:00Z",
                             "2010-07-00T00:00:00Z",
                             "2010-07-10T24:00:00Z",
                             "2010-07-10T00:60:00Z",
                             "2010-07-10T00:00:60Z",
                             "2010-07-10T00:00:00.Z",
                             "2010-07-10T00:00:00,5Z",
                             "2010-07-10T00:00:00+0100",
                             "2010-07-10T00:00:00+15:00",
                             "2010-07-10T00:00:00+01:60",
                             "2010-07-10T00:00:00+1:00",
                             "2010-07-10T00:00:00ZZ",
                             "2010-07-10T00:00:00Z+01:00",
                             "-2010-07-10T00:00:00Z",
                             "12010-07-10T00:00:00Z",
                             "0000-01-01T00:00:00Z",
                             "0001-01-01T00:00:00+01:00",
                             "9999-12-31T23:59:59-01:00",
                             "+010-07-10T00:00:00Z",
                             "2010-07-10T-1:00:00Z",
                             "2010-07-10T00:00:00.-5Z"})
        EXPECT_EQ(parse_date_time(text), std::nullopt) << text;
}

TEST(Xep0082, IgnoresWhiteSpaceAroundAValue) {
    EXPECT_EQ(xml::Codec<Timestamp>::parse("\n 1970-01-01T00:00:01Z "), Timestamp{1s});
    EXPECT_EQ(parse_date_time(" 1970-01-01T00:00:01Z"), std::nullopt);
}

}  // namespace
}  // namespace aldis::xep
