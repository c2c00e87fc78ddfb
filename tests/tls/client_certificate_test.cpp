// Certificates that clients show, with real handshakes against OpenSSL's client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/tls/client.h"
#include "tls/context.h"

namespace aldis::tls {
namespace {

using testing::Certificates;
using testing::Client;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view juliet = "otherName.0=1.3.6.1.5.5.7.8.5;UTF8:juliet@example.com";

void run(const std::string& command) {
    if (std::system((command + " 2>/dev/null").c_str()) != 0) throw std::runtime_error{command};
}

/// An authority, and what it and others have signed.
class Signed {
public:
    Signed() { run("openssl req -x509 " + key("ca") + " -subj /CN=authority -days 9 -out " + authority()); }

    /// @param names  lines of a subjectAltName section
    CertificateFiles by_authority(const std::string& name, const std::string& names, int days = 9) const {
        configure(names);
        run("openssl req " + key(name) + " -subj /CN=client -out " + dir.path() + "/request.csr");
        run("openssl x509 -req -in " + dir.path() + "/request.csr -CA " + authority() + " -CAkey " +
            dir.files("ca").key + " -CAcreateserial -days " + std::to_string(days) + " -extfile " + dir.path() +
            "/names.cnf -extensions v3 -out " + dir.files(name).chain);
        return dir.files(name);
    }
    CertificateFiles by_itself(const std::string& name, const std::string& names) const {
        configure(names);
        run("openssl req -x509 " + key(name) + " -subj /CN=client -days 9 -config " + dir.path() +
            "/names.cnf -extensions v3 -out " + dir.files(name).chain);
        return dir.files(name);
    }
    [[nodiscard]] std::string authority() const { return dir.files("ca").chain; }

    Certificates dir;

private:
    [[nodiscard]] std::string key(const std::string& name) const {
        return "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + dir.files(name).key;
    }
    void configure(const std::string& names) const {
        std::ofstream{dir.path() + "/names.cnf"} << "[req]\ndistinguished_name=dn\n[dn]\n[v3]\nsubjectAltName=@names\n"
                                                 << "[names]\n"
                                                 << names << '\n';
    }
};

/// The bytes of what an operator is shown.
std::string fingerprint_of(const CertificateFiles& files) {
    std::string bytes;
    const std::string text = KeyPair{files}.certificate().fingerprint;
    for (std::size_t at = 0; at < text.size(); at += 3)
        bytes += static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16));
    return bytes;
}

/// A server that asks for certificates, for "localhost"; "silent.test" does not.
struct Asking {
    Signed signatures;
    std::vector<DomainCertificates> domains{{"silent.test", {signatures.dir.make("silent", {"silent.test"})}},
                                            {"localhost",
                                             {signatures.dir.make("localhost", {"localhost"})},
                                             {.ask = true, .authorities = signatures.authority()}}};
    Context context{domains, 2};
};

std::optional<PeerCertificate> seen(Stream& server) {
    const Info& info = server.info();
    return info.certificate ? std::optional{*info.certificate} : std::nullopt;
}

/// What the server knows about the client after a handshake.
std::optional<PeerCertificate> shown(const Context& context, const CertificateFiles& files, int version,
                                     const std::string& domain = "localhost") {
    Client client{{.version = version, .server_name = domain, .certificate = files}};
    const std::unique_ptr<Stream> server = context.accept(0, {}, {});
    EXPECT_TRUE(client.shake_hands_with(*server));
    return seen(*server);
}

class ClientCertificate : public ::testing::TestWithParam<int> {};

TEST_P(ClientCertificate, IsVerifiedWhereAnAuthorityHasSignedIt) {
    const Asking asking;
    const CertificateFiles files = asking.signatures.by_authority("juliet", std::string{juliet});
    const std::optional<PeerCertificate> peer = shown(asking.context, files, GetParam());
    ASSERT_TRUE(peer);
    EXPECT_TRUE(peer->verified);
    EXPECT_THAT(peer->xmpp_addrs, ElementsAre("juliet@example.com"));
    EXPECT_EQ(peer->fingerprint, fingerprint_of(files));
    EXPECT_FALSE(peer->expired(SystemClock{}.now()));
}

