#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0050_commands.h"

namespace aldis::xep::commands {
namespace {

std::string command(const std::string& attributes, const std::string& inner) {
    return "<command xmlns='http://jabber.org/protocol/commands' " + attributes + ">" + inner + "</command>";
}

// "Executing Commands"
TEST(Xep0050, ReadsARequest) {
    const Result<Command> read = parse<Command>(command("node='list' action='execute'", ""));
    EXPECT_EQ(read->node, "list");
    EXPECT_EQ(read->action, Action::execute);
    EXPECT_EQ(parse<Command>(command("node='list'", ""))->action, Action::execute);
    EXPECT_EQ(parse<Command>(command("node='config' sessionid='s' action='prev'", ""))->action, Action::prev);
    EXPECT_FALSE(parse<Command>(command("action='next'", "")));
    EXPECT_EQ(parse<Command>(command("node='list' action='sing'", ""))->action, Action::unknown);
}

TEST(Xep0050, BuildsAStage) {
    const std::string stage =
        command("node='config' sessionid='config:20020923T213616Z-700' status='executing'",
                "<actions execute='complete'><prev/><complete/></actions><x xmlns='jabber:x:data' type='form'>"
                "<title>Configure Service</title></x>");
    EXPECT_EQ(round<Command>(stage), stage);
}

TEST(Xep0050, BuildsTheEnd) {
    const std::string end =
        command("node='config' sessionid='s' status='completed'", "<note>Service &apos;httpd&apos; is done.</note>");
    const Result<Command> read = parse<Command>(end);
    EXPECT_EQ(read->status, Status::completed);
    EXPECT_EQ(read->notes[0].text, "Service 'httpd' is done.");
    EXPECT_EQ(read->notes[0].type, NoteType::info);
    EXPECT_EQ(parse<Command>(command("node='c'", "<note type='warn'>x</note>"))->notes[0].type, NoteType::warn);
}

}  // namespace
}  // namespace aldis::xep::commands
