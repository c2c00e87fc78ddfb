#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "sasl/credentials.h"
#include "sasl/failure.h"
#include "sasl/mechanism.h"

// What goes into one authentication exchange and what comes out of it.
namespace aldis::sasl {

/// The terms of one exchange. The stream knows most of it; the rest is the host's configuration.
struct Terms {
    Mechanism mechanism = Mechanism::plain;
    Offer offer{};               ///< what this stream was really offered: asking for anything else is refused
    ChannelBindings bindings{};  ///< needed only where binds_channel(mechanism); every type of offer.bindings
    std::string decoy_secret{};  ///< random, the same for the life of the server, so that decoys stay the same
    std::vector<Hash> hashes{all_hashes.begin(), all_hashes.end()};  ///< what accounts here are stored with
    std::uint32_t iterations = default_iterations;                   ///< what accounts here are stored with
    /// RFC 8265 section 4 for the password of PLAIN, before it is compared; null takes it as it was sent.
    Result<std::string> (*prepare)(std::string_view password) = nullptr;
    bool downgrade_protection = true;  ///< XEP-0474: 'h' in the challenge of SCRAM
    std::string nonce{};               ///< the server's part; empty is random. For tests with fixed vectors
};

/// What the caller found out about a user name.
struct Account {
    std::optional<Credentials> credentials = {};  ///< nothing: there is no such account
    std::string_view name = {};          ///< as the store knows it; empty if it is spelled like in NeedCredentials
    std::optional<Failure> barred = {};  ///< what even the right password is answered with: account_disabled, ...
};

/// Send these bytes to the client and hand its answer to Server::respond(). They may be empty (RFC 6120 section 6.4.2).
struct Challenge {
    std::string bytes;
};

/// Look the account up, which may take its time, and hand what was found to Server::provide().
struct NeedCredentials {
    std::string username;
    std::string authzid;
};

/// The client knows the password. Whether it may act as `authzid` is for the caller to say: acts_for_itself().
struct Success {
    std::string username;                      ///< as sent
    std::string authzid;                       ///< as sent; empty if none was
    std::string additional_data;               ///< for <success/>; empty if the mechanism has none
    std::optional<Credentials> upgraded = {};  ///< PLAIN: store these, they have families that were missing
    std::optional<Binding> binding = {};       ///< the channel that was bound
};

/// What to do next. After Success and Refusal the exchange is over.
using Step = std::variant<Challenge, NeedCredentials, Success, Refusal>;

/// RFC 6120 section 6.3.8: a client may name itself, or nobody. Both addresses are prepared, `account` is a bare JID.
/// Where this is false the client is answered with Failure::invalid_authzid.
[[nodiscard]] inline bool acts_for_itself(std::string_view authzid, std::string_view account) {
    return authzid.empty() || authzid == account;
}

}  // namespace aldis::sasl
