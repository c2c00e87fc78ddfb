#include "modules/commands_rules.h"

#include <gtest/gtest.h>

namespace aldis::modules::commands {
namespace {

using xep::commands::Status;
using Answer = xep::commands::Command;

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

struct Name {
    std::string name;
    std::optional<std::string> password = {};
    static constexpr auto form = dataforms::form(
        "urn:example:name",
        dataforms::field<&Name::name>("name", dataforms::FieldType::text_single).labelled("Name").needed(),
        dataforms::field<&Name::password>("password", dataforms::FieldType::text_private));
};

dataforms::Form filled_in(std::string name, std::string password = "secret") {
    return dataforms::filled(Name{std::move(name), std::move(password)}, dataforms::Kind::submit);
}

class CommandExecution : public testing::Test {
protected:
    Call call_of(std::string_view from) { return Call{nullptr, jid(from), jid("example.org"), 1}; }
    std::shared_ptr<Execution> begin(std::string_view from = "romeo@example.org/orchard") {
        auto begun = all_.begin(command_, call_of(from), random_, now_);
        return begun ? *begun : nullptr;
    }
    Result<std::shared_ptr<Execution>> find(const std::string& id,
                                            std::string_view from = "romeo@example.org/orchard") {
        return all_.find(id, command_, jid(from), jid("example.org"), now_);
    }
    Answer shown(Execution& execution, Then then = Then::complete) {
        return execution.take(ask(dataforms::blank<Name>(), then), why_).value();
    }

