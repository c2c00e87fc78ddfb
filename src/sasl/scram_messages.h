#pragma once

#include <string>
#include <string_view>

#include "sasl/failure.h"

// The grammar of RFC 5802 section 7, as far as the client speaks it. Nothing here decides who may enter.
namespace aldis::sasl {

inline constexpr std::size_t largest_message = 4096;   ///< bytes in any message of a client, decoded
inline constexpr std::size_t largest_username = 1023;  ///< bytes: a localpart (RFC 7622 section 3.3.1)
inline constexpr std::size_t largest_authzid = 2047;   ///< bytes: a bare JID
inline constexpr std::size_t largest_nonce = 512;      ///< bytes in the client's part

/// gs2-cbind-flag: what the client says about channel binding.
enum class BindingFlag : char {
    unsupported = 'n',  ///< it cannot
    not_offered = 'y',  ///< it could, but believes that the server cannot
    used = 'p',         ///< it does
};

/// client-first-message.
struct ClientFirst {
    BindingFlag flag = BindingFlag::unsupported;
    std::string binding{};   ///< the type's name; only with BindingFlag::used
    std::string authzid{};   ///< decoded; empty if there is none
    std::string username{};  ///< decoded
    std::string nonce{};
    std::string gs2_header{};  ///< as sent, with both commas
    std::string bare{};        ///< client-first-message-bare, as sent
};

/// client-final-message.
struct ClientFinal {
    std::string channel_binding;  ///< cbind-input, decoded
    std::string nonce;
    std::string proof;          ///< decoded
    std::string without_proof;  ///< client-final-message-without-proof, as sent
};

[[nodiscard]] Read<ClientFirst> parse_client_first(std::string_view message);
[[nodiscard]] Read<ClientFinal> parse_client_final(std::string_view message);

}  // namespace aldis::sasl
