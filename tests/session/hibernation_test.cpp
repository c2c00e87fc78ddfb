// XEP-0198: sessions that outlive an orderly restart of the server, as bytes.
#include "session/hibernation.h"

#include <random>

#include "device.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HibernationTest : public ManagedTest {
protected:
    HibernationTest() {
        balcony.comes_available();
        balcony.says("<presence to='" + romeo.jid() +
                     "'/><iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>");
        garden.comes_available();
        garden.acknowledges(garden.session()->management()->unacknowledged.sent());
        balcony.cut();
        romeo.says(message_to(balcony.jid(), "m1"));
        romeo.says(message_to(balcony.bare(), "m2"));
        state = frozen(*balcony.session());
    }
    [[nodiscard]] std::string frozen(Session& session) const {
        Hibernation::Numbers numbers;
        return Hibernation::freeze(session, until, numbers);
    }
    [[nodiscard]] Account& account() { return balcony.session()->account(); }
    /// As another resource of the same account.
    std::optional<Timestamp> thaw(std::string_view bytes, Session*& session) {
        session = &account().bind(*account().jid().with_resource("thawed" + std::to_string(++made_)));
        Hibernation::Deliveries deliveries;
        return Hibernation::thaw(*session, bytes, deliveries);
    }
    /// Whatever it was, the session can go as every session does.
    void thaw_and_leave(std::string_view bytes) {
        Session* session = nullptr;
        (void)thaw(bytes, session);
        account().leave(*session);
        world.settle();
    }

    const Timestamp until{std::chrono::hours{1}};
    std::string state;
    int made_ = 0;
};
ON_ONE_SHARD_AND_TWO(HibernationTest);

TEST_P(HibernationTest, KeepsEverything) {
    Session* session = nullptr;
    const auto found = thaw(state, session);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, until);
    const Session& old = *balcony.session();
    EXPECT_EQ(session->management()->id, old.management()->id);
    EXPECT_EQ(session->management()->patience, old.management()->patience);
    EXPECT_EQ(session->management()->h(session->handled()), old.management()->h(old.handled()));
    EXPECT_EQ(session->management()->unacknowledged.sent(), old.management()->unacknowledged.sent());
    EXPECT_EQ(session->management()->unacknowledged.bytes(), old.management()->unacknowledged.bytes());
    EXPECT_EQ(*session->presence(), *old.presence());
    EXPECT_EQ(session->priority(), old.priority());
    EXPECT_TRUE(session->interested());
    EXPECT_TRUE(session->has_told(*Jid::parse(romeo.jid())));
    EXPECT_EQ(frozen(*session), state);
}

TEST_P(HibernationTest, TellsWhatIsCutShort) {
    for (std::size_t size = 0; size < state.size(); ++size) {
        Session* session = nullptr;
        EXPECT_FALSE(thaw(std::string_view{state}.substr(0, size), session)) << size << " of " << state.size();
        account().leave(*session);
    }
    world.settle();
    EXPECT_THAT(ids_in(romeo.hears()), IsEmpty());
}

TEST_P(HibernationTest, SurvivesGarbage) {
    std::mt19937 random{11};
    for (int i = 0; i < 100; ++i) {
        std::string bytes = state;
        for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        thaw_and_leave(bytes);
        std::string noise(random() % 200, '\0');
        for (char& c : noise) c = static_cast<char>(random());
        thaw_and_leave(noise);
        thaw_and_leave(state.substr(0, 8) + noise);
    }
}

TEST_P(HibernationTest, WaitsForNoLongerThanTheClientWasTold) {
    const Jid jid = account().jid();
    garden.says("</stream:stream>");
    for (const std::int64_t late : {std::int64_t{0}, std::int64_t{1} << 62, -(std::int64_t{1} << 62)}) {
        std::string bytes = state;
        std::memcpy(bytes.data() + 8, &late, 8);  // until
        world.home_of(capulet).restore_sessions(
            jid, {{.owner = balcony.bare(), .resource = "later" + std::to_string(late), .state = bytes}});
        world.settle();
        world.wait(std::chrono::minutes{10} + std::chrono::seconds{1});
        EXPECT_EQ(world.home_of(capulet).counters().away.value(), 0) << late;
    }
}

// ---- Over a restart ----

class RestartTest : public ::testing::Test {
protected:
    RestartTest() {
        for (const char* const name : {"juliet", "romeo", "nurse"}) world->add_account(name);
    }
    void restart(std::chrono::milliseconds later = std::chrono::seconds{1}) {
        const Timestamp now = world->clock.now();
        auto folder = world->stop();
        world.reset();
        world = std::make_unique<World>(2, Limits{}, folder);
        world->clock.advance(std::chrono::duration_cast<std::chrono::milliseconds>(now - Timestamp{}) + later);
        world->restore_sessions();
    }
    Device device(const std::string& name, const std::string& resource) { return {*world, name, resource}; }
    Device again(const Device& old, const std::string& name, const std::string& resource) {
        Device now{*world, name, resource};
        now.set_id(old.id());
        return now;
    }

