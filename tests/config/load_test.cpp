#include "config/load.h"

#include <cstdlib>
#include <fstream>

#include "tests/config/try.h"

namespace aldis::config::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Config, OfAnEmptyFileServesLocalhost) {
    const Loaded loaded = try_text("");
    EXPECT_THAT(texts(loaded.problems), IsEmpty());
    const Config& config = loaded.config;
    ASSERT_EQ(config.domains.size(), 1U);
    EXPECT_EQ(config.domains[0].name, "localhost");
    EXPECT_EQ(config.domains[0].certificate, "/data/certs/localhost.pem");
    EXPECT_EQ(config.domains[0].key, "/data/certs/localhost.key");
    EXPECT_EQ(config.storage.path, "/data/aldis.db");
    EXPECT_EQ(config.server.admin_socket, "/data/admin.sock");
    ASSERT_EQ(config.listeners.size(), 3U);
    EXPECT_EQ(config.listeners[0].port, 5222);
    EXPECT_EQ(config.listeners[0].tls, TlsMode::required_starttls);
    EXPECT_EQ(config.listeners[1].port, 5223);
    EXPECT_EQ(config.listeners[2].kind, ListenerKind::metrics);
    EXPECT_TRUE(config.listeners[2].on_loopback());
    EXPECT_EQ(config.modules.get<MamSettings>("mam").largest_page, 250U);
}

TEST(Config, ReadsEveryType) {
    const Loaded loaded = try_text(R"(
        [server]
        shards = 2
        [log]
        level = "debug"
        format = "json"
        areas = { auth = "trace" }
        [[domain]]
        name = "Example.ORG"
        admins = ["Romeo@example.org", "juliet@example.org"]
        contact.abuse = ["mailto:abuse@example.org", "xmpp:abuse@example.org?message"]
        contact.status = "https://status.example.org/"
        [[listener]]
        kind = "metrics"
        [[listener]]
        address = "127.0.0.1"
        tls = "direct"
        [auth]
        plain_without_tls = true
        timeout = "1 min"
        [limits]
        enabled = false
        stanza_bytes = "1 MiB"
        output_queue = 65536
        [modules]
        disabled = ["ping"]
        [modules.mam]
        keep_for = "4 weeks"
    )");
    EXPECT_THAT(loaded.good(), testing::IsTrue()) << testing::PrintToString(texts(loaded.problems));
    const Config& config = loaded.config;
    EXPECT_EQ(config.server.shards, 2U);
    EXPECT_EQ(config.log.settings().level, Level::debug);
    EXPECT_EQ(config.log.format, LogFormat::json);
    EXPECT_EQ(config.log.areas.at("auth"), Level::trace);
    EXPECT_EQ(config.domains[0].name, "example.org");
    EXPECT_THAT(config.domains[0].admins, ElementsAre("romeo@example.org", "juliet@example.org"));
    EXPECT_THAT(config.domains[0].contact.abuse,
                ElementsAre("mailto:abuse@example.org", "xmpp:abuse@example.org?message"));
    EXPECT_THAT(config.domains[0].contact.status, ElementsAre("https://status.example.org/"));
    EXPECT_EQ(config.listeners[0].port, 5280);
    EXPECT_THAT(config.listeners[0].address, ElementsAre("127.0.0.1"));
    EXPECT_EQ(config.listeners[1].port, 5223);
    EXPECT_EQ(config.auth.timeout, seconds{60});
    EXPECT_EQ(config.limits.stanza_bytes, mib(1));
    EXPECT_EQ(config.limits.output_queue, kib(64));
    EXPECT_EQ(config.modules.get<MamSettings>("mam").keep_for, days{28});
    EXPECT_FALSE(config.modules.enabled("ping"));
    EXPECT_TRUE(config.modules.enabled("mam"));
}

struct Bad {
    std::string text;
    std::string problem;
    friend void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.text; }
};

class BadConfig : public testing::TestWithParam<Bad> {};

TEST_P(BadConfig, SaysWhereWhatAndWhatWouldBeRight) {
    const Loaded loaded = try_text(GetParam().text);
    EXPECT_THAT(texts(loaded.problems), ElementsAre(GetParam().problem));
}

