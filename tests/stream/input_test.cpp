// However the bytes arrive, and whatever comes in between, the dialogue is the same.
#include "harness.h"

namespace aldis::stream::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
                         base64_encode(std::string_view{"\0user\0pencil", 12}) + "</auth>";
const std::string message =
    "<message to='juliet@example.org' id='\xc3\xa4'><body>\xf0\x9f\x8c\xb9 &amp; more</body></message>";

/// Everything from the first byte to the last, pipelined.
std::string whole_dialogue() {
    std::string all{header};
    all.append(auth).append(header).append(bind_request).append(message).append(" \n").append("<presence/>");
    return all += "</stream:stream>";
}

struct Outcome {
    std::string sent;
    std::vector<std::string> got;
    std::vector<std::string> ended;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome outcome_of(const std::vector<std::string_view>& chunks) {
    PlainHouse house;
    Talk talk{house, TlsMode::none};
    std::string sent;
    for (const std::string_view chunk : chunks) sent += talk.say(chunk);
    EXPECT_TRUE(talk.wire().closed());
    return {sent, talk.sink.got, talk.sink.ended};
}

TEST(StreamInput, MayAllComeAtOnce) {
    const std::string all = whole_dialogue();
    const Outcome outcome = outcome_of({all});
    EXPECT_THAT(outcome.sent, HasSubstr("<success "));
    EXPECT_THAT(outcome.sent, HasSubstr("<jid>user@example.org/balcony</jid>"));
    EXPECT_TRUE(outcome.sent.ends_with("</bind></iq></stream:stream>"));
    EXPECT_THAT(outcome.got, SizeIs(2));
    EXPECT_THAT(outcome.ended, ElementsAre("closed"));
}

TEST(StreamInput, MayBeSplitAtEveryByte) {
    const std::string all = whole_dialogue();
    const std::string_view view = all;
    const Outcome whole = outcome_of({view});
    for (std::size_t at = 1; at < view.size(); ++at)
        ASSERT_EQ(outcome_of({view.substr(0, at), view.substr(at)}), whole) << "split at " << at;
}

TEST(StreamInput, MayComeByteByByte) {
    const std::string all = whole_dialogue();
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < all.size(); ++i) bytes.push_back(std::string_view{all}.substr(i, 1));
    EXPECT_EQ(outcome_of(bytes), outcome_of({all}));
}

struct Bound : PlainHouse {
    Bound() {
        talk.say(header);
        talk.say(auth);
        talk.say(header);
        talk.say(bind_request);
    }
    Talk talk{*this, TlsMode::none};
};

// ---- hold and go_on ----

TEST(StreamHold, KeepsWhatWasReadUntilItGoesOn) {
    Bound house;
    house.talk.sink.on_stanza = [&] { house.talk.stream().pause(); };
    house.talk.say("<message id='1'/><message id='2'/><mess");
    EXPECT_THAT(house.talk.sink.got, SizeIs(1));
    house.talk.say("age id='3'/>");
    EXPECT_THAT(house.talk.sink.got, SizeIs(1));
    house.talk.stream().unpause();
    EXPECT_THAT(house.talk.sink.got, SizeIs(2));
    house.talk.stream().unpause();
    house.talk.heard();
    EXPECT_THAT(house.talk.sink.got, ElementsAre(HasSubstr("1"), HasSubstr("2"), HasSubstr("3")));
}

TEST(StreamHold, MayEndWithinTheSameCall) {
    Bound house;
    house.talk.sink.on_stanza = [&] {
        house.talk.stream().pause();
        house.talk.stream().unpause();
    };
    house.talk.say("<message id='1'/><message id='2'/>");
    EXPECT_THAT(house.talk.sink.got, SizeIs(2));
    EXPECT_FALSE(house.talk.wire().reading_paused());
}

TEST(StreamHold, DoesNotKeepAStreamFromEnding) {
    Bound house;
    house.talk.sink.on_stanza = [&] { house.talk.stream().pause(); };
    house.talk.say("<message id='1'/><message id='2'/>");
    house.talk.stream().end(StreamCondition::system_shutdown);
    house.talk.stream().unpause();
    EXPECT_THAT(house.talk.heard(), EndsWithError("system-shutdown"));
    EXPECT_THAT(house.talk.sink.got, SizeIs(1));
}

// ---- The end ----

TEST(StreamEnd, IsAnsweredAndNothingAfterItIsRead) {
    Bound house;
    EXPECT_EQ(house.talk.say("<message/></stream:stream><message/>"), "</stream:stream>");
    EXPECT_EQ(house.talk.say("<message/>"), "");
    EXPECT_THAT(house.talk.sink.got, SizeIs(1));
    EXPECT_THAT(house.talk.sink.ended, ElementsAre("closed"));
    EXPECT_THAT(house.desk.gone, SizeIs(1));
}

TEST(StreamEnd, ByUsIsSaidOnce) {
    Bound house;
    house.talk.stream().end();
    house.talk.stream().end(StreamCondition::conflict);
    house.talk.wire().receive("</stream:stream>");
    EXPECT_EQ(house.talk.heard(), "</stream:stream>");
    EXPECT_THAT(house.talk.sink.ended, ElementsAre("closed"));
    EXPECT_THAT(house.desk.gone, SizeIs(1));
}