    std::unique_ptr<World> world = std::make_unique<World>(2);
};

TEST_F(RestartTest, KeepsSessionsOfSeveralDevices) {
    Device phone = device("juliet", "phone").comes_available();
    Device tablet = device("juliet", "tablet").comes_available();
    Device sender = device("romeo", "desk").comes_available();
    phone.cut();
    sender.says(message_to("juliet@example.org", "m1"));
    sender.says(message_to("juliet@example.org/phone", "m2"));
    EXPECT_THAT(ids_in(tablet.hears()), ElementsAre("m1"));
    restart();
    Device writer{*world, "nurse", "hall"};
    writer.comes_available();
    writer.says(message_to("juliet@example.org", "m3"));
    Device phone_again = again(phone, "juliet", "phone");
    Device tablet_again = again(tablet, "juliet", "tablet");
    Device sender_again = again(sender, "romeo", "desk");
    EXPECT_THAT(ids_in(phone_again.resumes(0, 1)), ElementsAre("m1", "m2", "m3"));
    EXPECT_THAT(ids_in(tablet_again.resumes(0)), ElementsAre("m1", "m3"));
    EXPECT_THAT(sender_again.resumes(0), HasSubstr("h='3'/>"));
    EXPECT_THAT(sender_again.is_told(), testing::Optional(3));
    // Only once.
    restart();
    Device third = again(phone, "juliet", "phone");
    EXPECT_THAT(third.resumes(0), HasSubstr("<resumed "));
}

TEST_F(RestartTest, RescuesWhatNobodyCameBackFor) {
    Device phone = device("juliet", "phone").comes_available();
    Device tablet = device("juliet", "tablet").comes_available();
    Device sender = device("romeo", "desk").comes_available();
    phone.cut();
    tablet.cut();
    sender.says(message_to("juliet@example.org", "m1"));
    sender.says(message_to("juliet@example.org/phone", "m2"));
    restart(std::chrono::hours{1});
    world->wait(std::chrono::seconds{1});
    Device next{*world, "juliet", "desk"};
    next.comes();
    EXPECT_THAT(ids_in(next.says("<presence/>")), ElementsAre("m1", "m2"));
    EXPECT_EQ(world->home_of("juliet").counters().away.value(), 0);
}

TEST_F(RestartTest, KnowsThatAnotherDeviceHasAcknowledgedIt) {
    Device phone = device("juliet", "phone").comes_available();
    Device tablet = device("juliet", "tablet").comes_available();
    Device sender = device("romeo", "desk").comes_available();
    phone.cut();
    sender.says(message_to("juliet@example.org", "m1"));
    tablet.acknowledges(tablet.session()->management()->unacknowledged.sent());
    restart();
    world->wait(std::chrono::hours{1});
    Device next{*world, "juliet", "desk"};
    next.comes();
    EXPECT_THAT(ids_in(next.says("<presence/>")), IsEmpty());
}

TEST_F(RestartTest, KeepsWhatIsOnItsWayToTheDisk) {
    Device phone = device("juliet", "phone").comes_available();
    Device sender = device("romeo", "desk").comes_available();
    phone.cut();
    world->writes = false;
    sender.writes_to("juliet@example.org", "m1");
    world->writes = true;
    restart();
    EXPECT_THAT(again(sender, "romeo", "desk").resumes(0), HasSubstr("h='2'/>"));
    EXPECT_THAT(ids_in(again(phone, "juliet", "phone").resumes(0)), ElementsAre("m1"));
}

TEST_F(RestartTest, IgnoresAnAccountThatHasGone) {
    Device phone = device("juliet", "phone").comes_available();
    auto folder = world->stop();
    world.reset();
    world = std::make_unique<World>(1, Limits{}, folder);
    db::ResumableSession saved{.owner = "mercutio@example.org", .resource = "phone", .state = "?"};
    world->home_of("mercutio").restore_sessions(*Jid::parse("mercutio@example.org"), {saved});
    world->settle();
    EXPECT_EQ(world->home_of("mercutio").counters().away.value(), 0);
}

TEST_F(RestartTest, MayHappenWithHundredsOfSessions) {
    std::vector<Device> devices;
    for (int i = 0; i < 40; ++i) {
        const std::string name = "guest" + std::to_string(i);
        world->add_account(name);
        for (const char* const resource : {"a", "b", "c"}) {
            devices.push_back(device(name, resource));
            devices.back().comes_available(static_cast<unsigned>(i) % 2);
        }
    }
    Device sender = device("romeo", "desk").comes_available();
    for (int i = 0; i < 40; ++i) sender.writes_to("guest" + std::to_string(i) + "@example.org", "m1");
    restart();
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const std::string name = "guest" + std::to_string(i / 3);
        Device now = again(devices[i], name, std::string(1, "abc"[i % 3]));
        EXPECT_THAT(ids_in(now.resumes(0, static_cast<unsigned>(i) % 2)), ElementsAre("m1")) << i;
    }
}

}  // namespace
}  // namespace aldis::session::test
