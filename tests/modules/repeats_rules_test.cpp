#include "modules/repeats_rules.h"

#include <gtest/gtest.h>

#include "read.h"

namespace aldis::modules::repeats {
namespace {

std::optional<Fingerprint> of(std::string_view text) { return fingerprint_of(message_of(text)); }

constexpr Timestamp now{std::chrono::hours{400'000}};
constexpr const char* first =
    "<message to='juliet@localhost' from='romeo@localhost/a' id='m1'><body>once</body>"
    "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>";

Sent sent_first() {
    Sent sent;
    sent.add(*of(first), now);
    return sent;
}

TEST(Repeats, AreRecognisedByOriginIdFromWhereverTheyAreSent) {
    EXPECT_FALSE(Sent{}.has(*of(first), now));
    EXPECT_TRUE(sent_first().has(*of("<message to='juliet@localhost/balcony' from='romeo@localhost/b' id='m2'>"
                                     "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/><body>once</body>"
                                     "<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/></message>"),
                                 now));
}

TEST(Repeats, AreRecognisedByWhatTheArchiveKeeps) {
    const Fingerprint fingerprint = *of(first);
    EXPECT_LE(fingerprint.message, db::ArchiveEntry::largest_mark);
    EXPECT_EQ(fingerprint_of(db::SentMessage{
                  .id = {}, .with = "juliet@localhost", .dedup_key = "m1", .mark = fingerprint.message}),
              fingerprint);
}

TEST(Repeats, AreToTheSameRecipientWithTheSameKey) {
    const Sent sent = sent_first();
    EXPECT_FALSE(sent.has(*of("<message to='nurse@localhost' id='m1'><body>once</body>"
                              "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>"),
                          now));
    EXPECT_FALSE(sent.has(*of("<message to='juliet@localhost' id='m1'><body>once</body>"
                              "<origin-id xmlns='urn:xmpp:sid:0' id='o2'/></message>"),
                          now));
    EXPECT_FALSE(sent.has(*of("<message to='juliet@localhost' id='m1'><body>once</body></message>"), now));
}

TEST(Repeats, WithAShortIdSayTheSame) {
    EXPECT_EQ(of("<message to='a@b' id='1'><body>x</body></message>"),
              of("<message to='a@b' id='1'><body>x</body><thread/></message>"));
    EXPECT_NE(of("<message to='a@b' id='1'><body>x</body></message>"),
              of("<message to='a@b' id='1'><body>y</body></message>"));
    EXPECT_NE(of("<message to='a@b' id='1'><body>x</body></message>")->message,
              of("<message to='a@b' id='2'><body>x</body></message>")->message);
}

TEST(Repeats, OfWhatIsEncryptedAgainAreRecognisedByALongOriginId) {
    EXPECT_EQ(of("<message to='a@b' id='1'><body>x</body>"
                 "<origin-id xmlns='urn:xmpp:sid:0' id='de305d54-75b4-431b-adb2'/></message>"),
              of("<message to='a@b' id='1'><body>y</body>"
                 "<origin-id xmlns='urn:xmpp:sid:0' id='de305d54-75b4-431b-adb2'/></message>"));
}

TEST(Repeats, HaveAnOriginIdOrAnIdAndABody) {
    EXPECT_TRUE(of("<message to='a@b' id='12'><body>hi</body></message>"));
    EXPECT_TRUE(of("<message to='a@b'><origin-id xmlns='urn:xmpp:sid:0' id='1'/></message>"));
    EXPECT_FALSE(of("<message to='a@b' id='de305d54-75b4-431b-adb2'/>"));
    EXPECT_FALSE(of("<message to='a@b'><body>hi</body></message>"));
    EXPECT_FALSE(of("<message to='a@b' id='12'><origin-id xmlns='urn:xmpp:sid:0'/></message>"));
}

TEST(Repeats, OfWhatWasRefusedAreNone) {
    Sent sent = sent_first();
    sent.forget(refused_id(message_of("<message type='error' from='juliet@localhost' id='other'/>")));
    EXPECT_TRUE(sent.has(*of(first), now));
    sent.forget(refused_id(message_of("<message type='error' from='juliet@localhost' id='m1'/>")));
    EXPECT_FALSE(sent.has(*of(first), now));
}

TEST(Repeats, AreForgottenAfterAThousandOthers) {
    Sent sent = sent_first();
    for (std::uint32_t i = 1; i < Sent::most; ++i) sent.add({.message = i, .id = i}, now);
    EXPECT_TRUE(sent.has(*of(first), now));
    sent.add({.message = 0xFFFF, .id = 0}, now);
    EXPECT_FALSE(sent.has(*of(first), now));
    for (std::uint32_t i = 0; i < 5 * Sent::most; ++i) {
        sent.add({.message = 0x10000 + i, .id = i}, now);
        ASSERT_TRUE(sent.has({.message = 0x10000 + i}, now));
    }
    EXPECT_TRUE(sent.has({.message = 0x10000 + 4 * Sent::most}, now));
    EXPECT_FALSE(sent.has({.message = 0x10000 + 4 * Sent::most - 1}, now));
}

TEST(Repeats, AreForgottenAfterAnHour) {
    Sent sent = sent_first();
    EXPECT_TRUE(sent.has(*of(first), now + Sent::lasting));
    EXPECT_FALSE(sent.has(*of(first), now + Sent::lasting + std::chrono::seconds{1}));
    sent.add(*of(first), now + 2 * Sent::lasting);
    EXPECT_TRUE(sent.has(*of(first), now + 2 * Sent::lasting));
    sent.expire(now + 4 * Sent::lasting);
    EXPECT_TRUE(sent.empty());
}

TEST(Repeats, AreRecognisedThoughTheClockWentBack) {
    EXPECT_TRUE(sent_first().has(*of(first), now - std::chrono::hours{5}));
}

}  // namespace
}  // namespace aldis::modules::repeats