const std::vector<Bad> errors = {
    {"[limits]\ndepht = 9", R"(aldis.toml:2: limits.depht: unknown key; did you mean "depth"?)"},
    {"[limit]\ndepth = 9", R"(aldis.toml:1: limit: unknown table; did you mean "limits"?)"},
    {"port = 5222",
     R"(aldis.toml:1: port: unknown key; there are "server", "log", "domain", "listener", "auth", "limits", )"
     R"("resumption", "storage", "modules")"},
    {"[limits]\ndepth = \"9\"", "aldis.toml:2: limits.depth: must be an integer, not text; write it without quotes"},
    {"[limits]\ndepth = 7", "aldis.toml:2: limits.depth: must be between 8 and 1000; it is 7"},
    {"[limits]\nconnections = -1", "aldis.toml:2: limits.connections: must be at least 1; it is -1"},
    {"[limits]\nconnections = 5000000000",
     "aldis.toml:2: limits.connections: must be between 0 and 4294967295; it is 5000000000"},
    {"[limits]\nenabled = \"no\"",
     "aldis.toml:2: limits.enabled: must be true or false, not text; write it without quotes"},
    {"[limits]\nenabled = 1979-05-27",
     "aldis.toml:2: limits.enabled: must be true or false, not text; write it without quotes"},
    {"[limits]\nstanza_bytes = \"256 KB/s\"",
     "aldis.toml:2: limits.stanza_bytes: must be a size such as \"256 KiB\", not text; units are B, KiB, MiB, GiB"},
    {"[limits]\nstanza_bytes = \"1 KiB\"",
     "aldis.toml:2: limits.stanza_bytes: must be between 10 KiB and 64 MiB; it is 1 KiB"},
    {"[auth]\ntimeout = 15",
     "aldis.toml:2: auth.timeout: must be a duration such as \"10 s\", not an integer; units are ms, s, min, h, d"},
    {"[auth]\ntimeout = \"10 min\"", "aldis.toml:2: auth.timeout: must be between 1 s and 5 min; it is 10 min"},
    {"[auth]\ntimeout = \"1500 ms\"", "aldis.toml:2: auth.timeout: must be a multiple of 1 s"},
    {"[auth]\nmechanisms = [\"SCRAM-SHA-257\"]",
     R"(aldis.toml:2: auth.mechanisms: must be one of "SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"; )"
     R"(did you mean "SCRAM-SHA-256"?)"},
    {"[auth]\nmechanisms = []", "aldis.toml:2: auth.mechanisms: there must be one at least"},
    {"[log]\nlevel = \"warning\"",
     R"(aldis.toml:2: log.level: must be one of "error", "warn", "info", "debug", "trace"; did you mean "warn"?)"},
    {"[log.areas]\nauth = 3",
     R"(aldis.toml:2: log.areas.auth: must be one of "error", "warn", "info", "debug", "trace")"},
    {"log = 3", "aldis.toml:1: log: must be a table, not an integer; write [log] on a line of its own"},
    {"[domain]\nname = \"a\"", "aldis.toml:1: domain: must be tables, not a table; write [[domain]] before each"},
    {"[[domain]]\nadmins = []", "aldis.toml:1: domain[0].name: is missing"},
    {"[[domain]]\nname = \"a b\"", "aldis.toml:2: domain[0].name: must be a domain such as \"example.org\""},
    {"[[domain]]\nname = \"localhost\"\nadmins = \"romeo\"",
     "aldis.toml:3: domain[0].admins: must be an address such as \"romeo@example.org\""},
    {"[[domain]]\nname = \"localhost\"\ncontact.abuse = \"abuse@example.org\"",
     "aldis.toml:3: domain[0].contact.abuse: must be a URI such as \"mailto:abuse@example.org\" or "
     "\"xmpp:abuse@example.org\""},
    {"[[domain]]\nname = \"localhost\"\ncontact.abuse = \"mailto:a b\"",
     "aldis.toml:3: domain[0].contact.abuse: must be a URI such as \"mailto:abuse@example.org\" or "
     "\"xmpp:abuse@example.org\""},
    {"[[domain]]\nname = \"localhost\"\n[[domain]]\nname = \"LOCALHOST\"",
     "aldis.toml:4: domain[1].name: is there twice: \"localhost\""},
    {"[[domain]]\nname = \"localhost\"\ncertificate = \"/no/such.pem\"",
     "aldis.toml:3: domain[0].certificate: cannot read /no/such.pem: No such file or directory; leave the key out to "
     "use the default"},
    {"[[domain]]\nname = \"localhost\"\ncertificate = \"/etc/passwd\"\nkey = \"/etc/passwd\"",
     "aldis.toml:3: domain[0].certificate: there is no certificate in /etc/passwd; it must be readable and begin with "
     "-----BEGIN CERTIFICATE-----"},
    {"[[listener]]\naddress = \"localhost\"",
     "aldis.toml:2: listener[0].address: must be an IP address such as \"127.0.0.1\" or \"::\""},
    {"[[listener]]\nport = 70000", "aldis.toml:2: listener[0].port: must be between 0 and 65535; it is 70000"},
    {"[[listener]]\ntls = \"none\"",
     "aldis.toml:2: listener[0].tls: without TLS only loopback addresses are allowed; use \"required-starttls\" or "
     "\"direct\", or "
     "set address = [\"127.0.0.1\", \"::1\"]"},
    {"[[listener]]\nkind = \"metrics\"\ntls = \"direct\"",
     "aldis.toml:3: listener[0].tls: a metrics listener has no TLS; leave the key out"},
    {"[server]\nadmin_socket = \"/" + std::string(110, 's') + "\"",
     "aldis.toml:2: server.admin_socket: must be shorter than 108 bytes, because it is a socket"},
    {"[modules.mam]\nlargest_page = 0", "aldis.toml:2: modules.mam.largest_page: must be at least 1; it is 0"},
    {"[modules.man]\nlargest_page = 0", R"(aldis.toml:1: modules.man: unknown table; did you mean "mam"?)"},
    {"[modules.ping]\nevery = 3", "aldis.toml:2: modules.ping.every: unknown key; nothing can be set here"},
    {"[modules]\ndisabled = \"pong\"",
     R"(aldis.toml:2: modules.disabled: must be one of "mam", "ping"; did you mean "ping"?)"},
    {"[server\n", "aldis.toml:1: this is not TOML: Error while parsing table header: expected ']', saw '\\n'"},
};
INSTANTIATE_TEST_SUITE_P(Each, BadConfig, testing::ValuesIn(errors));