TEST_P(ClientCertificate, IsTakenWhereNobodyVouchesForIt) {
    const Asking asking;
    const CertificateFiles files = asking.signatures.by_itself("juliet", std::string{juliet});
    const std::optional<PeerCertificate> peer = shown(asking.context, files, GetParam());
    ASSERT_TRUE(peer);
    EXPECT_FALSE(peer->verified);
    EXPECT_THAT(peer->xmpp_addrs, ElementsAre("juliet@example.com"));
    EXPECT_EQ(peer->fingerprint, fingerprint_of(files));
}

TEST_P(ClientCertificate, IsNotVerifiedWithoutAuthorities) {
    Asking asking;
    asking.domains[1].clients.authorities.clear();
    asking.context.reload(asking.domains);
    const std::optional<PeerCertificate> peer =
        shown(asking.context, asking.signatures.by_authority("juliet", std::string{juliet}), GetParam());
    ASSERT_TRUE(peer);
    EXPECT_FALSE(peer->verified);
}

TEST_P(ClientCertificate, MayBeMissing) {
    const Asking asking;
    EXPECT_FALSE(shown(asking.context, {}, GetParam()));
}

TEST_P(ClientCertificate, IsNotAskedForByOtherDomains) {
    const Asking asking;
    const CertificateFiles files = asking.signatures.by_itself("juliet", std::string{juliet});
    EXPECT_FALSE(shown(asking.context, files, GetParam(), "silent.test"));
}

TEST_P(ClientCertificate, IsNeitherVerifiedNorGoodWhenItHasExpired) {
    const Asking asking;
    const CertificateFiles files = asking.signatures.by_authority("juliet", std::string{juliet}, -1);
    const std::optional<PeerCertificate> peer = shown(asking.context, files, GetParam());
    ASSERT_TRUE(peer);
    EXPECT_FALSE(peer->verified);
    EXPECT_TRUE(peer->expired(SystemClock{}.now()));
}

TEST_P(ClientCertificate, SurvivesResumption) {
    const Asking asking;
    for (const CertificateFiles& files : {asking.signatures.by_authority("one", std::string{juliet}),
                                          asking.signatures.by_itself("two", std::string{juliet})}) {
        Client first{{.version = GetParam(), .server_name = "localhost", .certificate = files}};
        const std::unique_ptr<Stream> one = asking.context.accept(0, {}, {});
        ASSERT_TRUE(first.shake_hands_with(*one));
        const auto session = first.session();
        Client again{{.version = GetParam(), .server_name = "localhost", .resume = session.get()}};
        const std::unique_ptr<Stream> two = asking.context.accept(1, {}, {});
        ASSERT_TRUE(again.shake_hands_with(*two));
        ASSERT_TRUE(again.resumed());
        ASSERT_TRUE(seen(*two));
        EXPECT_EQ(seen(*two)->fingerprint, seen(*one)->fingerprint);
        EXPECT_EQ(seen(*two)->verified, seen(*one)->verified);
    }
}

TEST_P(ClientCertificate, IsNotVerifiedBySessionsFromBeforeAReload) {
    Asking asking;
    const CertificateFiles files = asking.signatures.by_authority("juliet", std::string{juliet});
    Client first{{.version = GetParam(), .server_name = "localhost", .certificate = files}};
    const std::unique_ptr<Stream> one = asking.context.accept(0, {}, {});
    ASSERT_TRUE(first.shake_hands_with(*one));
    asking.domains[1].clients.authorities.clear();
    asking.context.reload(asking.domains);
    const auto session = first.session();
    Client again{{.version = GetParam(), .server_name = "localhost", .resume = session.get(), .certificate = files}};
    const std::unique_ptr<Stream> two = asking.context.accept(0, {}, {});
    ASSERT_TRUE(again.shake_hands_with(*two));
    EXPECT_FALSE(again.resumed());
    ASSERT_TRUE(seen(*two));
    EXPECT_FALSE(seen(*two)->verified);
}

// XEP-0440 1.0.0: a server that has two certificates still knows which of them a resuming client was shown.
TEST_P(ClientCertificate, IsNotMistakenForTheOtherOneOfTheServer) {
    const Certificates dir;
    const CertificateFiles rsa = dir.files("rsa");
    run("openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=localhost -keyout " + rsa.key + " -out " +
        rsa.chain);
    const Context context{{{"localhost", {dir.make("ec", {"localhost"}), rsa}}}, 1};
    Client first{{.version = GetParam()}};
    const std::unique_ptr<Stream> one = context.accept(0, {}, {});
    ASSERT_TRUE(first.shake_hands_with(*one));
    const auto session = first.session();
    Client again{{.version = GetParam(), .resume = session.get()}};
    const std::unique_ptr<Stream> two = context.accept(0, {}, {});
    ASSERT_TRUE(again.shake_hands_with(*two));
    ASSERT_TRUE(again.resumed());
    EXPECT_EQ(one->info().tls_server_end_point, first.end_point());
    EXPECT_EQ(two->info().tls_server_end_point, first.end_point());
}