    SystemRandom random_;
    Command command_{.node = "name", .name = "Name", .run = nullptr};
    Command other_{.node = "other", .name = "Other", .run = nullptr};
    Executions all_;
    Instant now_{};
    std::string why_;
};

// XEP-0050 "Session Lifetime"
TEST_F(CommandExecution, IsKnownToWhoBeganItAlone) {
    const std::string id = begin()->id;
    EXPECT_EQ(id.size(), 24U) << "144 bits";
    EXPECT_TRUE(find(id));
    EXPECT_EQ(find(id, "romeo@example.org/balcony").error().specific.name, "bad-sessionid");
    EXPECT_EQ(find(id, "juliet@example.org/orchard").error().specific.name, "bad-sessionid");
    EXPECT_EQ(find("").error().specific.name, "bad-sessionid");
    EXPECT_EQ(all_.find(id, other_, jid("romeo@example.org/orchard"), jid("example.org"), now_).error().specific.name,
              "bad-sessionid");
    EXPECT_EQ(
        all_.find(id, command_, jid("romeo@example.org/orchard"), jid("romeo@example.org"), now_).error().specific.name,
        "bad-sessionid");
}

TEST_F(CommandExecution, ExpiresWhenNobodyGoesOnWithIt) {
    const std::string id = begin()->id;
    now_ += std::chrono::minutes{9};
    EXPECT_TRUE(find(id));
    now_ += std::chrono::minutes{9};
    EXPECT_TRUE(find(id)) << "it was used";
    now_ += std::chrono::minutes{11};
    const stanza::Error expired = find(id).error();
    EXPECT_EQ(expired.condition, Condition::not_allowed);
    EXPECT_EQ(expired.type, ErrorType::cancel);
    EXPECT_EQ(expired.specific.name, "session-expired");
    EXPECT_EQ(all_.size(), 0U);
}

TEST_F(CommandExecution, IsSweptAway) {
    const std::string id = begin()->id;
    const auto busy = begin("juliet@example.org/balcony");
    busy->busy = true;
    now_ += std::chrono::minutes{11};
    all_.sweep(now_);
    EXPECT_EQ(all_.size(), 1U) << "what is at work is not";
    EXPECT_EQ(find(id).error().specific.name, "session-expired");
}

TEST_F(CommandExecution, IsNotEnteredTwiceAtATime) {
    const auto busy = begin();
    busy->busy = true;
    EXPECT_EQ(find(busy->id).error().condition, Condition::unexpected_request);
}

TEST_F(CommandExecution, OfOneAccountAreFew) {
    const std::string first = begin()->id;
    for (std::size_t i = 0; i < Executions::most_of_one; ++i) {
        now_ += std::chrono::seconds{1};
        EXPECT_TRUE(begin("romeo@example.org/" + std::to_string(i)));
    }
    EXPECT_EQ(all_.size(), Executions::most_of_one);
    EXPECT_EQ(find(first).error().specific.name, "session-expired");
}

TEST_F(CommandExecution, OfAllAreBounded) {
    for (std::size_t i = 0; i < Executions::most; ++i) ASSERT_TRUE(begin("u" + std::to_string(i) + "@example.org/r"));
    EXPECT_EQ(all_.begin(command_, call_of("x@example.org/r"), random_, now_).error().condition,
              Condition::resource_constraint);
}

// "Command Actions"
TEST_F(CommandExecution, AllowsTheActionsThatTheStageHas) {
    const auto execution = begin();
    const Answer last = shown(*execution);
    EXPECT_EQ(last.status, Status::executing);
    EXPECT_EQ(last.lang, "en");
    EXPECT_EQ(last.actions->execute, Action::complete);
    EXPECT_TRUE(last.actions->complete && !last.actions->next && !last.actions->prev);
    EXPECT_EQ(execution->resolve(Action::execute), Action::complete);
    EXPECT_EQ(execution->resolve(Action::complete), Action::complete);
    EXPECT_EQ(execution->resolve(Action::next).error(), xep::commands::bad_action);
    EXPECT_EQ(execution->resolve(Action::prev).error(), xep::commands::bad_action);
}

TEST_F(CommandExecution, GoesOnAndBack) {
    const auto execution = begin();
    const Answer first = shown(*execution, Then::next);
    EXPECT_EQ(first.actions->execute, Action::next);
    EXPECT_FALSE(first.actions->complete);
    EXPECT_EQ(execution->resolve(Action::execute), Action::next);
    EXPECT_EQ(execution->resolve(Action::complete).error(), xep::commands::bad_action);
    ASSERT_TRUE(execution->answer(Action::next, filled_in("Romeo"), why_));
    EXPECT_EQ(execution->call.stage(), 1U);
    EXPECT_EQ(execution->call.answer<Name>()->name, "Romeo");

    const Answer second = shown(*execution, Then::next_or_complete);
    EXPECT_TRUE(second.actions->prev && second.actions->next && second.actions->complete);
    EXPECT_EQ(execution->resolve(Action::prev), Action::prev);
    ASSERT_TRUE(execution->answer(Action::complete, filled_in("Juliet"), why_));
    EXPECT_EQ(execution->call.action(), Action::complete);
    EXPECT_EQ(execution->call.answer<Name>(0)->name, "Romeo");
    execution->withdraw();

    const Answer again = execution->go_back();
    EXPECT_EQ(again.form->field("name")->value(), "Romeo") << "what was filled in";
    EXPECT_TRUE(again.form->field("password")->values.empty()) << "but no passwords";
    EXPECT_FALSE(again.actions->prev);
    EXPECT_EQ(execution->call.stage(), 0U);
}

TEST_F(CommandExecution, RefusesAPayloadThatDoesNotFit) {
    const auto execution = begin();
    shown(*execution);
    EXPECT_EQ(execution->answer(Action::complete, std::nullopt, why_).error(), xep::commands::bad_payload);
    const Result<void> wrong = execution->answer(Action::complete, filled_in(""), why_);
    EXPECT_EQ(wrong.error().specific.name, "bad-payload");
    EXPECT_EQ(wrong.error().text, "Name: is required");
    EXPECT_EQ(execution->call.stage(), 0U);
    EXPECT_FALSE(execution->answer(Action::complete, filled_in(std::string(Execution::most_bytes, 'x')), why_));
    dataforms::Form cancelled = filled_in("Romeo");
    cancelled.kind = dataforms::Kind::cancel;
    EXPECT_TRUE(execution->answer(Action::complete, cancelled, why_)) << "XEP-0050 \"Use of Data Forms\"";
}

TEST_F(CommandExecution, LetsARejectedValueBeFilledInAgain) {
    const auto execution = begin();
    shown(*execution);
    ASSERT_TRUE(execution->answer(Action::complete, filled_in("Romeo"), why_));
    const Result<Answer> rejected = execution->take(reject("name", "is taken"), why_);
    EXPECT_EQ(rejected.error().specific.name, "bad-payload");
    EXPECT_EQ(rejected.error().text, "Name: is taken");
    EXPECT_EQ(execution->call.stage(), 0U);
    ASSERT_TRUE(execution->answer(Action::complete, filled_in("Tybalt"), why_));
    EXPECT_EQ(execution->take(done(), why_)->status, Status::completed);
}

TEST_F(CommandExecution, EndsSomeTime) {
    const auto execution = begin();
    for (std::size_t i = 0; i < Execution::most_stages; ++i) {
        shown(*execution, Then::next);
        ASSERT_TRUE(execution->answer(Action::next, filled_in("x"), why_));
    }
    EXPECT_FALSE(execution->take(ask(dataforms::blank<Name>()), why_));
}

// "Commands Successful/Failed"
TEST_F(CommandExecution, SaysThatItHasFailed) {
    const auto execution = begin();
    const Answer answer = execution->take(failed("Nobody is there."), why_).value();
    EXPECT_EQ(answer.status, Status::completed);
    EXPECT_EQ(answer.notes.at(0).type, NoteType::error);
    EXPECT_FALSE(answer.actions);
}

TEST(CommandPermission, IsForWhoItIsFor) {
    const Jid domain = jid("example.org");
    const session::DomainSettings settings{.admins = {jid("nurse@example.org"), jid("friar@example.net")}};
    const auto may = [&](Allowed allowed, std::string_view from) {
        return may_run({.node = "n", .name = "N", .allowed = allowed, .run = nullptr}, jid(from), domain, settings);
    };
    EXPECT_TRUE(may(Allowed::everyone, "anybody@example.net"));
    EXPECT_TRUE(may(Allowed::owner, "romeo@example.org/x"));
    EXPECT_FALSE(may(Allowed::owner, "romeo@example.net/x"));
    EXPECT_FALSE(may(Allowed::owner, "example.org"));
    EXPECT_TRUE(may(Allowed::admins, "nurse@example.org/kitchen"));
    EXPECT_TRUE(may(Allowed::admins, "friar@example.net"));
    for (const std::string_view other : {"romeo@example.org/x", "nurse@example.net", "nurse@example.org.evil.net",
                                         "nurse2@example.org", "example.org", "example.org/nurse"})
        EXPECT_FALSE(may(Allowed::admins, other)) << other;
    EXPECT_FALSE(may_run({.node = "n", .name = "N", .allowed = Allowed::admins, .run = nullptr},
                         jid("nurse@example.org/x"), domain, {}));
}

}  // namespace
}  // namespace aldis::modules::commands
