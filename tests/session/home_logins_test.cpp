// Logging in, with a real store: who is known, which tokens are good, and what of it is on disk. XEP-0484, XEP-0480,
// XEP-0178, XEP-0175.
#include "world.h"

namespace aldis::session::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view client_id = "d4565fa7-4d72-4749-b3d3-740edbf87770";
constexpr std::string_view jid = "romeo@example.org";
const std::string header_from =
    std::string{stream::test::header.substr(0, stream::test::header.size() - 1)} + " from='romeo@example.org'>";
const std::string user_agent =
    "<user-agent id='" + std::string{client_id} + "'><software>AwesomeXMPP</software></user-agent>";
const std::string request = "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/>";

std::string success(std::string_view identity) {
    return "<authorization-identifier>" + std::string{identity} + "</authorization-identifier>";
}

std::string token_in(const std::string& answer) {
    const std::size_t at = answer.find(" token='");
    return at == std::string::npos ? "" : answer.substr(at + 8, answer.find('\'', at + 8) - at - 8);
}

struct Logins : ::testing::Test {
    Logins() { world.add_account("romeo"); }

    std::string log_in(std::string_view mechanism, std::string_view response, const std::string& inside,
                       const tls::Info& info = {.version = "TLSv1.3"}) {
        const auto end = world.connect_secured(info);
        end->receive(header_from + "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='" + std::string{mechanism} +
                     "'><initial-response>" + base64_encode(response) + "</initial-response>" + inside +
                     "</authenticate>");
        world.settle();
        const std::string answer = end->take_sent();
        end->receive("</stream:stream>");
        world.settle();
        return answer.substr(answer.find("</stream:features>") + 18);
    }
    std::string by_password(const std::string& inside) {
        return log_in("PLAIN", std::string_view{"\0romeo\0pencil", 13}, user_agent + inside);
    }
    std::string by_token(std::string_view token, const std::string& fast = "<fast xmlns='urn:xmpp:fast:0'/>") {
        std::string proof{"romeo"};
        proof.append(1, '\0').append(sasl::hmac(sasl::Hash::sha256, token, "Initiator").view());
        return log_in("HT-SHA-256-NONE", proof, user_agent + fast);
    }
    template <class Use>
    void on_disk(Use&& use) {
        world.stores().database.write_now(std::forward<Use>(use));
    }

    World world;
};

TEST_F(Logins, AreWrittenDown) {
    EXPECT_THAT(by_password({}), HasSubstr(success(jid)));
    on_disk([](db::Connection& connection) {
        const std::optional<db::Client> client = db::Clients::find(connection, jid, client_id);
        ASSERT_TRUE(client);
        EXPECT_EQ(client->software, "AwesomeXMPP");
        EXPECT_EQ(client->address, "192.0.2.1");
        EXPECT_EQ(client->mechanism, "PLAIN");
        EXPECT_TRUE(client->password);
        EXPECT_FALSE(client->token_expires);
    });
}

TEST_F(Logins, AreNotWrittenDownWhereTheyFail) {
    EXPECT_THAT(log_in("PLAIN", std::string_view{"\0romeo\0wrong", 12}, user_agent + request), HasSubstr("<failure "));
    on_disk([](db::Connection& connection) { EXPECT_THAT(db::Clients::list(connection, jid), IsEmpty()); });
}

TEST_F(Logins, ByTokenNeedNoPassword) {
    const std::string token = token_in(by_password(request));
    ASSERT_NE(token, "");
    const std::string answer = by_token(token);
    EXPECT_THAT(answer, HasSubstr(success(jid)));
    EXPECT_EQ(token_in(answer), "");
    EXPECT_THAT(by_token(token + "x"), HasSubstr("<not-authorized "));
}

