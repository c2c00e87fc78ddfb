#include "base/log.h"

#include <gmock/gmock.h>

#include <thread>

namespace {

using aldis::kv;
using aldis::Level;
using aldis::Log;
using aldis::LogCapture;
using testing::ElementsAre;

struct Named {
    [[nodiscard]] std::string text() const { return "by text()"; }
};

TEST(Log, WritesOneEventPerLine) {
    const LogCapture capture;
    const Log log{"c2s"};
    log.info("session bound", kv("jid", std::string{"romeo@localhost/orchard"}), kv("port", 5222), kv("tls", true));
    EXPECT_THAT(capture.lines(), ElementsAre("info c2s: session bound jid=romeo@localhost/orchard port=5222 tls=true"));
}

TEST(Log, ShowsWhateverHasAText) {
    const LogCapture capture;
    const std::chrono::microseconds took{1500};
    Log{"db"}.warn("slow", kv("took_ms", took), kv("who", Named{}), kv("level", Level::debug), kv("half", 0.5));
    EXPECT_THAT(capture.lines(), ElementsAre("warn db: slow took_ms=1.5 who=\"by text()\" level=debug half=0.5"));
}

TEST(Log, EscapesWhatAPeerCouldForgeALineWith) {
    const LogCapture capture;
    const Log log{"auth"};
    log.info("failed", kv("user", "x\ninfo auth: failed user=\"admin\""));
    log.info("failed", kv("user", std::string{"\x1b[2J\xff\xc3\x28 a\\b"}));
    log.info("failed", kv("user", "\u202egnp.exe"), kv("empty", ""), kv("name", "Jürgen"), kv("eq", "a=b"));
    EXPECT_THAT(capture.lines(),
                ElementsAre(R"(info auth: failed user="x\ninfo auth: failed user=\"admin\"")",
                            R"(info auth: failed user="\u001b[2J\xff\xc3( a\\b")",
                            R"(info auth: failed user="\u202egnp.exe" empty="" name=Jürgen eq="a=b")"));
}

TEST(Log, WritesJsonThatAParserTakes) {
    const LogCapture capture{{.level = Level::info, .format = aldis::LogFormat::json}};
    Log{"net"}.info("acc\"epted", kv("peer", "::1"), kv("bad", "\xff\n\u0085"), kv("bytes", 12U), kv("ok", false));
    EXPECT_THAT(capture.lines(), ElementsAre(R"({"level":"info","area":"net","message":"acc\"epted","peer":"::1",)"
                                             R"("bad":"\\xff\n\u0085","bytes":12,"ok":false})"));
}

TEST(Log, CutsLongValues) {
    const LogCapture capture;
    Log{"net"}.info("long", kv("value", std::string(5000, 'a')));
    EXPECT_EQ(capture.lines().front(), "info net: long value=" + std::string(1024, 'a') + "...");
}

TEST(Log, HasALevelPerAreaThatChangesAtRunTime) {
    const LogCapture capture{{.level = Level::warn, .areas = {{"mam", Level::debug}}}};
    const Log mam{"mam"};
    const Log other{"other"};
    mam.debug("1");
    mam.trace("2");
    other.info("3");
    other.error("4");
    aldis::configure_log({.level = Level::info});
    mam.debug("5");
    other.info("6");
    EXPECT_THAT(capture.lines(), ElementsAre("debug mam: 1", "error other: 4", "info other: 6"));
}

TEST(Log, LooksAtNoValueWhenTheLevelIsOff) {
    struct Costly {
        int* calls;
        [[nodiscard]] std::string text() const { return std::to_string(++*calls); }
    };
    const LogCapture capture{{.level = Level::info}};
    int calls = 0;
    Log{"net"}.debug("off", kv("costly", Costly{&calls}));
    EXPECT_EQ(calls, 0);
}

TEST(Log, NeverThrows) {
    struct Broken {
        [[nodiscard]] static std::string text() { throw std::runtime_error{"broken"}; }
    };
    const LogCapture capture;
    EXPECT_NO_THROW(Log{"net"}.info("event", kv("broken", Broken{})));
}

TEST(Log, TakesEventsFromManyThreads) {
    const LogCapture capture;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([i] {
                for (int n = 0; n < 100; ++n) Log{"thread" + std::to_string(i)}.info("event", kv("n", n));
            });
    }
    EXPECT_EQ(capture.lines().size(), 400U);
}

}  // namespace
