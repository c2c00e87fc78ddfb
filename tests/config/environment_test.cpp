#include "tests/config/try.h"

namespace aldis::config::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Environment, WinsOverTheFile) {
    const Loaded loaded =
        try_text("[limits]\ndepth = 10\nattributes = 11\n", {{"ALDIS_LIMITS_DEPTH", "12"},
                                                             {"ALDIS_LIMITS_ENABLED", "true"},
                                                             {"ALDIS_LOG_LEVEL", "debug"},
                                                             {"ALDIS_LOG_AREAS_AUTH", "trace"},
                                                             {"ALDIS_AUTH_MECHANISMS", "SCRAM-SHA-1, PLAIN"},
                                                             {"ALDIS_AUTH_TIMEOUT", "20 s"},
                                                             {"ALDIS_MODULES_MAM_LARGEST_PAGE", "7"}});
    EXPECT_THAT(texts(loaded.problems), IsEmpty());
    EXPECT_EQ(loaded.config.limits.depth, 12U);
    EXPECT_EQ(loaded.config.limits.attributes, 11U);
    EXPECT_EQ(loaded.config.log.level, Level::debug);
    EXPECT_EQ(loaded.config.log.areas.at("auth"), Level::trace);
    EXPECT_THAT(loaded.config.auth.mechanisms, ElementsAre("SCRAM-SHA-1", "PLAIN"));
    EXPECT_EQ(loaded.config.auth.timeout, seconds{20});
    EXPECT_EQ(loaded.config.modules.get<MamSettings>("mam").largest_page, 7U);
}

TEST(Environment, ChangesTheDefaultTablesOrThoseOfTheFile) {
    const Loaded defaults = try_text("", {{"ALDIS_LISTENER_0_PORT", "15222"}, {"ALDIS_DOMAIN_0_NAME", "127.0.0.1"}});
    EXPECT_EQ(defaults.config.listeners.size(), 3U);
    EXPECT_EQ(defaults.config.listeners[0].port, 15222);
    EXPECT_EQ(defaults.config.domains[0].certificate, "/data/certs/127.0.0.1.pem");

    const Loaded file = try_text(
        "[[listener]]\nport = 1\n",
        {{"ALDIS_LISTENER_0_TLS", "direct"}, {"ALDIS_LISTENER_1_PORT", "2"}, {"ALDIS_LISTENER_1_TLS", "direct"}});
    EXPECT_THAT(texts(file.problems), IsEmpty());
    ASSERT_EQ(file.config.listeners.size(), 2U);
    EXPECT_EQ(file.config.listeners[0].port, 1);
    EXPECT_EQ(file.config.listeners[1].port, 2);
    EXPECT_EQ(file.config.listeners[1].tls, TlsMode::direct);
}

TEST(Environment, IsCheckedLikeAFile) {
    const Loaded loaded = try_text("", {{"ALDIS_LIMITS_DEPTH", "deep"},
                                        {"ALDIS_LISTENER_7_PORT", "1"},
                                        {"ALDIS_LOG_LEVEL", "wran"},
                                        {"ALDIS_SERVER_SHARDS", "99999"}});
    EXPECT_THAT(texts(loaded.problems),
                ElementsAre("ALDIS_LISTENER_7_PORT: listener: there are 3 of them, counted from 0, so the next is 3",
                            "ALDIS_SERVER_SHARDS: server.shards: must be at most 256; it is 99999",
                            R"(ALDIS_LOG_LEVEL: log.level: must be one of "error", "warn", "info", "debug", "trace"; )"
                            R"(did you mean "warn"?)",
                            "ALDIS_LIMITS_DEPTH: limits.depth: must be an integer; write it without quotes"));
}

TEST(Environment, WarnsOfWhatSetsNothing) {
    const Loaded loaded = try_text(
        "", {{"ALDIS_LIMITS_DEPHT", "9"}, {"ALDIS_CONFIG", "/x"}, {"PATH", "/bin"}, {"ALDIS_LISTENER_0", "1"}});
    EXPECT_TRUE(loaded.good());
    EXPECT_THAT(
        texts(loaded.problems),
        testing::UnorderedElementsAre(
            "ALDIS_LIMITS_DEPHT: no setting has this name, so it does nothing; did you mean \"ALDIS_LIMITS_DEPTH\"?",
            testing::HasSubstr("ALDIS_LISTENER_0: no setting has this name")));
}

}  // namespace
}  // namespace aldis::config::test
