#include "tls/certificate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/tls/client.h"

namespace aldis::tls {
namespace {

using testing::Certificates;

std::string reason(const CertificateFiles& files) {
    try {
        const KeyPair pair{files};
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(Certificate, OfDevelopmentSaysWhatItWasMadeFor) {
    const Certificates dir;
    const CertificateFiles files = dir.make("a", {"localhost", "*.example.org", "127.0.0.1"});
    const KeyPair pair{files};
    const Certificate& it = pair.certificate();
    EXPECT_EQ(it.names, (std::vector<std::string>{"localhost", "*.example.org"}));
    EXPECT_EQ(it.key_type, "EC");
    EXPECT_TRUE(it.self_signed);
    EXPECT_EQ(it.fingerprint.size(), 32U * 3 - 1);
    EXPECT_TRUE(pair.warnings(SystemClock{}.now()).empty());
    struct stat status{};
    ASSERT_EQ(stat(files.key.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Certificate, OfDevelopmentReplacesNothing) {
    const Certificates dir;
    const CertificateFiles files = dir.make("a", {"localhost"});
    EXPECT_THROW(make_development_certificate({"localhost"}, files), Error);
}

TEST(Certificate, CoversByNameAndByWildcard) {
    Certificate it;
    it.names = {"example.org", "*.example.org"};
    EXPECT_TRUE(it.covers("example.org"));
    EXPECT_TRUE(it.covers("chat.example.org"));
    EXPECT_FALSE(it.covers("a.b.example.org"));
    EXPECT_FALSE(it.covers("badexample.org"));
    EXPECT_FALSE(it.covers(".example.org"));
}

TEST(Certificate, ThatIsExpiredIsAWarning) {
    const Certificates dir;
    const KeyPair pair{dir.make("a", {"localhost"})};
    const auto in_ten_years = SystemClock{}.now() + std::chrono::days{3650};
    ASSERT_EQ(pair.warnings(in_ten_years).size(), 1U);
    EXPECT_NE(pair.warnings(in_ten_years)[0].find("expired"), std::string::npos);
    EXPECT_NE(pair.warnings(Timestamp{})[0].find("not valid yet"), std::string::npos);
}

TEST(Certificate, ThatCannotBeUsedSaysWhichFileAndWhy) {
    const Certificates dir;
    const CertificateFiles good = dir.make("good", {"localhost"});
    const CertificateFiles other = dir.make("other", {"localhost"});
    const std::string text = dir.path() + "/text";
    std::ofstream{text} << "no PEM\n";
    const std::string empty = dir.path() + "/empty";
    std::ofstream{empty}.flush();
    const std::string damaged = dir.path() + "/damaged";
    std::ofstream{damaged} << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const std::string locked = dir.path() + "/locked";
    std::filesystem::copy(good.key, locked);
    ASSERT_EQ(std::system(("openssl pkey -in " + good.key + " -aes128 -passout pass:x -out " + locked).c_str()), 0);

    EXPECT_EQ(reason(good), "");
    EXPECT_EQ(reason({dir.path() + "/none", good.key}), dir.path() + "/none: No such file or directory");
    EXPECT_EQ(reason({good.chain, dir.path() + "/none"}), dir.path() + "/none: No such file or directory");
    EXPECT_NE(reason({dir.path(), good.key}).find(dir.path() + ": "), std::string::npos);
    EXPECT_EQ(reason({empty, good.key}), empty + ": is empty, or no file");
    EXPECT_EQ(reason({text, good.key}), text + ": holds no certificate in PEM form");
    EXPECT_NE(reason({damaged, good.key}).find("holds a damaged certificate"), std::string::npos);
    EXPECT_EQ(reason({good.chain, text}), text + ": holds no private key in PEM form");
    EXPECT_EQ(reason({good.chain, locked}), locked + ": is encrypted; a key without passphrase is needed");
    EXPECT_EQ(reason({good.chain, other.key}), other.key + ": is not the key of the certificate in " + good.chain);
}

}  // namespace
}  // namespace aldis::tls
