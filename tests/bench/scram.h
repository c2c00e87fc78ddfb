#pragma once
#include <openssl/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace load {

/// The client's side of one SCRAM authentication (RFC 5802, RFC 7677) without channel binding; plain strings in and
/// out.
class Scram {
public:
    /// @param mechanism  SCRAM-SHA-1, SCRAM-SHA-256 or SCRAM-SHA-512
    Scram(std::string_view mechanism, const std::string& user, std::string password);
    /// As above with a given nonce, for the examples of the RFCs.
    Scram(std::string_view mechanism, const std::string& user, std::string password, std::string nonce);

    std::string first_message() const { return "n,," + first_bare_; }
    /// @throws std::runtime_error  the challenge is none
    std::string final_message(std::string_view server_first);
    /// Whether the server knows the password too.
    bool accepts(std::string_view server_final) const;

private:
    const EVP_MD* digest_;
    std::string password_;
    std::string nonce_;
    std::string first_bare_;
    std::string server_signature_;
};

std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace load
