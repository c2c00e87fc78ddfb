// Ad-hoc commands as modules write them, from a client's requests to their handlers.
#include "modules/commands.h"

#include "../session/world.h"

namespace aldis::modules {
namespace {

using commands::Stage;
using commands::Then;
using session::test::HomeTest;
using ::testing::HasSubstr;
using ::testing::Not;
namespace dataforms = xep::dataforms;

struct Whom {
    std::string name;
    static constexpr auto form = dataforms::form(
        "urn:example:greet",
        dataforms::field<&Whom::name>("name", dataforms::FieldType::text_single).labelled("Name").needed());
};
struct How {
    std::uint32_t times = 1;
    static constexpr auto form =
        dataforms::form("urn:example:greet", dataforms::field<&How::times>("times", dataforms::FieldType::text_single)
                                                 .labelled("Times")
                                                 .between("xs:integer", "1", "9"));
};

class Greetings final : public mod::Module {
public:
    explicit Greetings(mod::Context& context) : context_{context} {
        context.host().slot<commands::Registry>().add(
            {.node = "greet", .name = "Greet somebody", .run = commands::method(*this, &Greetings::greet)});
        context.host().slot<commands::Registry>().add(
            {.node = "fail", .name = "Fail", .run = commands::method(*this, &Greetings::fail)});
    }
    std::string greeted;

private:
    /// Whom, then how often; then it takes a while.
    Task<Result<Stage>> greet(commands::Call& call) {
        if (call.stage() == 0) co_return commands::ask(dataforms::blank<Whom>(), Then::next_or_complete);
        const std::string name = call.answer<Whom>(0)->name;
        if (name == "Nobody") co_return commands::reject("name", "Nobody has this name.");
        if (call.stage() == 1 && call.action() == commands::Action::next)
            co_return commands::ask(dataforms::filled(How{}, dataforms::Kind::form));
        const std::uint32_t times = call.stage() == 1 ? 1 : call.answer<How>()->times;
        db::Unit unit;
        unit.add([](db::Connection&) {});
        const Result<void> stored = co_await context_.commit(std::move(unit));
        if (!stored) co_return std::unexpected{stored.error()};
        for (std::uint32_t i = 0; i < times; ++i) greeted += name;
        co_return commands::done("They were glad.");
    }
    Task<Result<Stage>> fail(commands::Call& call) {
        if (call.stage() == 0) co_return commands::ask(dataforms::blank<Whom>());
        throw std::runtime_error{"this always fails"};
    }

    mod::Context& context_;
};

class CommandsTest : public HomeTest {
protected:
    CommandsTest() {
        session::Home& home = world.home_of("romeo");
        session::Host& host = *home.host("example.org");
        auto context = std::make_unique<mod::Context>(info, home, host, nullptr);
        auto module = std::make_unique<Greetings>(*context);
        greetings = module.get();
        host.keep(std::move(context), std::move(module));
    }
    std::string step(std::string_view attributes, std::string_view inner = {}) {
        const std::string heard =
            romeo.says("<iq type='set' id='c'><command xmlns='http://jabber.org/protocol/commands' node='greet' " +
                       std::string{attributes} + ">" + std::string{inner} + "</command></iq>");
        const std::size_t begin = heard.find("sessionid='");
        if (begin != std::string::npos) id = heard.substr(begin, heard.find('\'', begin + 11) + 1 - begin);
        return heard;
    }
    static std::string field(const std::string& name, const std::string& value) {
        return "<x xmlns='jabber:x:data' type='submit'><field var='" + name + "'><value>" + value +
               "</value></field></x>";
    }

    static constexpr mod::Info info{.name = "greetings", .summary = {}, .implements = {}};
    Greetings* greetings = nullptr;
    std::string id;
};

INSTANTIATE_TEST_SUITE_P(Shards, CommandsTest, ::testing::Values(1u));

// XEP-0050 "Multiple Stages"
TEST_P(CommandsTest, GoForthAndBack) {
    EXPECT_THAT(step(""), HasSubstr("<actions execute='next'><next/><complete/></actions>"));
    EXPECT_THAT(step(id + " action='next'", field("name", "Juliet")),
                HasSubstr("<actions execute='complete'><prev/><complete/></actions>"));
    const std::string back = step(id + " action='prev'");
    EXPECT_THAT(back, HasSubstr("<next/>"));
    EXPECT_THAT(back, HasSubstr("<value>Juliet</value>"));
    EXPECT_THAT(step(id, field("name", "Nurse")), HasSubstr("<prev/>")) << "'execute' is 'next'";
    EXPECT_THAT(step(id, field("times", "10")), HasSubstr("Times: must be at most 9"));
    EXPECT_THAT(step(id, field("times", "2")), HasSubstr("status='completed'"));
    EXPECT_EQ(greetings->greeted, "NurseNurse");
    EXPECT_THAT(step(id, field("times", "2")), HasSubstr("<session-expired "));
}

TEST_P(CommandsTest, AreCompletedEarly) {
    step("");
    EXPECT_THAT(step(id + " action='complete'", field("name", "Juliet")), HasSubstr("They were glad."));
    EXPECT_EQ(greetings->greeted, "Juliet");
    EXPECT_THAT(step("action='next'", field("name", "Nurse")), HasSubstr("<prev/>")) << "the form was known";
}

TEST_P(CommandsTest, MayRejectAValue) {
    step("");
    const std::string refused = step(id, field("name", "Nobody"));
    EXPECT_THAT(refused, HasSubstr("<bad-payload "));
    EXPECT_THAT(refused, HasSubstr("Name: Nobody has this name."));
    EXPECT_THAT(step(id, field("name", "Juliet")), HasSubstr("<prev/>"));
}

TEST_P(CommandsTest, GoOnWhenTheOneWhoAskedHasGone) {
    step("");
    world.writes = false;
    EXPECT_EQ(step(id + " action='complete'", field("name", "Juliet")), "");
    EXPECT_THAT(step(id + " action='cancel'"), HasSubstr("<unexpected-request ")) << "it is at work";
    romeo.says("</stream:stream>");
    EXPECT_EQ(greetings->greeted, "");
    world.writes = true;
    world.settle();
    EXPECT_EQ(greetings->greeted, "Juliet");
}

TEST_P(CommandsTest, EndWhenTheyFailAndTellNobodyWhy) {
    const auto fail = [&](std::string_view attributes, std::string_view inner) {
        return romeo.says("<iq type='set' id='f'><command xmlns='http://jabber.org/protocol/commands' node='fail' " +
                          std::string{attributes} + ">" + std::string{inner} + "</command></iq>");
    };
    const std::string failed = fail("", field("name", "Juliet"));
    EXPECT_THAT(failed, HasSubstr("<internal-server-error "));
    EXPECT_THAT(failed, Not(HasSubstr("always")));
}

TEST_P(CommandsTest, ExpireWhenNobodyGoesOn) {
    step("");
    world.wait(std::chrono::minutes{11});
    EXPECT_THAT(step(id + " action='cancel'"), HasSubstr("<session-expired "));
}

}  // namespace
}  // namespace aldis::modules