TEST_F(Logins, WaitForTheDiskBeforeATokenIsToldOf) {
    world.disk.full = true;
    const std::string answer = by_password(request);
    EXPECT_THAT(answer, HasSubstr("<temporary-auth-failure "));
    EXPECT_EQ(token_in(answer), "");
}

TEST_F(Logins, RenewATokenInTheSecondHalfOfItsLife) {
    const std::string first = token_in(by_password(request));
    world.clock.advance(std::chrono::days{9});
    EXPECT_EQ(token_in(by_token(first)), "");
    world.clock.advance(std::chrono::days{2});
    const std::string second = token_in(by_token(first));
    ASSERT_NE(second, "");
    EXPECT_THAT(by_token(first), HasSubstr(success(jid)));  // the second may never have arrived
    const std::string third = token_in(by_token(first));
    EXPECT_THAT(by_token(second), HasSubstr("<not-authorized "));  // "SHOULD invalidate any ... not been used"
    EXPECT_THAT(by_token(third), HasSubstr(success(jid)));
    EXPECT_THAT(by_token(first), HasSubstr("<not-authorized "));
}

TEST_F(Logins, KnowWhenATokenHasEnded) {
    world.home_of("romeo").host("example.org")->domain().token_lifetime = std::chrono::minutes{10};
    const std::string token = token_in(by_password(request));
    world.clock.advance(std::chrono::minutes{11});  // it is not deleted yet
    EXPECT_THAT(by_token(token), HasSubstr("<credentials-expired "));
}

TEST_F(Logins, TakeACountOnce) {
    const std::string token = token_in(by_password(request));
    EXPECT_THAT(by_token(token, "<fast xmlns='urn:xmpp:fast:0' count='3'/>"), HasSubstr(success(jid)));
    EXPECT_THAT(by_token(token, "<fast xmlns='urn:xmpp:fast:0' count='3'/>"), HasSubstr("<not-authorized "));
    EXPECT_THAT(by_token(token, "<fast xmlns='urn:xmpp:fast:0' count='4'/>"), HasSubstr(success(jid)));
}

TEST_F(Logins, ForgetATokenThatTheClientGivesUp) {
    const std::string token = token_in(by_password(request));
    const std::string gives_up = "<fast xmlns='urn:xmpp:fast:0' invalidate='1'/>";
    world.clock.advance(std::chrono::days{15});
    EXPECT_EQ(token_in(by_token(token, gives_up)), "");
    EXPECT_THAT(by_token(token), HasSubstr("<not-authorized "));
    const std::string other = token_in(by_password(request));
    const std::string next = token_in(by_token(other, gives_up + request));
    EXPECT_THAT(by_token(other), HasSubstr("<not-authorized "));
    EXPECT_THAT(by_token(next), HasSubstr(success(jid)));
}

TEST_F(Logins, KnowNoTokenAfterTheAccountHasChanged) {
    const std::string token = token_in(by_password(request));
    on_disk([](db::Connection& connection) { db::Users::set_disabled(connection, jid, true); });
    EXPECT_THAT(by_token(token), HasSubstr("<account-disabled "));
    on_disk([](db::Connection& connection) { db::Users::set_disabled(connection, jid, false); });
    EXPECT_THAT(by_token(token), HasSubstr(success(jid)));
    on_disk([](db::Connection& connection) {
        db::Stores::set_password(connection, jid, sasl::test::pencil().serialise());
    });
    EXPECT_THAT(by_token(token), HasSubstr("<not-authorized "));
    const std::string other = token_in(by_password(request));
    on_disk([](db::Connection& connection) { db::Clients::remove(connection, jid, client_id); });  // XEP-0494
    EXPECT_THAT(by_token(other), HasSubstr("<not-authorized "));
}

