// The program as an operator meets it: what it prints, and its exit statuses.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Ran {
    int status = -1;
    std::string output;  ///< and what it said on stderr
};

class Program : public testing::Test {
protected:
    Program() {
        std::string name = testing::TempDir() + "/aldis-program-XXXXXX";
        folder = ::mkdtemp(name.data());
        write("aldis.toml", "[server]\ndata_dir = \"data\"\n[auth]\nscram_iterations = 4096\n");
    }
    ~Program() override { std::filesystem::remove_all(folder); }

    void write(const std::string& name, const std::string& text) const { std::ofstream{folder / name} << text; }

    /// Runs it in the folder, without a terminal.
    [[nodiscard]] Ran run(const std::string& arguments, const std::string& input = "") const {
        write("input", input);
        const std::string line = "cd " + folder.string() + " && exec setsid -w env -u ALDIS_CONFIG " + ALDIS_PROGRAM +
                                 " " + arguments + " < input 2>&1";
        Ran ran;
        FILE* const pipe = ::popen(line.c_str(), "r");
        std::array<char, 4096> part;
        for (std::size_t size = 0; (size = std::fread(part.data(), 1, part.size(), pipe)) > 0;)
            ran.output.append(part.data(), size);
        const int status = ::pclose(pipe);
        ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return ran;
    }

    std::filesystem::path folder;
};

TEST_F(Program, TellsWhatItCanDo) {
    EXPECT_EQ(run("").status, 2);
    for (const char* const arguments :
         {"--help", "help", "user --help", "user add --help", "serve --help", "config check --help",
          "config show --help", "cert make-dev --help", "version --help", "user list --help"}) {
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.status, 0) << arguments;
        EXPECT_THAT(ran.output, HasSubstr("Usage: aldis ")) << arguments;
    }
    EXPECT_THAT(run("version").output, HasSubstr("aldis "));
    EXPECT_THAT(run("version --json").output, HasSubstr("\"version\": \""));
}

TEST_F(Program, AnswersWrongUsageWithStatus2) {
    EXPECT_EQ(run("sevre").status, 2);
    EXPECT_THAT(run("sevre").output, HasSubstr("did you mean \"serve\"?"));
    EXPECT_EQ(run("user add").status, 2);
    EXPECT_EQ(run("user add nonsense --generate").status, 2);
    EXPECT_EQ(run("user add a@localhost --generate --password-stdin").status, 2);
    EXPECT_EQ(run("serve --confg x").status, 2);
}

TEST_F(Program, StartsNothingWithAWrongConfiguration) {
    write("wrong.toml", "[server]\ndata_dir = \"data\"\nshrads = 3\n");
    for (const char* const command :
         {"serve", "config check", "config show", "user list", "user add a@localhost --generate"}) {
        const Ran ran = run(std::string{command} + " --config wrong.toml");
        EXPECT_EQ(ran.status, 2) << command;
        EXPECT_THAT(ran.output, HasSubstr("wrong.toml:3: server.shrads: unknown key; did you mean \"shards\"?\n"))
            << command;
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "data"));
    EXPECT_THAT(run("config check --json --config wrong.toml").output,
                AllOf(HasSubstr("\"good\": false"), HasSubstr("\"line\": 3")));
    EXPECT_EQ(run("config check --config missing.toml").status, 2);
    EXPECT_EQ(run("config check").output, "aldis.toml is good\n");
}

TEST_F(Program, DoesNotServeADomainWithoutACertificate) {
    write("domain.toml", "[server]\ndata_dir = \"data\"\n[[domain]]\nname = \"example.org\"\n");
    const Ran ran = run("serve --config domain.toml");
    EXPECT_EQ(ran.status, 2);
    EXPECT_THAT(ran.output, HasSubstr("aldis cert make-dev example.org"));
}

TEST_F(Program, KeepsAccounts) {
    EXPECT_EQ(run("user add romeo@localhost --password-stdin", "secret\n").output, "made romeo@localhost\n");
    EXPECT_EQ(run("user add Romeo@localhost --password-stdin", "secret\n").status, 1);
    EXPECT_EQ(run("user add romeo@elsewhere --password-stdin", "secret\n").status, 1);
    EXPECT_THAT(run("user add juliet@localhost --generate").output, HasSubstr("Password: "));
    EXPECT_THAT(run("user passwd juliet@localhost --generate --json").output, HasSubstr("\"password\": \""));
    EXPECT_EQ(run("user passwd juliet@localhost --password-stdin").status, 1);
    EXPECT_THAT(run("user passwd juliet@localhost").output, HasSubstr("no terminal"));
    EXPECT_EQ(run("user disable juliet@localhost").status, 0);
    EXPECT_EQ(run("user list").output, "juliet@localhost (disabled)\nromeo@localhost\n");
    EXPECT_EQ(run("user enable juliet@localhost").status, 0);
    EXPECT_EQ(run("user sessions juliet@localhost").output, "");
    EXPECT_EQ(run("user sessions juliet@localhost --json").output, "[]\n");
    EXPECT_EQ(run("user sessions nobody@localhost").status, 1);
    EXPECT_EQ(run("user sessions juliet@localhost/balcony").status, 2);
    EXPECT_EQ(run("user kick juliet@localhost/balcony").status, 1);
    EXPECT_EQ(run("user delete romeo@localhost").status, 0);
    EXPECT_EQ(run("user delete romeo@localhost").status, 1);
    EXPECT_THAT(run("user list localhost --json").output,
                AllOf(HasSubstr(R"("jid": "juliet@localhost")"), HasSubstr(R"("disabled": false)")));
    EXPECT_EQ(run("user list elsewhere").status, 1);
}

TEST_F(Program, MakesACertificateOnce) {
    EXPECT_EQ(run("cert make-dev").status, 0);
    EXPECT_THAT(run("cert make-dev").output, HasSubstr("was there already"));
    const auto mode = std::filesystem::status(folder / "data/certs/localhost.key").permissions();
    EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    write("named.toml",
          "[server]\ndata_dir = \"data\"\n[[domain]]\nname = \"localhost\"\ncertificate = "
          "\"data/certs/localhost.pem\"\n");
    EXPECT_EQ(run("config check --config named.toml").output, "named.toml is good\n");
}

TEST_F(Program, MadeThePageAboutItsConfiguration) {
    std::ostringstream page;
    page << std::ifstream{ALDIS_CONFIGURATION_PAGE}.rdbuf();
    EXPECT_TRUE(page.str() == run("config reference").output) << "run: aldis config reference > docs/configuration.md";
}

}  // namespace
