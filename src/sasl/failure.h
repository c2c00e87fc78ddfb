#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace aldis::sasl {

/// The defined conditions of SASL failures: RFC 6120 section 6.5.
enum class Failure : std::uint8_t {
    aborted,
    account_disabled,
    credentials_expired,
    encryption_required,
    incorrect_encoding,
    invalid_authzid,
    invalid_mechanism,
    malformed_request,
    mechanism_too_weak,
    not_authorized,
    temporary_auth_failure,
};

/// The name of the element in urn:ietf:params:xml:ns:xmpp-sasl, e.g. "not-authorized".
[[nodiscard]] std::string_view name(Failure condition);

/// The end of an exchange that did not succeed. The peer sees the condition; `why` is a literal for the log.
struct Refusal {
    Failure condition = Failure::not_authorized;
    std::string_view why = {};

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// What was read from a message, or why the message is refused.
template <class T>
using Read = std::expected<T, Refusal>;

[[nodiscard]] inline std::unexpected<Refusal> malformed(std::string_view why) {
    return std::unexpected{Refusal{Failure::malformed_request, why}};
}

}  // namespace aldis::sasl
