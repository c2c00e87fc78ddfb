#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sasl/server.h"

// A SCRAM client, just large enough to test the server with. It shares no cryptography with it: all is OpenSSL's own.
namespace aldis::sasl::test {

/// Bytes that repeat: 0, 1, 2, ...
class CountingRandom final : public Random {
public:
    void fill(std::span<unsigned char> bytes) override {
        for (unsigned char& byte : bytes) byte = next_++;
    }

private:
    unsigned char next_ = 0;
};

class Client {
public:
    Hash hash = Hash::sha256;
    std::string password = "pencil";
    std::string gs2_header = "n,,";
    std::string binding_data = {};
    std::string name = "user";  ///< as in saslname: encoded
    std::string nonce = "client-nonce";
    std::string extension = {};  ///< e.g. ",x=y" after the nonce of the last message

    [[nodiscard]] std::string first() const { return gs2_header + bare(); }
    /// The answer to server-first-message.
    [[nodiscard]] std::string final(std::string_view challenge);
    /// Whether the server knows the password too: server-final-message.
    [[nodiscard]] bool trusts(std::string_view additional_data) const;

    /// The value of one attribute of a message.
    [[nodiscard]] static std::string attribute(std::string_view message, char name);

private:
    [[nodiscard]] std::string bare() const { return "n=" + name + ",r=" + nonce; }

    std::string expected_signature_;
};

/// What a server is asked in most tests: `mechanism` of everything, under TLS 1.3.
[[nodiscard]] Terms terms_for(Mechanism mechanism);
/// Of "pencil", cheap to make.
[[nodiscard]] Credentials pencil();
/// Of "pencil", with one family only.
[[nodiscard]] Credentials pencil(Hash hash);

/// The condition of a Refusal; fails the test if `step` is something else.
[[nodiscard]] Failure condition_of(const Step& step);
/// The bytes of a Challenge; fails the test if `step` is something else.
[[nodiscard]] std::string challenge_of(const Step& step);

}  // namespace aldis::sasl::test
