#include "tls/context.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/tls/client.h"

namespace aldis::tls {
namespace {

using testing::Certificates;
using testing::Client;
using testing::ClientOptions;

struct Place {
    Certificates dir;
    std::vector<DomainCertificates> domains{{"localhost", {dir.make("localhost", {"localhost"})}},
                                            {"example.org", {dir.make("example", {"example.org", "*.example.org"})}},
                                            {"*.wild.net", {dir.make("wild", {"*.wild.net"})}}};
    Context context{domains, 2};

    [[nodiscard]] std::string fingerprint(std::size_t which) const { return context.certificates()[which].fingerprint; }
};

/// The certificate shown to a client with these wishes.
std::string shown(const Context& context, const ClientOptions& options, std::string_view fallback = {}) {
    Client client{options};
    const std::unique_ptr<Stream> server = context.accept(0, {}, fallback);
    return client.shake_hands_with(*server) ? client.fingerprint() : "failed";
}

class Version : public ::testing::TestWithParam<int> {};

TEST_P(Version, ShowsTheCertificateOfTheDomainAskedFor) {
    const Place place;
    const auto shown_for = [&](const std::string& name) {
        return shown(place.context, {.version = GetParam(), .server_name = name});
    };
    EXPECT_EQ(shown_for("localhost"), place.fingerprint(0));
    EXPECT_EQ(shown_for("example.org"), place.fingerprint(1));
    EXPECT_EQ(shown_for("EXAMPLE.org"), place.fingerprint(1));
    EXPECT_EQ(shown_for("chat.example.org"), place.fingerprint(1));  // by what the certificate says
    EXPECT_EQ(shown_for("any.wild.net"), place.fingerprint(2));
    EXPECT_EQ(shown_for("two.levels.wild.net"), place.fingerprint(0));
    EXPECT_EQ(shown_for("unknown.test"), place.fingerprint(0));
    EXPECT_EQ(shown_for(""), place.fingerprint(0));
    EXPECT_EQ(shown(place.context, {.version = GetParam()}, "Example.org"), place.fingerprint(1));
    EXPECT_EQ(shown(place.context, {.version = GetParam(), .server_name = "localhost"}, "example.org"),
              place.fingerprint(0));
}

TEST_P(Version, CarriesBytesBothWaysInRecordsSplitAnywhere) {
    const Place place;
    Client client{{.version = GetParam()}};
    const std::unique_ptr<Stream> server = place.context.accept(1, {}, {});
    ASSERT_TRUE(client.shake_hands_with(*server));

    const std::string text(40'000, 'x');
    std::string to_client;
    server->send(text, to_client);
    BIO_write(SSL_get_rbio(&client.ssl()), to_client.data(), static_cast<int>(to_client.size()));
    EXPECT_EQ(client.receive(text.size()), text);

    client.send("hello");
    client.send("world");
    char* data = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(&client.ssl()), &data);
    std::string got;
    std::string out;
    for (long i = 0; i < size; ++i) {
        std::array<char, 20'000> plain{};
        got.append(plain.data(), server->receive({data + i, 1}, plain, out));
    }
    EXPECT_EQ(got, "helloworld");
    EXPECT_EQ(out, "");
}

TEST_P(Version, ResumesOnAnotherShardWithinTheSameDomainOnly) {
    const Place place;
    Client first{{.version = GetParam(), .server_name = "example.org"}};
    const std::unique_ptr<Stream> one = place.context.accept(0, {}, {});
    ASSERT_TRUE(first.shake_hands_with(*one));
    EXPECT_FALSE(first.resumed());
    const auto session = first.session();
    const auto again = [&](const std::string& name) {
        Client client{{.version = GetParam(), .server_name = name, .resume = session.get()}};
        const std::unique_ptr<Stream> two = place.context.accept(1, {}, {});
        EXPECT_TRUE(client.shake_hands_with(*two));
        return client.resumed();
    };
    EXPECT_FALSE(again("localhost"));
    EXPECT_TRUE(again("example.org"));
}

TEST_P(Version, ReloadsWithoutDisturbingConnections) {
    Place place;
    Client old{{.version = GetParam(), .server_name = "localhost"}};
    const std::unique_ptr<Stream> server = place.context.accept(0, {}, {});
    ASSERT_TRUE(old.shake_hands_with(*server));
    const std::string before = place.fingerprint(0);
    place.dir.make("localhost", {"localhost"});
    place.context.reload(place.domains);
    EXPECT_NE(place.fingerprint(0), before);
    EXPECT_EQ(shown(place.context, {.version = GetParam(), .server_name = "localhost"}), place.fingerprint(0));
    std::string out;
    server->send("still here", out);
    BIO_write(SSL_get_rbio(&old.ssl()), out.data(), static_cast<int>(out.size()));
    EXPECT_EQ(old.receive(10), "still here");
    // What vouched for the old certificate is not accepted for the new one.
    const auto session = old.session();
    Client back{{.version = GetParam(), .server_name = "localhost", .resume = session.get()}};
    const std::unique_ptr<Stream> fresh = place.context.accept(0, {}, {});
    ASSERT_TRUE(back.shake_hands_with(*fresh));
    EXPECT_FALSE(back.resumed());
}

TEST_P(Version, AgreesOnChannelBindings) {
    const Place place;
    Client client{{.version = GetParam(), .server_name = "localhost"}};
    const std::unique_ptr<Stream> server = place.context.accept(0, {}, {});
    ASSERT_TRUE(client.shake_hands_with(*server));
    const Info& info = server->info();
    EXPECT_EQ(info.version, SSL_get_version(&client.ssl()));
    EXPECT_EQ(info.cipher, SSL_get_cipher_name(&client.ssl()));
    EXPECT_EQ(info.server_name, "localhost");
    EXPECT_EQ(info.tls_server_end_point, client.end_point());
    if (GetParam() == TLS1_3_VERSION) {
        EXPECT_EQ(info.tls_exporter, client.exporter());
        EXPECT_EQ(info.tls_unique, client.finished());  // for old clients; not announced
    } else {
        EXPECT_EQ(info.tls_exporter, std::nullopt);
        EXPECT_EQ(info.tls_unique, client.finished());
    }
}

INSTANTIATE_TEST_SUITE_P(Tls, Version, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& info) { return info.param == TLS1_2_VERSION ? "v12" : "v13"; });

TEST(Context, GivesTheFirstFinishedMessageAlsoWhenResumed) {
    const Place place;
    Client first{{.version = TLS1_2_VERSION}};
    const std::unique_ptr<Stream> one = place.context.accept(0, {}, {});
    ASSERT_TRUE(first.shake_hands_with(*one));
    const auto session = first.session();
    Client second{{.version = TLS1_2_VERSION, .resume = session.get()}};
    const std::unique_ptr<Stream> two = place.context.accept(0, {}, {});
    ASSERT_TRUE(second.shake_hands_with(*two));
    ASSERT_TRUE(second.resumed());
    EXPECT_EQ(two->info().tls_unique, second.finished());
}

TEST(Context, RefusesOldVersionsAndCiphersWithoutForwardSecrecy) {
    const Place place;
    for (const ClientOptions& options :
         {ClientOptions{.version = TLS1_1_VERSION, .ciphers = "ALL:@SECLEVEL=0"},
          ClientOptions{.version = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256"},
          ClientOptions{.version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-SHA"}}) {
        Client client{options};
        const std::unique_ptr<Stream> server = place.context.accept(0, {}, {});
        EXPECT_FALSE(client.shake_hands_with(*server));
    }
}

TEST(Context, ServesRsaToThoseWhoKnowNothingElse) {
    const Certificates dir;
    const CertificateFiles rsa = dir.files("rsa");
    ASSERT_EQ(std::system(("openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=localhost -keyout " + rsa.key +
                           " -out " + rsa.chain + " 2>/dev/null")
                              .c_str()),
              0);
    const Context context{{{"localhost", {dir.make("ec", {"localhost"}), rsa}}}, 1};
    EXPECT_EQ(shown(context, {.version = TLS1_2_VERSION}), context.certificates()[0].fingerprint);
    EXPECT_EQ(shown(context, {.version = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256"}),
              context.certificates()[1].fingerprint);
    EXPECT_EQ(shown(context, {}), context.certificates()[0].fingerprint);
}

// XEP-0368 "Requirements".
TEST(Context, InsistsOnTheProtocolWhereAlpnIsUsed) {
    const Place place;
    const auto agreed = [&](std::vector<std::string> offered, std::string_view wanted) -> std::optional<std::string> {
        Client client{{.alpn = std::move(offered)}};
        const std::unique_ptr<Stream> server = place.context.accept(0, wanted, {});
        if (!client.shake_hands_with(*server)) return std::nullopt;
        return client.alpn();
    };
    EXPECT_EQ(agreed({"http/1.1", "xmpp-client"}, "xmpp-client"), "xmpp-client");
    EXPECT_EQ(agreed({}, "xmpp-client"), "");
    EXPECT_EQ(agreed({"http/1.1", "xmpp-server"}, "xmpp-client"), std::nullopt);
    EXPECT_EQ(agreed({"http/1.1"}, ""), "");
}

TEST(Context, SurvivesGarbage) {
    const Place place;
    for (const std::string& garbage : {std::string{"GET / HTTP/1.1\r\n\r\n"}, std::string(300, '\0'),
                                       std::string{"\x16\x03\x01\xff\xff"} + std::string(70'000, 'a')}) {
        const std::unique_ptr<Stream> server = place.context.accept(0, {}, {});
        std::string out;
        std::string_view rest = garbage;
        server->shake_hands(rest, out);
        EXPECT_EQ(server->state(), Stream::State::failed);
        EXPECT_FALSE(server->failure().empty());
    }
}

TEST(Context, KeepsEverythingIfAReloadFails) {
    Place place;
    const std::string before = place.fingerprint(1);
    place.domains[0].files[0].key = "/nowhere";
    place.dir.make("example", {"example.org"});
    EXPECT_THROW(place.context.reload(place.domains), Error);
    EXPECT_EQ(place.fingerprint(1), before);
}

TEST(Context, WarnsOfANameThatNoCertificateCovers) {
    const Certificates dir;
    const Context context{{{"example.org", {dir.make("a", {"localhost"})}}}, 1};
    ASSERT_EQ(context.warnings(SystemClock{}.now()).size(), 1U);
    EXPECT_NE(context.warnings(SystemClock{}.now())[0].find("example.org"), std::string::npos);
}

}  // namespace
}  // namespace aldis::tls