/// The password is right, and then the account changes before whoever has shown it is let in.
struct SlowLogins : Logins {
    template <class Change>
    std::string log_in_while(const std::string& inside, Change&& change) {
        const auto end = world.connect_secured({.version = "TLSv1.3"});
        world.writes = false;
        end->receive(header_from + "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>" +
                     base64_encode(std::string_view{"\0romeo\0pencil", 13}) + "</initial-response>" + inside +
                     "</authenticate>");
        world.settle();
        world.write_only();  // it is looked up
        on_disk(change);
        world.writes = true;
        world.settle();
        return end->take_sent();
    }
};

TEST_F(SlowLogins, FailIfThePasswordIsOldByNow) {
    for (const std::string& inside : {std::string{}, user_agent, user_agent + request}) {
        on_disk([](db::Connection& connection) {
            db::Stores::set_password(connection, jid, sasl::test::pencil().serialise());
        });
        const std::string answer = log_in_while(inside, [](db::Connection& connection) {
            db::Stores::set_password(connection, jid, sasl::test::pencil(sasl::Hash::sha512).serialise());
        });
        EXPECT_THAT(answer, HasSubstr("<not-authorized ")) << inside;
        EXPECT_EQ(token_in(answer), "");
    }
    on_disk([](db::Connection& connection) { EXPECT_THAT(db::Clients::list(connection, jid), IsEmpty()); });
}

TEST_F(SlowLogins, FailIfTheAccountIsDisabledOrGone) {
    EXPECT_THAT(log_in_while({}, [](db::Connection& connection) { db::Users::set_disabled(connection, jid, true); }),
                HasSubstr("<account-disabled "));
    on_disk([](db::Connection& connection) { db::Users::set_disabled(connection, jid, false); });
    EXPECT_THAT(log_in_while({}, [&](db::Connection& connection) { world.stores().remove_account(connection, jid); }),
                HasSubstr("<not-authorized "));
}

TEST_F(SlowLogins, SucceedIfThePasswordIsTheSameWithMoreKeys) {
    on_disk([](db::Connection& connection) {
        db::Stores::set_password(connection, jid, sasl::test::pencil(sasl::Hash::sha512).serialise());
    });
    const std::string answer = log_in_while({}, [](db::Connection& connection) {
        auto keys = sasl::Credentials::parse(db::Users::find(connection, jid)->credentials);
        keys->add_missing(sasl::test::pencil());
        db::Users::set_credentials(connection, jid, keys->serialise());
    });
    EXPECT_THAT(answer, HasSubstr(success(jid)));
}

// ---- Who has logged in and not bound a resource ----

/// Romeo's home is the last shard; he connects to the first.
struct Unbound : ::testing::TestWithParam<unsigned> {
    Unbound() { world.add_account(romeo); }

    std::shared_ptr<net::MemoryTransport> log_in(const std::string& inside = {}) {
        auto end = world.connect_secured({.version = "TLSv1.3"});
        end->receive(std::string{stream::test::header} +
                     "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>" +
                     base64_encode(std::string(1, '\0') + romeo + std::string(1, '\0') + "pencil") +
                     "</initial-response>" + inside + "</authenticate>");
        world.settle();
        EXPECT_THAT(end->take_sent(), HasSubstr("<success "));
        return end;
    }

    World world{GetParam()};
    std::string romeo = world.name_on(GetParam() - 1, "romeo");
    Jid account = *Jid::from_parts(romeo, "example.org");
    Home& home = world.home_of(romeo);
    Home& first = world.home_of(world.name_on(0, "a"));
    static constexpr std::string_view bind =
        "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
};

INSTANTIATE_TEST_SUITE_P(Shards, Unbound, ::testing::Values(1U, 2U),
                         [](const auto& info) { return "On" + std::to_string(info.param); });

TEST_P(Unbound, AreEndedByTheirClient) {
    const auto end = log_in(user_agent);
    const auto other = log_in();
    home.log_out_unbound({.account = account, .text = "revoked", .client = std::string{client_id}});
    world.settle();
    EXPECT_THAT(end->take_sent(), HasSubstr("<not-authorized "));
    other->receive(bind);
    world.settle();
    EXPECT_THAT(other->take_sent(), HasSubstr("<jid>"));
}

