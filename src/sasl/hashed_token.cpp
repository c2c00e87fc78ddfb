#include "sasl/hashed_token.h"

#include <algorithm>

#include "sasl/scram_messages.h"
#include "sasl/text.h"

namespace aldis::sasl {
namespace {

constexpr std::size_t token_size = 24;  // random bytes; the draft wants 16 at least
// XEP-0484 "Server-side handling of multiple active tokens": the new one and the current one.
constexpr std::size_t usual_tokens = 2;

std::string joined(std::string_view role, std::string_view cb_data) {
    std::string text{role};
    return text.append(cb_data);
}

}  // namespace

std::string make_token(Random& random) { return random.token(token_size); }

/// initiator-msg = authcid NUL initiator-hashed-token; the latter may be any octets.
Step HashedToken::first(std::string_view message) {
    if (message.size() > largest_message) return Refusal{Failure::malformed_request, "message too long"};
    const std::size_t end = message.find('\0');
    if (end == std::string_view::npos || end + 1 == message.size())
        return Refusal{Failure::malformed_request, "not two parts"};
    if (end == 0 || end > largest_username || !is_utf8(message.substr(0, end)))
        return Refusal{Failure::malformed_request, "bad user name"};
    if (const std::optional<Binding> binding = token_binding(terms_.mechanism)) {
        const std::optional<std::string>& data = terms_.bindings.data(*binding);
        if (!data)
            return Refusal{Failure::temporary_auth_failure, "no data for a channel-binding type that was offered"};
        cb_data_ = *data;
    }
    username_ = message.substr(0, end);
    proof_ = message.substr(end + 1);
    return NeedCredentials{.username = username_, .authzid = {}, .kind = NeedCredentials::Kind::tokens};
}

bool HashedToken::shows(std::string_view secret) const {
    return equal(hmac(Hash::sha256, secret, joined("Initiator", cb_data_)), proof_);
}

/// Compares with all of them, and with none as often as with the usual number.
std::optional<std::size_t> HashedToken::find(const std::vector<Token>& tokens) const {
    std::optional<std::size_t> found;
    for (std::size_t at = 0; at < std::max(tokens.size(), usual_tokens); ++at) {
        const bool real = at < tokens.size() && !tokens[at].secret.empty();
        const bool shown = shows(real ? std::string_view{tokens[at].secret} : std::string_view{terms_.decoy_secret});
        if (real && shown && !found) found = at;
    }
    return found;
}

Step HashedToken::provide(const Account& account) {
    const std::optional<std::size_t> index = find(account.tokens);
    if (!index) return Refusal{Failure::not_authorized, "no such token"};
    const Token& token = account.tokens[*index];
    // XEP-0484 "Client authenticates using FAST": "Servers MUST bind tokens to the mechanism selected by the client".
    if (token.mechanism != terms_.mechanism) return Refusal{Failure::not_authorized, "token for another mechanism"};
    // XEP-0484 "Server responsibilities".
    if (token.expired) return Refusal{Failure::credentials_expired, "token has expired"};
    if (account.barred) return Refusal{*account.barred, "account is barred"};
    const Digest answer = hmac(Hash::sha256, token.secret, joined("Responder", cb_data_));
    return Success{.username = username_,
                   .authzid = {},
                   .additional_data = std::string{answer.view()},
                   .binding = token_binding(terms_.mechanism),
                   .token = index};
}

}  // namespace aldis::sasl
