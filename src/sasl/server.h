#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/random.h"
#include "sasl/anonymous.h"
#include "sasl/exchange.h"
#include "sasl/external.h"
#include "sasl/hashed_token.h"
#include "sasl/plain.h"
#include "sasl/scram.h"

namespace aldis::sasl {

/// One authentication exchange, seen from the server: RFC 4422, with the names of RFC 6120 section 6. Messages are
/// bytes, base64 is the stream's. Nothing here waits; what calls it in the wrong order is refused.
///
///     Server server{terms, random};
///     Step step = server.start(initial_response);   // then respond() to answer a Challenge,
///                                                   // provide() to answer NeedCredentials, until Success or Refusal
///
/// Accounts that do not exist are answered like those that do, in form and time, and refused at the end. So is an
/// account that lacks keys for the hash that was asked for, or the token that was shown.
class Server {
public:
    /// `random` outlives the exchange.
    Server(Terms terms, Random& random);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// @param initial_response  nothing if the client sent none, which costs it a round trip; "=" on the wire is empty
    [[nodiscard]] Step start(std::optional<std::string_view> initial_response);
    [[nodiscard]] Step respond(std::string_view response);
    /// PLAIN hashes the password here, which takes milliseconds; any thread may do it, one at a time.
    [[nodiscard]] Step provide(const Account& account);
    [[nodiscard]] Step provide(std::optional<Credentials> credentials);

    [[nodiscard]] Mechanism mechanism() const { return terms_.mechanism; }

private:
    enum class Expected : std::uint8_t { start, first, account, final, nothing };

    [[nodiscard]] std::optional<Refusal> refuse_mechanism() const;
    [[nodiscard]] Step settle(Step step);

    Terms terms_;
    std::variant<Plain, Scram, HashedToken, External, Anonymous> machine_;
    Expected expected_ = Expected::start;
};

}  // namespace aldis::sasl
