#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace aldis::stanza {

/// The defined conditions of stanza errors: RFC 6120 section 8.3.3.
enum class Condition : std::uint8_t {
    bad_request,
    conflict,
    feature_not_implemented,
    forbidden,
    gone,
    internal_server_error,
    item_not_found,
    jid_malformed,
    not_acceptable,
    not_allowed,
    not_authorized,
    policy_violation,
    recipient_unavailable,
    redirect,
    registration_required,
    remote_server_not_found,
    remote_server_timeout,
    resource_constraint,
    service_unavailable,
    subscription_required,
    undefined_condition,
    unexpected_request,
};

/// What the sender should do about it: RFC 6120 section 8.3.2.
enum class ErrorType : std::uint8_t { auth, cancel, continue_, modify, wait };

/// A condition that an extension defines: RFC 6120 section 8.3.4. Both are literals.
struct Specific {
    std::string_view ns = {};
    std::string_view name = {};
    std::string_view feature = {};  ///< an attribute of that name: what is not supported (XEP-0060)

    friend bool operator==(const Specific&, const Specific&) = default;
};

/// An answer to a peer. The text is a literal on purpose: peers see the condition, the log sees the cause.
struct Error {
    Condition condition = Condition::undefined_condition;
    ErrorType type = ErrorType::cancel;
    std::string_view text = {};
    Specific specific = {};

    friend bool operator==(const Error&, const Error&) = default;
};

}  // namespace aldis::stanza

namespace aldis {

/// What may be refused: a value, or the stanza error that its sender is answered with.
template <class T>
using Result = std::expected<T, stanza::Error>;

using stanza::Condition;
using stanza::ErrorType;

/// `return refuse(Condition::bad_request, ErrorType::modify)` from a function that returns a Result.
[[nodiscard]] inline std::unexpected<stanza::Error> refuse(Condition condition, ErrorType type,
                                                           std::string_view text = {}, stanza::Specific specific = {}) {
    return std::unexpected{stanza::Error{condition, type, text, specific}};
}

}  // namespace aldis