TEST_P(Unbound, AreEndedByTheirCertificate) {
    const auto end = log_in();
    home.log_out_unbound({.account = account, .text = "revoked", .fingerprint = std::string(32, 'f')});
    world.settle();
    EXPECT_EQ(end->take_sent(), "");
}

// Neither the shard that they leave nor the one that they go to has them.
TEST_P(Unbound, AreEndedWhileTheyAreOnTheirWay) {
    Person bound{world, romeo, "orchard"};
    ASSERT_TRUE(bound.bound());
    const auto end = log_in(user_agent);
    if (GetParam() > 1) home.log_out_others(account, home.find(account)->sessions().front()->id(), "changed");
    world.shard(GetParam() - 1).poll();
    end->receive(bind);
    end->turn();
    if (GetParam() == 1) home.log_out_others(account, home.find(account)->sessions().front()->id(), "changed");
    world.settle();
    EXPECT_THAT(end->take_sent(), HasSubstr("<not-authorized "));
    EXPECT_EQ(bound.hears(), "");
    EXPECT_THAT(log_in(user_agent)->take_sent(), "");
}

TEST_F(Logins, KeepTheKeysThatAnUpgradeHasMade) {
    on_disk([](db::Connection& connection) {
        db::Stores::set_password(connection, jid, sasl::test::pencil(sasl::Hash::sha1).serialise());
    });
    EXPECT_THAT(by_password(request), HasSubstr(" token='"));  // PLAIN brings the missing ones along
    on_disk([](db::Connection& connection) {
        const auto keys = sasl::Credentials::parse(db::Users::find(connection, jid)->credentials);
        ASSERT_TRUE(keys);
        EXPECT_NE(keys->find(sasl::Hash::sha512), nullptr);
        EXPECT_TRUE(sasl::verify("pencil", *keys));
    });
}

// ---- Certificates ----

tls::Info with_certificate(bool verified = false) {
    return {.version = "TLSv1.3",
            .certificate = std::make_shared<const tls::PeerCertificate>(
                tls::PeerCertificate{.verified = verified,
                                     .xmpp_addrs = {"romeo@example.org"},
                                     .fingerprint = std::string(32, 'f'),
                                     .valid_until = Timestamp{std::chrono::days{1}}})};
}

struct CertificateLogins : Logins {
    CertificateLogins() { world.home_of("romeo").host("example.org")->domain().certificates = true; }
};

TEST_F(CertificateLogins, AreForWhoHasEnrolledTheCertificate) {
    EXPECT_THAT(log_in("EXTERNAL", "", {}, with_certificate()), HasSubstr("<not-authorized "));
    on_disk([](db::Connection& connection) {
        db::Certificates::add(connection, jid, {.name = "phone", .der = "x", .fingerprint = std::string(32, 'f')});
    });
    EXPECT_THAT(log_in("EXTERNAL", "", user_agent + request, with_certificate()), HasSubstr(success(jid)));
    EXPECT_THAT(log_in("EXTERNAL", jid, {}, with_certificate()), HasSubstr(success(jid)));
    EXPECT_EQ(token_in(log_in("EXTERNAL", "", user_agent + request, with_certificate())), "");
    on_disk([](db::Connection& connection) { db::Users::set_disabled(connection, jid, true); });
    EXPECT_THAT(log_in("EXTERNAL", "", {}, with_certificate()), HasSubstr("<account-disabled "));
}

TEST_F(CertificateLogins, AreForWhomATrustedOneNames) {
    EXPECT_THAT(log_in("EXTERNAL", "", {}, with_certificate(true)), HasSubstr(success(jid)));
    on_disk([&](db::Connection& connection) { world.stores().remove_account(connection, jid); });
    EXPECT_THAT(log_in("EXTERNAL", "", {}, with_certificate(true)), HasSubstr("<not-authorized "));
}

