#pragma once

#include <string_view>

#include "base/random.h"
#include "sasl/exchange.h"

namespace aldis::sasl {

/// The server's half of ANONYMOUS: RFC 4505, as XEP-0175 recommends. One message is all there is.
class Anonymous {
public:
    /// `random` outlives this.
    explicit Anonymous(Random& random) : random_{random} {}

    /// @param message  what the client calls "trace information": checked, and then forgotten
    [[nodiscard]] Step first(std::string_view message);

private:
    Random& random_;
};

}  // namespace aldis::sasl
