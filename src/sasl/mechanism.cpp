#include "sasl/mechanism.h"

#include <algorithm>

namespace aldis::sasl {
namespace {

constexpr std::array all_bindings{Binding::tls_exporter, Binding::tls_unique, Binding::tls_server_end_point};

bool is_offered(Mechanism mechanism, const Policy& policy) {
    // XEP-0175: a host for guests has no accounts that anybody could prove to own.
    if (policy.anonymous) return mechanism == Mechanism::anonymous;
    if (mechanism == Mechanism::anonymous) return false;
    if (mechanism == Mechanism::external) return policy.encrypted && policy.certificate;
    const std::optional<Hash> hash = hash_of(mechanism);
    if (!hash) return policy.encrypted ? policy.plain : policy.plain_unencrypted;
    if (binds_channel(mechanism) && policy.bindings.empty()) return false;
    return std::ranges::find(policy.hashes, *hash) != policy.hashes.end();
}

bool is_fast(Mechanism mechanism, const Policy& policy) {
    // XEP-0484 "Security Considerations": who sees an exchange can repeat it.
    if (!policy.fast || !policy.encrypted || policy.anonymous) return false;
    const std::optional<Binding> binding = token_binding(mechanism);
    return !binding || std::ranges::find(policy.bindings, *binding) != policy.bindings.end();
}

/// "i;octet" collation (RFC 4790 section 9.3): by unsigned bytes, as std::string compares.
void append_sorted(std::string& text, std::vector<std::string_view> names) {
    std::ranges::sort(names);
    for (bool first = true; const std::string_view each : names) {
        if (!first) text += '\x1e';
        text += each;
        first = false;
    }
}

}  // namespace

std::string_view name(Mechanism mechanism) {
    switch (mechanism) {
        case Mechanism::scram_sha512_plus: return "SCRAM-SHA-512-PLUS";
        case Mechanism::scram_sha256_plus: return "SCRAM-SHA-256-PLUS";
        case Mechanism::scram_sha1_plus: return "SCRAM-SHA-1-PLUS";
        case Mechanism::scram_sha512: return "SCRAM-SHA-512";
        case Mechanism::scram_sha256: return "SCRAM-SHA-256";
        case Mechanism::scram_sha1: return "SCRAM-SHA-1";
        case Mechanism::external: return "EXTERNAL";
        case Mechanism::anonymous: return "ANONYMOUS";
        case Mechanism::ht_sha256_expr: return "HT-SHA-256-EXPR";
        case Mechanism::ht_sha256_uniq: return "HT-SHA-256-UNIQ";
        case Mechanism::ht_sha256_endp: return "HT-SHA-256-ENDP";
        case Mechanism::ht_sha256_none: return "HT-SHA-256-NONE";
        case Mechanism::plain: break;
    }
    return "PLAIN";
}

std::optional<Mechanism> mechanism_named(std::string_view wanted) {
    for (const Mechanism mechanism : all_mechanisms)
        if (name(mechanism) == wanted) return mechanism;
    for (const Mechanism mechanism : fast_mechanisms)
        if (name(mechanism) == wanted) return mechanism;
    return std::nullopt;
}

std::optional<Hash> hash_of(Mechanism mechanism) {
    switch (mechanism) {
        case Mechanism::scram_sha512_plus:
        case Mechanism::scram_sha512: return Hash::sha512;
        case Mechanism::scram_sha256_plus:
        case Mechanism::scram_sha256: return Hash::sha256;
        case Mechanism::scram_sha1_plus:
        case Mechanism::scram_sha1: return Hash::sha1;
        default: break;
    }
    return std::nullopt;
}

bool binds_channel(Mechanism mechanism) {
    return mechanism == Mechanism::scram_sha512_plus || mechanism == Mechanism::scram_sha256_plus ||
           mechanism == Mechanism::scram_sha1_plus;
}

bool takes_token(Mechanism mechanism) { return std::ranges::find(fast_mechanisms, mechanism) != fast_mechanisms.end(); }

bool proves_password(Mechanism mechanism) { return mechanism == Mechanism::plain || hash_of(mechanism).has_value(); }

std::string_view name(Binding binding) {
    switch (binding) {
        case Binding::tls_exporter: return "tls-exporter";
        case Binding::tls_unique: return "tls-unique";
        case Binding::tls_server_end_point: break;
    }
    return "tls-server-end-point";
}

std::optional<Binding> binding_named(std::string_view wanted) {
    for (const Binding binding : all_bindings)
        if (name(binding) == wanted) return binding;
    return std::nullopt;
}

std::vector<Binding> bindings_of_tls(bool tls13) {
    return {tls13 ? Binding::tls_exporter : Binding::tls_unique, Binding::tls_server_end_point};
}

std::optional<Binding> token_binding(Mechanism mechanism) {
    switch (mechanism) {
        case Mechanism::ht_sha256_expr: return Binding::tls_exporter;
        case Mechanism::ht_sha256_uniq: return Binding::tls_unique;
        case Mechanism::ht_sha256_endp: return Binding::tls_server_end_point;
        default: break;
    }
    return std::nullopt;
}

const std::optional<std::string>& ChannelBindings::data(Binding binding) const {
    switch (binding) {
        case Binding::tls_exporter: return tls_exporter;
        case Binding::tls_unique: return tls_unique;
        case Binding::tls_server_end_point: break;
    }
    return tls_server_end_point;
}

bool Offer::has(Mechanism mechanism) const {
    const std::vector<Mechanism>& list = takes_token(mechanism) ? fast : mechanisms;
    return std::ranges::find(list, mechanism) != list.end();
}

bool Offer::has(Binding binding) const { return std::ranges::find(bindings, binding) != bindings.end(); }

bool Offer::binds_channel() const { return std::ranges::any_of(mechanisms, sasl::binds_channel); }

bool Offer::tolerates(Binding binding) const { return std::ranges::find(tolerated, binding) != tolerated.end(); }

Offer offer(const Policy& policy) {
    Offer made{.encrypted = policy.encrypted};
    for (const Mechanism mechanism : all_mechanisms)
        if (is_offered(mechanism, policy)) made.mechanisms.push_back(mechanism);
    for (const Mechanism mechanism : fast_mechanisms)
        if (is_fast(mechanism, policy)) made.fast.push_back(mechanism);
    // XEP-0440 "Business Rules": types without a -PLUS mechanism look like an attack to the client.
    if (made.binds_channel()) {
        made.bindings = policy.bindings;
        made.tolerated = policy.tolerated;
    }
    return made;
}

std::string downgrade_protection_input(const Offer& offer) {
    std::vector<std::string_view> mechanisms{offer.others.begin(), offer.others.end()};
    for (const Mechanism mechanism : offer.mechanisms) mechanisms.push_back(name(mechanism));
    std::string text;
    append_sorted(text, std::move(mechanisms));
    if (offer.bindings.empty()) return text;

    text += '\x1f';
    std::vector<std::string_view> bindings;
    for (const Binding binding : offer.bindings) bindings.push_back(name(binding));
    append_sorted(text, std::move(bindings));
    return text;
}

std::string_view tls_version_code(std::string_view version) {
    if (version == "TLSv1.3") return "0304";
    return version == "TLSv1.2" ? "0303" : "";
}

}  // namespace aldis::sasl
