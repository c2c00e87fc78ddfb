#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "sasl/exchange.h"

namespace aldis::sasl {

/// The server's half of PLAIN: RFC 4616. Called in this order: first, provide.
class Plain {
public:
    /// `terms` and `random` outlive this.
    Plain(const Terms& terms, Random& random) : terms_{terms}, random_{random} {}
    Plain(const Plain&) = delete;
    Plain& operator=(const Plain&) = delete;
    ~Plain() { wipe(password_); }

    [[nodiscard]] Step first(std::string_view message);
    /// Costs one PBKDF2, whether the account exists or not; after a success one more for each family that was missing.
    [[nodiscard]] Step provide(const Account& account);

private:
    [[nodiscard]] bool knows_password(const Account& account) const;
    [[nodiscard]] std::optional<Credentials> upgrade(const Credentials& stored) const;

    const Terms& terms_;
    Random& random_;
    std::string username_;
    std::string authzid_;
    std::string password_;
};

}  // namespace aldis::sasl
