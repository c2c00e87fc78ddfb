#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "sasl/exchange.h"
#include "sasl/scram_messages.h"

namespace aldis::sasl {

/// The server's half of one SCRAM exchange: RFC 5802 section 5. Called in this order: first, provide, final.
class Scram {
public:
    /// `terms` and `random` outlive this.
    Scram(const Terms& terms, Hash hash, Random& random) : terms_{terms}, hash_{hash}, random_{random} {}

    [[nodiscard]] Step first(std::string_view message);
    [[nodiscard]] Step provide(const Account& account);
    [[nodiscard]] Step final(std::string_view message);

private:
    [[nodiscard]] std::optional<Refusal> refuse_flag() const;
    [[nodiscard]] std::optional<Refusal> bind_channel();
    [[nodiscard]] std::string server_first() const;
    [[nodiscard]] bool proves(const ClientFinal& last, std::string_view auth_message) const;

    const Terms& terms_;
    Hash hash_;
    Random& random_;
    ClientFirst first_;
    std::optional<Binding> binding_;  ///< the one the client chose
    std::string nonce_;               ///< both parts
    std::string server_first_;
    Keys keys_;           ///< the account's, or a decoy
    bool known_ = false;  ///< the keys are the account's
    std::string_view why_unknown_;
    std::optional<Failure> barred_;
};

}  // namespace aldis::sasl
