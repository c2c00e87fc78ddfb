#include "cli/arguments.h"

#include <gmock/gmock.h>

namespace aldis::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array options = {Option{"--config", "FILE", "The file."}, Option{"--json", "", "JSON."}};
constexpr std::array commands = {Command{"user add", "JID", 1, 1, "Adds.", options, nullptr},
                                 Command{"user delete", "JID", 1, 1, "Deletes.", options, nullptr},
                                 Command{"version", "", 0, 0, "Tells.\nMore.", options, nullptr}};

Invocation parse(std::vector<std::string_view> words) {
    const Chosen chosen = choose(commands, words);
    return Invocation{*chosen.command, std::span{words}.subspan(chosen.words)};
}

std::string complaint(std::vector<std::string_view> words) {
    try {
        (void)parse(std::move(words));
        return "none";
    } catch (const UsageError& error) {
        return error.what();
    }
}

TEST(Arguments, TakeOptionsAnywhere) {
    for (const Invocation& invocation : {parse({"user", "add", "--config", "a b", "x@y", "--json"}),
                                         parse({"user", "add", "x@y", "--json", "--config=a b"})}) {
        EXPECT_EQ(invocation.value("--config"), "a b");
        EXPECT_TRUE(invocation.has("--json"));
        EXPECT_THAT(invocation.positional(), ElementsAre("x@y"));
    }
    EXPECT_THAT(parse({"user", "add", "--", "--json"}).positional(), ElementsAre("--json"));
    EXPECT_EQ(parse({"user", "add", "x"}).value("--config"), std::nullopt);
}

TEST(Arguments, ThatAreWrongAreAnsweredWithASuggestion) {
    EXPECT_EQ(complaint({"usr", "add"}), "unknown command usr; did you mean \"user\"?");
    EXPECT_EQ(complaint({"user", "dlete"}), "unknown command user dlete; did you mean \"delete\"?");
    EXPECT_EQ(complaint({"user"}), "aldis user needs one more word");
    EXPECT_EQ(complaint({"versoin"}), "unknown command versoin; did you mean \"version\"?");
    EXPECT_EQ(complaint({"user", "add"}), "something is missing: aldis user add JID");
    EXPECT_EQ(complaint({"user", "add", "x", "y"}), "too much: y");
    EXPECT_EQ(complaint({"version", "--jsno"}), "unknown option --jsno; did you mean \"--json\"?");
    EXPECT_EQ(complaint({"version", "--json=1"}), "--json takes no value");
    EXPECT_EQ(complaint({"version", "--config"}), "--config needs a value: FILE");
}

TEST(Help, ListsCommandsAndOptions) {
    EXPECT_THAT(help_for_all(commands, ""),
                testing::AllOf(HasSubstr("  version"), HasSubstr("Tells.\n"), HasSubstr("  user add JID")));
    EXPECT_THAT(help_for_all(commands, "user"), testing::Not(HasSubstr("version")));
    EXPECT_THAT(help_for(commands[0]),
                testing::AllOf(HasSubstr("Usage: aldis user add JID"), HasSubstr("--config FILE")));
}

}  // namespace
}  // namespace aldis::cli
