#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "xep/xep0082_date_time.h"
#include "xml/schema.h"

/// XEP-0484: Fast Authentication Streamlining Tokens 0.2.0
namespace aldis::xep::fast {

inline constexpr std::string_view ns = "urn:xmpp:fast:0";

/// What stands in SASL2's <inline/>: mechanisms that take tokens. At least one.
struct Feature {
    std::vector<std::string> mechanisms = {};
    bool tls_0rtt = false;

    static constexpr auto schema = xml::element(ns, "fast", xml::attribute_or<&Feature::tls_0rtt>("tls-0rtt", false),
                                                xml::text_children<&Feature::mechanisms>("mechanism"));
};

/// In SASL2's <authenticate/>: the response is made with a token.
struct Fast {
    std::optional<std::uint32_t> count = {};  ///< of the attempts with this token; required in TLS 0-RTT
    bool invalidate = false;                  ///< the token is not to be valid any longer

    static constexpr auto schema = xml::element(ns, "fast", xml::attribute<&Fast::count>("count"),
                                                xml::attribute_or<&Fast::invalidate>("invalidate", false));
};

/// Asks for a token, which is for that mechanism only.
struct RequestToken {
    std::string mechanism;

    static constexpr auto schema =
        xml::element(ns, "request-token", xml::attribute<&RequestToken::mechanism>("mechanism"));
};

/// In SASL2's <success/>.
struct Token {
    Timestamp expiry{};
    std::string token;

    static constexpr auto schema =
        xml::element(ns, "token", xml::attribute<&Token::expiry>("expiry"), xml::attribute<&Token::token>("token"));
};

}  // namespace aldis::xep::fast
