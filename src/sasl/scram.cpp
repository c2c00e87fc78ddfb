#include "sasl/scram.h"

#include "base/base64.h"

namespace aldis::sasl {
namespace {

constexpr std::size_t nonce_size = 18;  // random bytes: 24 characters without padding

}  // namespace

Step Scram::first(std::string_view message) {
    Read<ClientFirst> parsed = parse_client_first(message);
    if (!parsed) return parsed.error();
    first_ = *std::move(parsed);
    if (const std::optional<Refusal> refusal = refuse_flag()) return *refusal;
    if (const std::optional<Refusal> refusal = bind_channel()) return *refusal;
    return NeedCredentials{.username = first_.username, .authzid = first_.authzid};
}

/// RFC 5802 section 6: the flag has to agree with the mechanism and with what we offered.
std::optional<Refusal> Scram::refuse_flag() const {
    const bool plus = binds_channel(terms_.mechanism);
    if (plus && first_.flag != BindingFlag::used)
        return Refusal{Failure::malformed_request, "-PLUS without channel binding"};
    if (!plus && first_.flag == BindingFlag::used)
        return Refusal{Failure::malformed_request, "channel binding without -PLUS"};
    // Section 6: "If the flag is set to "y" and the server supports channel binding, the server MUST fail".
    if (first_.flag == BindingFlag::not_offered && terms_.offer.binds_channel())
        return Refusal{Failure::not_authorized, "client was not shown that we bind channels: somebody is in between"};
    return std::nullopt;
}

std::optional<Refusal> Scram::bind_channel() {
    if (first_.flag != BindingFlag::used) return std::nullopt;
    const std::optional<Binding> wanted = binding_named(first_.binding);
    if (!wanted || !(terms_.offer.has(*wanted) || terms_.offer.tolerates(*wanted)))
        return Refusal{Failure::not_authorized, "channel-binding type was not offered"};
    if (!terms_.bindings.data(*wanted))
        return Refusal{Failure::temporary_auth_failure, "no data for a channel-binding type that was offered"};
    binding_ = wanted;
    return std::nullopt;
}

Step Scram::provide(const Account& account) {
    const std::string_view spelling = account.name.empty() ? std::string_view{first_.username} : account.name;
    // Made for accounts that exist too, so that the time until the challenge tells nothing.
    keys_ = decoy(hash_, terms_.decoy_secret, spelling, terms_.iterations);
    const Keys* stored = account.credentials ? account.credentials->find(hash_) : nullptr;
    known_ = stored != nullptr;
    why_unknown_ = account.credentials ? "account has no keys for this hash" : "no such account";
    if (known_) keys_ = *stored;
    barred_ = account.barred;

    nonce_ = first_.nonce + (terms_.nonce.empty() ? random_.token(nonce_size) : terms_.nonce);
    server_first_ = server_first();
    return Challenge{server_first_};
}

/// server-first-message: RFC 5802 section 7.
std::string Scram::server_first() const {
    std::string message = "r=" + nonce_;
    message += ",s=" + base64_encode(keys_.salt);
    message += ",i=" + std::to_string(keys_.iterations);
    // XEP-0474 "Server Sends Downgrade Protection Hash": with the hash of the mechanism in use.
    if (terms_.downgrade_protection)
        message += ",h=" + base64_encode(digest(hash_, downgrade_protection_input(terms_.offer)));
    // XEP-0515 "Business Rules": not without XEP-0474.
    if (const std::string_view code = tls_version_code(terms_.tls_version);
        terms_.downgrade_protection && !code.empty())
        message.append(",t=").append(code);
    return message;
}

Step Scram::final(std::string_view message) {
    const Read<ClientFinal> last = parse_client_final(message);
    if (!last) return last.error();
    if (last->nonce != nonce_) return Refusal{Failure::not_authorized, "nonce is not the one of this exchange"};

    // RFC 5802 section 5.1, 'c': the GS2 header as it arrived, then the data of the channel, and nothing else.
    const std::string expected = first_.gs2_header + (binding_ ? *terms_.bindings.data(*binding_) : std::string{});
    if (!equal(last->channel_binding, expected)) return Refusal{Failure::not_authorized, "channel binding differs"};

    const std::string auth_message = first_.bare + ',' + server_first_ + ',' + last->without_proof;
    const bool proved = proves(*last, auth_message);
    const Digest signature = hmac(hash_, keys_.server_key, auth_message);
    if (!known_) return Refusal{Failure::not_authorized, why_unknown_};
    if (!proved) return Refusal{Failure::not_authorized, "wrong proof"};
    if (barred_) return Refusal{*barred_, "account is barred"};
    return Success{.username = first_.username,
                   .authzid = first_.authzid,
                   .additional_data = "v=" + base64_encode(signature),
                   .binding = binding_};
}

/// RFC 5802 section 3: ClientKey := ClientProof XOR ClientSignature, and its hash has to be StoredKey.
bool Scram::proves(const ClientFinal& last, std::string_view auth_message) const {
    if (last.proof.size() != size_of(hash_)) return false;
    Digest client_key = hmac(hash_, keys_.stored_key, auth_message);
    client_key ^= Digest{last.proof};
    return equal(digest(hash_, client_key), keys_.stored_key);
}

}  // namespace aldis::sasl