TEST_F(CertificateLogins, AreForWhomTheCertificateNamesWhoeverElseHasEnrolledIt) {
    world.add_account("juliet");
    const auto enrol = [&](std::string_view owner) {
        on_disk([&](db::Connection& connection) {
            db::Certificates::add(connection, owner, {.name = "bot", .der = "x", .fingerprint = std::string(32, 'f')});
        });
    };
    enrol("juliet@example.org");
    EXPECT_THAT(log_in("EXTERNAL", "", {}, with_certificate()), HasSubstr("<not-authorized "));
    EXPECT_THAT(log_in("EXTERNAL", "", {}, with_certificate(true)), HasSubstr(success(jid)));
    enrol(jid);
    EXPECT_THAT(log_in("EXTERNAL", "", {}, with_certificate()), HasSubstr(success(jid)));
    EXPECT_THAT(log_in("EXTERNAL", jid, {}, with_certificate()), HasSubstr(success(jid)));
}

TEST_F(CertificateLogins, AreForThisDomainOnly) {
    on_disk([&](db::Connection& connection) {
        world.stores().add_account(connection, "romeo@elsewhere.example", sasl::test::pencil().serialise(), {});
        db::Certificates::add(connection, "romeo@elsewhere.example",
                              {.name = "phone", .der = "x", .fingerprint = std::string(32, 'f')});
    });
    EXPECT_THAT(log_in("EXTERNAL", "romeo@elsewhere.example", {}, with_certificate()), HasSubstr("<not-authorized "));
    EXPECT_THAT(log_in("EXTERNAL", "", {}, with_certificate()), HasSubstr("<not-authorized "));
}

// ---- Guests ----

TEST_F(Logins, OfGuestsLeaveNothingBehind) {
    world.home_of("romeo").host("example.org")->domain().anonymous = true;
    const auto end = world.connect_secured({.version = "TLSv1.3"});
    end->receive(std::string{stream::test::header} +
                 "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='ANONYMOUS'><initial-response/>" + user_agent +
                 request + "<bind xmlns='urn:xmpp:bind:0'/></authenticate>");
    world.settle();
    const std::string answer = end->take_sent();
    EXPECT_THAT(answer, HasSubstr("@example.org/"));
    EXPECT_EQ(token_in(answer), "");
    const std::size_t at = answer.find("<authorization-identifier>") + 26;
    const Jid guest = *Jid::parse(answer.substr(at, answer.find('<', at) - at));
    EXPECT_NE(world.home_of(guest.local()).find(guest.bare()), nullptr);
    end->receive("</stream:stream>");
    world.settle();
    EXPECT_EQ(world.home_of(guest.local()).find(guest.bare()), nullptr);
    on_disk([&](db::Connection& connection) {
        EXPECT_THAT(db::Clients::list(connection, guest.bare_text()), IsEmpty());
        EXPECT_FALSE(db::Users::find(connection, guest.bare_text()));
    });
}

TEST_F(Logins, OfGuestsAreLimited) {
    world.home_of("romeo").host("example.org")->domain().anonymous = true;
    world.guard.most_guests = 1;
    const auto come = [&] {
        const auto end = world.connect_secured({.version = "TLSv1.3"});
        end->receive(std::string{stream::test::header} +
                     "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='ANONYMOUS'><initial-response/></authenticate>");
        world.settle();
        return end;
    };
    const auto guest = come();
    EXPECT_THAT(guest->take_sent(), HasSubstr("<success "));
    EXPECT_THAT(come()->take_sent(), HasSubstr("<temporary-auth-failure "));
    guest->receive_end();
    world.settle();
    EXPECT_EQ(world.guard.guests, 0);
    EXPECT_THAT(come()->take_sent(), HasSubstr("<success "));
}

}  // namespace
}  // namespace aldis::session::test