INSTANTIATE_TEST_SUITE_P(Tls, ClientCertificate, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& info) { return info.param == TLS1_2_VERSION ? "v12" : "v13"; });

// ---- what stands in it ----

std::string der_of(const Signed& signatures, const CertificateFiles& files) {
    const std::string path = signatures.dir.path() + "/der";
    run("openssl x509 -in " + files.chain + " -outform DER -out " + path);
    std::stringstream bytes;
    bytes << std::ifstream{path, std::ios::binary}.rdbuf();
    return bytes.str();
}

TEST(PeerCertificate, TellsItsAddressesAndNothingElse) {
    const Signed signatures;
    const CertificateFiles files = signatures.by_itself(
        "mixed",
        "DNS.0=example.com\nemail.0=nurse@example.com\notherName.0=1.3.6.1.5.5.7.8.5;UTF8:juliet@example.com\n"
        "otherName.1=1.3.6.1.5.5.7.8.5;UTF8:romeo@example.net/orchard\n"
        "otherName.2=1.3.6.1.5.5.7.8.7;IA5:_xmpp-client.example.com\n"
        "otherName.3=1.3.6.1.5.5.7.8.5;IA5:paris@example.com");
    const std::optional<PeerCertificate> read = read_peer_certificate(der_of(signatures, files));
    ASSERT_TRUE(read);
    EXPECT_THAT(read->xmpp_addrs, ElementsAre("juliet@example.com", "romeo@example.net/orchard"));
    EXPECT_FALSE(read->verified);
    EXPECT_EQ(read->fingerprint, fingerprint_of(files));
}

TEST(PeerCertificate, MayNameNobody) {
    const Signed signatures;
    const CertificateFiles files = signatures.by_itself("nobody", "DNS.0=example.com");
    const std::optional<PeerCertificate> read = read_peer_certificate(der_of(signatures, files));
    ASSERT_TRUE(read);
    EXPECT_THAT(read->xmpp_addrs, IsEmpty());
}

TEST(PeerCertificate, TellsOnlySoManyAddresses) {
    const Signed signatures;
    std::string names;
    for (int i = 0; i < 40; ++i)
        names += "otherName." + std::to_string(i) + "=1.3.6.1.5.5.7.8.5;UTF8:user" + std::to_string(i) + "@a.test\n";
    const std::optional<PeerCertificate> read =
        read_peer_certificate(der_of(signatures, signatures.by_itself("many", names)));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->xmpp_addrs.size(), 16U);
}

TEST(PeerCertificate, IsNotReadFromAnythingElse) {
    const Signed signatures;
    std::string der = der_of(signatures, signatures.by_itself("juliet", std::string{juliet}));
    EXPECT_FALSE(read_peer_certificate(der + "more"));
    EXPECT_FALSE(read_peer_certificate(der.substr(0, der.size() / 2)));
    EXPECT_FALSE(read_peer_certificate(""));
    EXPECT_FALSE(read_peer_certificate("-----BEGIN CERTIFICATE-----"));
}

TEST(ClientCertificates, NeedAFileOfAuthoritiesThatCanBeRead) {
    const Certificates dir;
    const CertificateFiles files = dir.make("a", {"localhost"});
    EXPECT_THROW((Context{{{"localhost", {files}, {.ask = true, .authorities = "/nowhere"}}}, 1}), Error);
    EXPECT_THROW((Context{{{"localhost", {files}, {.ask = true, .authorities = files.key}}}, 1}), Error);
}

TEST(ClientCertificates, CostNothingWhereThereAreNone) {
    struct Before {
        std::string version, cipher, server_name;
        std::optional<std::string> tls_exporter, tls_unique, tls_server_end_point;
    };
    EXPECT_LE(sizeof(Info), sizeof(Before));
}

}  // namespace
}  // namespace aldis::tls
