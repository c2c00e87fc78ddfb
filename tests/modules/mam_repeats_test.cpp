#include "modules/mam/repeats.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::mam {
namespace {

std::optional<Fingerprint> of(std::string_view text) { return fingerprint_of(message_of(text)); }

constexpr const char* first =
    "<message to='juliet@localhost' from='romeo@localhost/a' id='m1'><body>once</body>"
    "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>";

TEST(MamRepeats, AreRecognisedByOriginIdFromWhereverTheyAreSent) {
    Sent sent;
    EXPECT_FALSE(sent.has(*of(first)));
    sent.add(*of(first));
    EXPECT_TRUE(
        sent.has(*of("<message to='juliet@localhost/balcony' from='romeo@localhost/b' id='m2'>"
                     "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/><body>once</body>"
                     "<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/></message>")));
}

TEST(MamRepeats, AreToTheSameRecipientAndSayTheSame) {
    Sent sent;
    sent.add(*of(first));
    EXPECT_FALSE(
        sent.has(*of("<message to='nurse@localhost' id='m1'><body>once</body>"
                     "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>")));
    EXPECT_FALSE(
        sent.has(*of("<message to='juliet@localhost' id='m1'><body>twice</body>"
                     "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>")));
    EXPECT_FALSE(
        sent.has(*of("<message to='juliet@localhost' id='m1'><body>once</body>"
                     "<origin-id xmlns='urn:xmpp:sid:0' id='o2'/></message>")));
}

TEST(MamRepeats, AreRecognisedByIdOnlyIfItLooksUnique) {
    EXPECT_FALSE(of("<message to='juliet@localhost' id='12'><body>hi</body></message>"));
    EXPECT_FALSE(of("<message to='juliet@localhost'><body>hi</body></message>"));
    EXPECT_TRUE(of("<message to='juliet@localhost' id='de305d54-75b4-431b-adb2'><body>hi</body></message>"));
    EXPECT_TRUE(
        of("<message to='juliet@localhost' id='1'><body>hi</body>"
           "<origin-id xmlns='urn:xmpp:sid:0' id='1'/></message>"));
}

TEST(MamRepeats, OfWhatWasRefusedAreNone) {
    Sent sent;
    sent.add(*of(first));
    sent.forget(refused_id(message_of("<message type='error' from='juliet@localhost' id='other'/>")));
    EXPECT_TRUE(sent.has(*of(first)));
    sent.forget(refused_id(message_of("<message type='error' from='juliet@localhost' id='m1'/>")));
    EXPECT_FALSE(sent.has(*of(first)));
}

TEST(MamRepeats, AreForgottenInTime) {
    Sent sent;
    sent.add(*of(first));
    for (std::size_t i = 0; i < Sent::size; ++i) sent.add({.message = i + 1, .id = i + 1});
    EXPECT_FALSE(sent.has(*of(first)));
}

}  // namespace
}  // namespace aldis::modules::mam
