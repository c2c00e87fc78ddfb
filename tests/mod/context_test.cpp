// What a module can rely on, shown by one that does nothing else.
#include "../session/world.h"

namespace aldis::mod {
namespace {

using session::test::HomeTest;
using session::test::ids_in;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// A request of our own: says how it wants to be answered.
struct Echo {
    std::optional<std::string> text = {};
    static constexpr auto schema = xml::element("urn:example:echo", "echo", xml::text_child<&Echo::text>("text"));
};

class Probe final : public Module {
public:
    explicit Probe(Context& context) : context_{context} {
        // Not in the order in which they are called.
        context.on_message(Phase::deliver, *this, &Probe::deliver);
        context.on_message(Phase::copy, *this, &Probe::copy);
        context.on_message(Phase::archive, *this, &Probe::archive);
        context.on_message(Phase::amend, *this, &Probe::amend);
        context.on_message(Phase::screen, *this, &Probe::screen);
        context.on_iq<Echo>(IqType::get, For::own_account, *this, &Probe::now);
        context.on_iq<Echo>(IqType::set, For::own_account, *this, &Probe::later);
        context.every(std::chrono::seconds{10}, *this, &Probe::tick);
    }

    std::string seen;
    int ticks = 0;
    bool takes = false;
    bool refuses = false;

private:
    Step note(session::Transit& transit, const char* phase) {
        seen.append(transit.outward() ? "out-" : "in-").append(phase).append(" ");
        return Flow::pass;
    }
    Step screen(session::Transit& transit) {
        (void)note(transit, "screen");
        if (refuses && transit.outward()) return refuse(Condition::not_allowed, ErrorType::cancel);
        return takes ? Flow::taken : Flow::pass;
    }
    Step amend(session::Transit& transit) { return note(transit, "amend"); }
    Step archive(session::Transit& transit) { return note(transit, "archive"); }
    Step copy(session::Transit& transit) { return note(transit, "copy"); }
    Step deliver(session::Transit& transit) { return note(transit, "deliver"); }
    Result<Echo> now(const Request&, Echo echo) { return echo; }
    Task<Result<Echo>> later(Request request, Echo echo) {
        db::Unit unit;
        if (echo.text) unit.add([](db::Connection&) {});
        const Result<void> stored = co_await context_.commit(std::move(unit));
        if (!stored) co_return std::unexpected{stored.error()};
        // What was handed over still lives.
        echo.text = std::string{request.iq->id().value_or("")};
        co_return echo;
    }
    void tick() { ++ticks; }

    Context& context_;
};

class ContextTest : public HomeTest {
protected:
    ContextTest() {
        session::Home& home = world.home_of("romeo");
        session::Host& host = *home.host("example.org");
        auto context = std::make_unique<Context>(info, home, host, nullptr);
        auto module = std::make_unique<Probe>(*context);
        probe = module.get();
        host.keep(std::move(context), std::move(module));
    }

    static constexpr Info info{.name = "probe", .summary = {}, .implements = {}};
    Probe* probe = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Shards, ContextTest, ::testing::Values(1u));

TEST_P(ContextTest, CallsThePhasesInTheirOrderOutAndIn) {
    romeo.types_to(juliet, "t");
    EXPECT_EQ(probe->seen,
              "out-screen out-amend out-archive "
              "in-screen in-amend in-archive in-copy in-deliver out-copy out-deliver ");
}

TEST_P(ContextTest, CopiesAndDeliversInwardOnlyWhenItIsOnDisk) {
    world.writes = false;
    romeo.writes_to(juliet, "m");
    EXPECT_TRUE(probe->seen.ends_with("in-archive "));
    world.writes = true;
    world.settle();
    EXPECT_TRUE(probe->seen.ends_with("in-copy in-deliver out-copy out-deliver "));
}

TEST_P(ContextTest, LetsNobodyElseSeeWhatIsTaken) {
    probe->takes = true;
    romeo.writes_to(juliet, "m");
    EXPECT_EQ(probe->seen, "out-screen ");
    EXPECT_EQ(juliet.hears() + romeo.hears(), "");
}

TEST_P(ContextTest, AnswersTheSenderOfWhatIsRefused) {
    probe->refuses = true;
    romeo.writes_to(juliet, "m");
    const std::string heard = romeo.hears();
    EXPECT_THAT(ids_in(heard), ElementsAre("m!"));
    EXPECT_THAT(heard, HasSubstr("<not-allowed "));
    EXPECT_EQ(juliet.hears(), "");
}

TEST_P(ContextTest, AnnouncesWhatItAnswers) {
    const std::string question =
        "<iq type='get' id='d' to='" + romeo.bare() + "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
    EXPECT_THAT(romeo.says(question), HasSubstr("urn:example:echo"));
}

TEST_P(ContextTest, AnswersATypedRequestAtOnce) {
    EXPECT_THAT(romeo.says("<iq type='get' id='e'><echo xmlns='urn:example:echo'><text>hello</text></echo></iq>"),
                HasSubstr("<text>hello</text>"));
}

TEST_P(ContextTest, AnswersLaterWithoutHoldingUpAnybody) {
    world.writes = false;
    EXPECT_EQ(romeo.says("<iq type='set' id='e1'><echo xmlns='urn:example:echo'><text/></echo></iq>"), "");
    romeo.types_to(juliet, "t");
    EXPECT_THAT(ids_in(juliet.hears()), ElementsAre("t"));
    world.writes = true;
    EXPECT_THAT(romeo.hears(), HasSubstr("<text>e1</text>"));
}

TEST_P(ContextTest, AnswersAtOnceIfThereIsNothingToWaitFor) {
    EXPECT_THAT(romeo.says("<iq type='set' id='e2'><echo xmlns='urn:example:echo'/></iq>"),
                HasSubstr("<text>e2</text>"));
}

TEST_P(ContextTest, ForgetsARequestWhoseSenderHasGone) {
    world.writes = false;
    romeo.says("<iq type='set' id='e3'><echo xmlns='urn:example:echo'><text/></echo></iq>");
    romeo.end().receive_end();
    world.settle();
    world.writes = true;
    EXPECT_EQ(romeo.hears(), "");
}

TEST_P(ContextTest, KnowsNoRequestOfAnotherTypeOrName) {
    for (const char* const payload : {"<echo xmlns='urn:example:other'/>", "<ohce xmlns='urn:example:echo'/>"})
        EXPECT_THAT(romeo.says("<iq type='get' id='x'>" + std::string{payload} + "</iq>"),
                    HasSubstr("<service-unavailable "));
}

TEST_P(ContextTest, CallsWhatIsToBeDoneEveryTenSeconds) {
    for (int i = 0; i < 25; ++i) {
        world.clock.advance(std::chrono::seconds{1});
        world.settle();
    }
    EXPECT_EQ(probe->ticks, 2);
}

}  // namespace
}  // namespace aldis::mod