TEST(Config, CollectsEveryProblemInTheOrderOfTheFile) {
    const Loaded loaded = try_text("[limits]\ndepth = 1\n[auth]\ntimout = 3\n[server]\nshards = 1000\n");
    EXPECT_THAT(texts(loaded.problems),
                ElementsAre(HasSubstr("2: limits.depth"), HasSubstr("4: auth.timout"), HasSubstr("6: server.shards")));
    EXPECT_FALSE(loaded.good());
}

TEST(Config, LetsPasswordsTravelInTheClearOnLoopbackOnly) {
    const std::string head = "[auth]\nplain_without_tls = true\n[[listener]]\ntls = \"starttls\"\n";
    EXPECT_THAT(texts(try_text(head).problems),
                ElementsAre(HasSubstr("2: auth.plain_without_tls: passwords would travel in the clear"),
                            HasSubstr("4: listener[0].tls: clients may stay without TLS")));
    EXPECT_THAT(texts(try_text(head + "address = [\"127.0.0.1\", \"::1\"]").problems), IsEmpty());
}

TEST(Config, WarnsOfADomainWithoutACertificateAndOfLimitsSwitchedOff) {
    const Loaded loaded = try_text("[limits]\nenabled = false\n[[domain]]\nname = \"example.org\"\n");
    EXPECT_THAT(
        texts(loaded.problems),
        ElementsAre(
            HasSubstr("2: limits.enabled: nothing stops a peer"),
            "aldis.toml:3: domain[0].certificate: there is no certificate at /data/certs/example.org.pem; put one "
            "there, name another, or for tests run: aldis cert make-dev example.org"));
    EXPECT_TRUE(loaded.good());
}

TEST(Config, SaysWhyAFileCannotBeRead) {
    EXPECT_THAT(texts(load({.file = "/no/such.toml"}).problems),
                ElementsAre("/no/such.toml: cannot be read: No such file or directory"));
    EXPECT_THAT(texts(load({.file = "/etc"}).problems), ElementsAre("/etc: cannot be read: Is a directory"));
}

TEST(Config, TakesPathsOfAFileRelativeToIt) {
    const std::filesystem::path folder = testing::TempDir() + "/aldis-config";
    std::filesystem::create_directories(folder);
    std::ofstream{folder / "a.toml"} << "[storage]\npath = \"db/x.db\"\n";
    const Loaded loaded = load({.file = folder / "a.toml", .environment = {{"ALDIS_SERVER_DATA_DIR", "here"}}});
    EXPECT_EQ(loaded.config.storage.path, folder / "db/x.db");
    EXPECT_EQ(loaded.config.server.data_dir, "here");
}

TEST(Modules, RefuseAStructThatTheyDidNotDescribe) {
    struct Other {
        bool yes = true;
    };
    EXPECT_THROW((void)Config{}.modules.get<MamSettings>("mam"), std::logic_error);
}

}  // namespace
}  // namespace aldis::config::test
