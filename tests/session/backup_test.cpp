// XEP-0198 with XEP-0160: a message that is in no archive is on disk until somebody has acknowledged it.
#include "device.h"

namespace aldis::session::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using std::chrono::seconds;

std::string fleeting(std::string_view to, std::string_view id) {
    return "<message type='chat' to='" + std::string{to} + "' id='" + std::string{id} +
           "'><body>hi</body><no-permanent-store xmlns='urn:xmpp:hints'/></message>";
}

class BackupTest : public ::testing::Test {
protected:
    BackupTest() {
        for (const char* const name : {"juliet", "romeo"}) world->add_account(name);
        romeo = std::make_unique<Device>(*world, "romeo", "desk");
        romeo->comes_available(1);
    }
    Device device(std::string_view resource) { return {*world, "juliet", resource}; }
    std::uint64_t stored() {
        world->settle();
        std::uint64_t count = 0;
        world->stores().database.write_now(
            [&](db::Connection& connection) { count = db::Offline::count(connection, bare, 100); });
        return count;
    }
    /// The process ends, with or without having been asked to.
    void restart(bool orderly) {
        romeo.reset();
        auto folder = orderly ? world->stop() : world->folder();
        world.reset();
        world = std::make_unique<World>(2, Limits{}, folder);
        world->restore_sessions();
    }

    const std::string bare = "juliet@example.org";
    std::unique_ptr<World> world = std::make_unique<World>(2);
    std::unique_ptr<Device> romeo;
};

TEST_F(BackupTest, GoesWhenItIsAcknowledged) {
    Device phone = device("phone").comes_available();
    romeo->says(fleeting(bare, "m1"));
    EXPECT_THAT(ids_in(phone.hears()), ElementsAre("m1"));
    EXPECT_EQ(stored(), 1u);
    phone.acknowledges(phone.session()->management()->unacknowledged.sent());
    EXPECT_EQ(stored(), 0u);
}

TEST_F(BackupTest, IsNotMadeOfWhatIsInTheArchive) {
    Device phone = device("phone").comes_available();
    romeo->says(message_to(bare, "m1"));
    EXPECT_THAT(ids_in(phone.hears()), ElementsAre("m1"));
    EXPECT_EQ(stored(), 0u);
}

TEST_F(BackupTest, IsNotMadeForThoseWhoAcknowledgeNothing) {
    Device phone = device("phone");
    phone.connects().binds();
    phone.says("<presence/>");
    romeo->says(fleeting(bare, "m1"));
    EXPECT_THAT(ids_in(phone.hears()), ElementsAre("m1"));
    EXPECT_EQ(stored(), 0u);
}

TEST_F(BackupTest, GoesWhenOneOfTwoHasAcknowledgedIt) {
    Device phone = device("phone").comes_available();
    Device tablet = device("tablet").comes_available();
    romeo->says(fleeting(bare, "m1"));
    EXPECT_EQ(stored(), 1u);
    tablet.acknowledges(tablet.session()->management()->unacknowledged.sent());
    EXPECT_EQ(stored(), 0u);
    phone.cut();
    world->wait(seconds{1'000});
    EXPECT_EQ(stored(), 0u);
}

TEST_F(BackupTest, IsNotSentToWhoComesLaterAsWell) {
    Device phone = device("phone").comes_available();
    romeo->says(fleeting(bare, "m1"));
    Device tablet = device("tablet");
    tablet.comes();
    EXPECT_THAT(ids_in(tablet.says("<presence/>")), IsEmpty());
    EXPECT_EQ(stored(), 1u);
}

TEST_F(BackupTest, WaitsWhenItsReceiverIsGivenUp) {
    Device phone = device("phone").comes_available();
    phone.cut();
    romeo->says(fleeting(bare, "m1"));
    romeo->says(fleeting(bare, "m2"));
    EXPECT_EQ(stored(), 2u);
    world->wait(seconds{1'000});
    EXPECT_EQ(stored(), 2u);
    Device tablet = device("tablet");
    tablet.connects().binds();
    EXPECT_THAT(ids_in(tablet.says("<presence/>")), ElementsAre("m1", "m2"));
    EXPECT_EQ(stored(), 0u);
}

TEST_F(BackupTest, GoesOnToAnotherDevice) {
    Device phone = device("phone").comes_available();
    romeo->says(fleeting(bare + "/phone", "m1"));
    Device tablet = device("tablet").comes_available();
    phone.cut();
    world->wait(seconds{1'000});
    EXPECT_THAT(ids_in(tablet.hears()), ElementsAre("m1"));
    EXPECT_EQ(stored(), 1u);
    tablet.acknowledges(tablet.session()->management()->unacknowledged.sent());
    EXPECT_EQ(stored(), 0u);
}

TEST_F(BackupTest, IsFoundAfterACrash) {
    Device phone = device("phone").comes_available();
    phone.cut();
    romeo->says(fleeting(bare, "m1"));
    romeo->says(fleeting(bare, "m2"));
    restart(false);
    Device next = device("phone");
    next.comes();
    EXPECT_THAT(ids_in(next.says("<presence/>")), ElementsAre("m1", "m2"));
}

TEST_F(BackupTest, IsResumedAfterARestartAndFoundAfterACrash) {
    Device phone = device("phone").comes_available();
    phone.cut();
    romeo->says(fleeting(bare, "m1"));
    const std::string id = phone.id();
    restart(true);
    EXPECT_EQ(stored(), 1u);
    restart(false);
    EXPECT_EQ(stored(), 1u);
    Device next = device("phone");
    next.comes();
    EXPECT_THAT(ids_in(next.says("<presence/>")), ElementsAre("m1"));
}

TEST_F(BackupTest, GoesWhenItIsAcknowledgedAfterARestart) {
    Device phone = device("phone").comes_available();
    const std::uint32_t before = phone.session()->management()->unacknowledged.sent();
    phone.cut();
    romeo->says(fleeting(bare, "m1"));
    const std::string id = phone.id();
    restart(true);
    Device again = device("phone");
    again.set_id(id);
    EXPECT_THAT(ids_in(again.resumes(before)), ElementsAre("m1"));
    again.acknowledges(before + 1);
    EXPECT_EQ(stored(), 0u);
}

TEST_F(BackupTest, IsNotMadeWhenNothingCouldBeStored) {
    Device phone = device("phone").comes_available();
    world->disk.full = true;
    const std::string heard = romeo->says(fleeting(bare, "m1"));
    EXPECT_THAT(heard, ::testing::HasSubstr("internal-server-error"));
    world->disk.full = false;
    EXPECT_THAT(ids_in(phone.hears()), IsEmpty());
    EXPECT_EQ(stored(), 0u);
}

}  // namespace
}  // namespace aldis::session::test