TEST(StreamEnd, WithAnErrorStopsTheRestOfTheChunk) {
    Bound house;
    EXPECT_THAT(house.talk.say("<message/><!-- no --><message/>"), EndsWithError("restricted-xml"));
    EXPECT_THAT(house.talk.sink.got, SizeIs(1));
}

TEST(StreamEnd, HasAConditionForEveryFault) {
    const std::pair<const char*, const char*> cases[] = {
        {"<message></presence>", "not-well-formed"},
        {"<message>&nbsp;</message>", "restricted-xml"},
        {"<?pi?>", "restricted-xml"},
        {"text", "bad-format"},
        {"<message id='\xff'/>", "not-well-formed"},
        {"<x:message/>", "not-well-formed"},
    };
    for (const auto& [bytes, condition] : cases) {
        Bound house;
        EXPECT_THAT(house.talk.say(bytes), EndsWithError(condition)) << bytes;
    }
}

TEST(StreamEnd, OfTheConnectionIsTheEndOfTheStream) {
    const std::pair<net::Closed, const char*> cases[] = {{net::Closed::by_peer, "closed by peer"},
                                                         {net::Closed::broken, "connection lost"}};
    for (const auto& [why, text] : cases) {
        Bound house;
        house.talk.wire().receive_end(why);
        EXPECT_EQ(house.talk.heard(), "");
        EXPECT_THAT(house.talk.sink.ended, ElementsAre(text));
        EXPECT_THAT(house.desk.gone, SizeIs(1));
    }
}

TEST(StreamEnd, ComesToWhoeverReadsTooSlowly) {
    Bound house;
    house.talk.wire().limit_queue(1000);
    house.talk.stream().send(std::string(1001, ' '));
    house.talk.heard();
    EXPECT_THAT(house.talk.sink.ended, ElementsAre("too slow"));
}

TEST(StreamEnd, OfADetachedStreamIsForItsOwner) {
    Bound house;
    house.talk.stream().detach();
    house.talk.say("<message/></stream:stream>");
    EXPECT_THAT(house.talk.sink.got, SizeIs(0));
    EXPECT_THAT(house.talk.sink.ended, SizeIs(0));
    EXPECT_THAT(house.desk.gone, ElementsAre(&house.talk.stream()));
}

// ---- Limits ----

struct Limited : PlainHouse {
    Limited() {
        limits.before_auth.stanza_bytes = 512;
        limits.after_auth.stanza_bytes = 2048;
    }
};

std::string message_of(std::size_t size) { return "<message><body>" + std::string(size, 'x') + "</body></message>"; }

TEST(StreamLimits, AreTightBeforeLogin) {
    Limited house;
    Talk talk{house, TlsMode::none};
    talk.say(header);
    EXPECT_THAT(talk.say(message_of(600)), EndsWithError("policy-violation"));
}

TEST(StreamLimits, BoundTheHeaderToo) {
    Limited house;
    Talk talk{house, TlsMode::none};
    EXPECT_THAT(talk.say(std::string{header}.insert(header.size() - 1, " x='" + std::string(600, 'x') + "'")),
                EndsWithError("policy-violation"));
}

TEST(StreamLimits, AreWiderAfterIt) {
    Limited house;
    Talk talk{house, TlsMode::none};
    talk.say(header);
    talk.say(auth);
    talk.say(header);
    talk.say(bind_request);
    talk.say(message_of(1900));
    EXPECT_THAT(talk.sink.got, SizeIs(1));
    EXPECT_THAT(talk.say(message_of(2100)), EndsWithError("policy-violation"));
    EXPECT_THAT(talk.sink.got, SizeIs(1));
}

TEST(StreamLimits, ReachTheTransport) {
    House house;
    house.limits.bytes_per_second = 4321;
    Talk talk{house, TlsMode::required};
    EXPECT_EQ(talk.wire().rate_limit(), 4321u);
}

// ---- Two shards ----

TEST(StreamMove, GoesOnWhereItWasOnAnotherShard) {
    PlainHouse here;
    PlainHouse there;
    Talk talk{here, TlsMode::none};
    here.desk.on_enter = [&](ClientStream& stream, const Jid& account, Entry&) {
        stream.transport().leave_shard();
        here.shard.send_to(there.shard, [&, full = *account.with_resource("balcony")] {
            stream.move(there.place, there.desk);
            stream.transport().join_shard(there.shard);
            Desk::take(stream, full, talk.sink);
        });
    };
    std::string dialogue{header};
    dialogue.append(auth).append(header).append(bind_request).append(message).append(message.substr(0, 20));
    talk.say(dialogue);
    EXPECT_TRUE(talk.wire().reading_paused());
    EXPECT_THAT(talk.sink.got, SizeIs(0));
    here.parsers.reset();  // nothing of the old shard is held

    there.shard.poll();
    EXPECT_THAT(talk.heard(), HasSubstr("<jid>user@example.org/balcony</jid>"));
    EXPECT_EQ(talk.wire().shard(), &there.shard);
    talk.say(message.substr(20));
    EXPECT_THAT(talk.sink.got, ElementsAre(HasSubstr("more"), HasSubstr("more")));
    EXPECT_EQ(talk.say("</stream:stream>"), "</stream:stream>");
}

}  // namespace
}  // namespace aldis::stream::test
