#include "base/metrics.h"

#include <gmock/gmock.h>

#include <thread>

namespace aldis::metrics {
namespace {

using testing::HasSubstr;

TEST(Metrics, AreAddedUpOverShards) {
    Registry registry;
    Counter& one = registry.counter("aldis_stanzas_total", "Stanzas.", {{"kind", "message"}});
    Counter& two = registry.counter("aldis_stanzas_total", "Stanzas.", {{"kind", "message"}});
    registry.counter("aldis_stanzas_total", "Stanzas.", {{"kind", "iq"}}).add(7);
    Gauge& sessions = registry.gauge("aldis_sessions", "Sessions.");
    one.add();
    two.add(2);
    sessions.add(5);
    sessions.add(-3);
    EXPECT_EQ(registry.text(),
              "# HELP aldis_sessions Sessions.\n"
              "# TYPE aldis_sessions gauge\n"
              "aldis_sessions 2\n"
              "# HELP aldis_stanzas_total Stanzas.\n"
              "# TYPE aldis_stanzas_total counter\n"
              "aldis_stanzas_total{kind=\"iq\"} 7\n"
              "aldis_stanzas_total{kind=\"message\"} 3\n");
}

TEST(Metrics, CountsIntoBucketsThatIncludeTheirBound) {
    Registry registry;
    constexpr std::array bounds = {0.1, 1.0};
    Histogram& one = registry.histogram("aldis_wait_seconds", "Waits.", bounds);
    Histogram& two = registry.histogram("aldis_wait_seconds", "Waits.", bounds);
    for (const double value : {0.1, 0.5, 3.0}) one.observe(value);
    two.observe(0.0);
    EXPECT_EQ(registry.text(),
              "# HELP aldis_wait_seconds Waits.\n"
              "# TYPE aldis_wait_seconds histogram\n"
              "aldis_wait_seconds_bucket{le=\"0.1\"} 2\n"
              "aldis_wait_seconds_bucket{le=\"1\"} 3\n"
              "aldis_wait_seconds_bucket{le=\"+Inf\"} 4\n"
              "aldis_wait_seconds_sum 3.6\n"
              "aldis_wait_seconds_count 4\n");
}

TEST(Metrics, AskOthersAtEachScrape) {
    Registry registry;
    double value = 1.5;
    registry.read_gauge("aldis_queue_bytes", "Bytes.", {}, [&] { return value; });
    registry.read_histogram("aldis_batch", "Batches.", {{"store", "a"}},
                            [] { return Distribution{{{0.000015 * 1.0000000001, 2}}, 3, 9}; });
    EXPECT_THAT(registry.text(), HasSubstr("aldis_queue_bytes 1.5\n"));
    EXPECT_THAT(registry.text(), HasSubstr("le=\"1.5e-05\"} 2\n"));
    value = 2;
    EXPECT_THAT(registry.text(), HasSubstr("aldis_queue_bytes 2\n"));
    EXPECT_THAT(registry.text(),
                HasSubstr("aldis_batch_bucket{store=\"a\",le=\"+Inf\"} 5\naldis_batch_sum{store=\"a\"} 9\n"));
}

TEST(Metrics, EscapesLabelsAndHelp) {
    Registry registry;
    registry.gauge("a", "One \\ two\n\"three\"", {{"label", "a\\b\n\"c\""}});
    EXPECT_EQ(registry.text(),
              "# HELP a One \\\\ two\\n\"three\"\n# TYPE a gauge\na{label=\"a\\\\b\\n\\\"c\\\"\"} 0\n");
}

TEST(Metrics, RefuseNamesThatAreNoneAndTwoKindsOfOneName) {
    Registry registry;
    registry.counter("a_total", "A.");
    EXPECT_THROW(registry.gauge("a_total", "A."), std::logic_error);
    EXPECT_THROW(registry.counter("a-b", "A."), std::logic_error);
    EXPECT_THROW(registry.counter("", "A."), std::logic_error);
    EXPECT_THROW(registry.counter("b", "B.", {{"0", "x"}}), std::logic_error);
}

TEST(Metrics, MayBeReadWhileTheyAreWritten) {
    Registry registry;
    Counter& counter = registry.counter("a_total", "A.");
    {
        const std::jthread writer{[&] {
            for (int i = 0; i < 100'000; ++i) counter.add();
        }};
        for (int i = 0; i < 100; ++i) (void)registry.text();
    }
    EXPECT_THAT(registry.text(), HasSubstr("a_total 100000\n"));
}

TEST(Metrics, TellAboutTheProcess) {
    Registry registry;
    add_process_metrics(registry);
    EXPECT_THAT(registry.text(), testing::ContainsRegex("process_resident_memory_bytes [1-9]"));
    EXPECT_THAT(registry.text(), HasSubstr("aldis_build_info{version=\""));
}

}  // namespace
}  // namespace aldis::metrics
