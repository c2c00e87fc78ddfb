#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "sasl/exchange.h"

namespace aldis::sasl {

/// What a client may be given as a token: text with 192 bits from `random`.
/// @see draft-schmaus-kitten-sasl-ht-09 "Requirements for the Application-Protocol Extension"
[[nodiscard]] std::string make_token(Random& random);

/// The server's half of the mechanisms HT-SHA-256-*: draft-schmaus-kitten-sasl-ht-09, as XEP-0484 uses them. Called in
/// this order: first, provide.
class HashedToken {
public:
    /// `terms` outlives this.
    explicit HashedToken(const Terms& terms) : terms_{terms} {}

    [[nodiscard]] Step first(std::string_view message);
    /// Takes the same time for accounts and clients that are not known.
    [[nodiscard]] Step provide(const Account& account);

private:
    [[nodiscard]] bool shows(std::string_view secret) const;
    [[nodiscard]] std::optional<std::size_t> find(const std::vector<Token>& tokens) const;

    const Terms& terms_;
    std::string username_;
    std::string proof_;           ///< initiator-hashed-token
    std::string_view cb_data_{};  ///< within `terms_`
};

}  // namespace aldis::sasl
