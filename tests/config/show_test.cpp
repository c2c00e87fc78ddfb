#include "config/show.h"

#include "config/reference.h"
#include "tests/config/try.h"

namespace aldis::config::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Show, SaysWhatIsInForceAndWhereItComesFrom) {
    const Loaded loaded =
        try_text("[limits]\ndepth = 9\n[log.areas]\nmam = \"debug\"\n", {{"ALDIS_AUTH_TIMEOUT", "20 s"}});
    const std::string text = show_toml(loaded, modules);
    EXPECT_THAT(text,
                AllOf(HasSubstr("depth = 9  # aldis.toml:2\n"), HasSubstr("timeout = \"20 s\"  # ALDIS_AUTH_TIMEOUT\n"),
                      HasSubstr("stanza_bytes = \"256 KiB\"  # default\n"),
                      HasSubstr("[log.areas]\nmam = \"debug\"  # aldis.toml:4\n"),
                      HasSubstr("[modules.mam]\nlargest_page = 250  # default\n"),
                      HasSubstr("certificate = \"/data/certs/localhost.pem\"  # default\n")));
    EXPECT_THAT(text, AllOf(HasSubstr("token = \"(hidden)\""), Not(HasSubstr("s3cret"))));
}

TEST(Show, WritesAFileThatMeansTheSame) {
    const Loaded loaded =
        try_text("[[listener]]\nkind = \"metrics\"\n[[listener]]\nport = 7\n[limits]\noutput_queue = \"1 MiB\"\n");
    const std::string text = show_toml(loaded, modules);
    Loaded again = load({.text = text, .modules = modules});
    // The certificates are named explicitly there, and are not here.
    EXPECT_EQ(again.config.listeners.size(), 2U);
    EXPECT_EQ(again.config.listeners[1].port, 7);
    EXPECT_EQ(again.config.limits.output_queue, mib(1));
}

TEST(Show, WritesJson) {
    const std::string json = show_json(try_text(""), modules);
    EXPECT_THAT(json, HasSubstr("\"timeout\": \"15 s\""));
    EXPECT_THAT(json, HasSubstr("\"port\": 5222"));
    EXPECT_THAT(json, HasSubstr("\"token\": \"(hidden)\""));
    EXPECT_THAT(json, Not(HasSubstr("s3cret")));
}

TEST(Reference, DescribesEveryKey) {
    const std::string text = reference(modules);
    EXPECT_THAT(text, AllOf(HasSubstr("## [server]"), HasSubstr("## [[listener]]"), HasSubstr("## [modules.mam]"),
                            HasSubstr("| `largest_page` | integer, at least 1 | `250` | Messages in a page. |"),
                            HasSubstr("| `timeout` | duration, 1 s to 5 min | `\"15 s\"` |")));
}

TEST(Reference, HasALineAboutEachKeyOfTheCore) {
    for (const Field& table : Config::fields) {
        EXPECT_FALSE(table.doc.empty()) << table.name;
        for (const Field& field : table.type->schema->fields)
            EXPECT_FALSE(field.doc.empty()) << table.name << "." << field.name;
    }
}

}  // namespace
}  // namespace aldis::config::test
