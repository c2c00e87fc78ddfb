#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sasl/exchange.h"

namespace aldis::sasl {

/// The server's half of EXTERNAL with a client's certificate: RFC 4422 appendix A, by the rules of XEP-0178 1.2
/// "Client- to-Server Recommendation" and XEP-0257 0.3 "SASL EXTERNAL". Called in this order: first, provide.
class External {
public:
    /// `terms` outlives this.
    explicit External(const Terms& terms) : terms_{terms} {}

    [[nodiscard]] Step first(std::string_view message);
    [[nodiscard]] Step provide(const Account& account) const;

private:
    [[nodiscard]] bool is_named(const std::string& account) const;
    [[nodiscard]] bool is_good_for(const CertificateHolder& holder) const;
    [[nodiscard]] Read<const CertificateHolder*> choose(const Account& account) const;
    [[nodiscard]] Read<std::string> resource_for(const CertificateHolder& holder) const;

    const Terms& terms_;
    std::optional<Identity> wanted_;  ///< nothing: whom the certificate says
};

}  // namespace aldis::sasl
