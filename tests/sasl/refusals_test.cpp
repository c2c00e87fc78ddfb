#include <gtest/gtest.h>

#include "base/base64.h"
#include "client.h"
#include "sasl/server.h"

namespace aldis::sasl {
namespace {

using test::challenge_of;
using test::Client;
using test::condition_of;
using test::terms_for;

/// A server that has sent its challenge, and the client's right answer to it, to be spoilt.
class ScramRefusals : public testing::Test {
protected:
    void SetUp() override {
        (void)server_.start(client_.first());
        answer_ = client_.final(challenge_of(server_.provide(test::pencil())));
    }

    void replace(std::string_view what, std::string_view by) {
        const std::size_t at = answer_.find(what);
        ASSERT_NE(at, std::string::npos);
        answer_.replace(at, what.size(), by);
    }

    SystemRandom random_;
    Server server_{terms_for(Mechanism::scram_sha256), random_};
    Client client_;
    std::string answer_;
};

TEST_F(ScramRefusals, NothingIsWrongWithTheAnswerItself) {
    EXPECT_TRUE(std::holds_alternative<Success>(server_.respond(answer_)));
}

TEST_F(ScramRefusals, AnotherGs2Header) {
    replace("c=biws", "c=" + base64_encode("y,,"));
    EXPECT_EQ(condition_of(server_.respond(answer_)), Failure::not_authorized);
}

TEST_F(ScramRefusals, BytesBehindTheGs2Header) {
    replace("c=biws", "c=" + base64_encode("n,,x"));
    EXPECT_EQ(condition_of(server_.respond(answer_)), Failure::not_authorized);
}

TEST_F(ScramRefusals, AnAuthzidSlippedIn) {
    replace("c=biws", "c=" + base64_encode("n,a=romeo,"));
    EXPECT_EQ(condition_of(server_.respond(answer_)), Failure::not_authorized);
}

TEST_F(ScramRefusals, AnotherNonce) {
    replace("r=client", "r=Client");
    EXPECT_EQ(condition_of(server_.respond(answer_)), Failure::not_authorized);
}

TEST_F(ScramRefusals, OnlyTheClientsPartOfTheNonce) {
    const std::size_t at = answer_.find("r=client-nonce") + 14;
    answer_.erase(at, answer_.find(",p=") - at);
    EXPECT_EQ(condition_of(server_.respond(answer_)), Failure::not_authorized);
}

TEST_F(ScramRefusals, AProofOfTheWrongSize) {
    answer_.replace(answer_.find(",p="), std::string::npos, ",p=" + base64_encode("short"));
    EXPECT_EQ(condition_of(server_.respond(answer_)), Failure::not_authorized);
}

TEST_F(ScramRefusals, AnEmptyProof) {
    answer_.erase(answer_.find(",p=") + 3);
    EXPECT_EQ(condition_of(server_.respond(answer_)), Failure::not_authorized);
}

TEST_F(ScramRefusals, AnExtensionThatWasNotSigned) {
    replace(",p=", ",x=y,p=");
    EXPECT_EQ(condition_of(server_.respond(answer_)), Failure::not_authorized);
}

TEST_F(ScramRefusals, EveryByteChanged) {
    for (std::size_t at = 0; at < answer_.size(); ++at) {
        SystemRandom random;
        Server server{terms_for(Mechanism::scram_sha256), random};
        (void)server.start(client_.first());
        std::string answer = client_.final(challenge_of(server.provide(test::pencil())));
        answer[at] = static_cast<char>(answer[at] ^ 1);
        EXPECT_TRUE(std::holds_alternative<Refusal>(server.respond(answer))) << answer;
    }
}

TEST_F(ScramRefusals, AMessageAfterTheEnd) {
    (void)server_.respond(answer_);
    EXPECT_EQ(condition_of(server_.respond(answer_)), Failure::malformed_request);
    EXPECT_EQ(condition_of(server_.start(client_.first())), Failure::malformed_request);
    EXPECT_EQ(condition_of(server_.provide(test::pencil())), Failure::malformed_request);
}

TEST_F(ScramRefusals, ASecondTryInTheSameExchange) {
    std::string wrong = answer_;
    wrong[wrong.size() - 5] = wrong[wrong.size() - 5] == 'A' ? 'B' : 'A';
    EXPECT_EQ(condition_of(server_.respond(wrong)), Failure::not_authorized);
    EXPECT_EQ(condition_of(server_.respond(answer_)), Failure::malformed_request);
}

TEST(ServerRefusals, AnythingOutOfTurn) {
    SystemRandom random;
    Server early{terms_for(Mechanism::scram_sha256), random};
    EXPECT_EQ(condition_of(early.respond("n,,n=user,r=nonce")), Failure::malformed_request);
    EXPECT_EQ(condition_of(early.start("n,,n=user,r=nonce")), Failure::malformed_request);
    Server hasty{terms_for(Mechanism::scram_sha256), random};
    (void)hasty.start("n,,n=user,r=nonce");
    EXPECT_EQ(condition_of(hasty.respond("c=biws,r=nonce,p=AAAA")), Failure::malformed_request);
    Server unasked{terms_for(Mechanism::plain), random};
    EXPECT_EQ(condition_of(unasked.provide(test::pencil())), Failure::malformed_request);
}

TEST(ServerRefusals, AMechanismThatWasNotOffered) {
    SystemRandom random;
    for (const Mechanism mechanism : all_mechanisms) {
        Terms terms = terms_for(mechanism);
        terms.offer = {.encrypted = true};
        Server server{terms, random};
        EXPECT_EQ(condition_of(server.start(std::nullopt)), Failure::invalid_mechanism);
    }
}

TEST(ServerRefusals, PlainWithoutTls) {
    SystemRandom random;
    Terms terms = terms_for(Mechanism::plain);
    terms.offer = offer({});
    Server server{terms, random};
    EXPECT_EQ(condition_of(server.start(std::string_view{"\0user\0pencil", 12})), Failure::encryption_required);
}

TEST(ServerRefusals, AnEmptyFirstMessage) {
    SystemRandom random;
    for (const Mechanism mechanism : all_mechanisms) {
        if (!proves_password(mechanism)) continue;
        Server server{terms_for(mechanism), random};
        EXPECT_EQ(condition_of(server.start("")), Failure::malformed_request);
    }
}

}  // namespace
}  // namespace aldis::sasl
