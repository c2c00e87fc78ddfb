// What a client may send that carries no password: tokens (XEP-0484), the authorization identity beside a certificate
// (XEP-0178), the trace of a guest (XEP-0175), and the hash of an upgrade task (XEP-0480).
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "sasl/server.h"
#include "sasl/upgrade.h"

namespace {

using namespace aldis;

class FixedRandom final : public Random {
public:
    void fill(std::span<unsigned char> bytes) override {
        for (unsigned char& byte : bytes) byte = 7;
    }
};

void check(bool holds) {
    if (!holds) std::abort();
}

std::optional<sasl::Identity> read_address(std::string_view text) {
    if (!text.contains('@')) return std::nullopt;
    const std::size_t slash = std::min(text.find('/'), text.size());
    return sasl::Identity{.account = std::string{text.substr(0, slash)},
                          .resource = std::string{text.substr(std::min(slash + 1, text.size()))}};
}

sasl::Terms terms_from(std::uint8_t choice) {
    using enum sasl::Mechanism;
    constexpr std::array mechanisms{external, anonymous, ht_sha256_expr, ht_sha256_endp, ht_sha256_none};
    sasl::Terms terms{.mechanism = mechanisms[choice % mechanisms.size()]};
    terms.offer = sasl::offer({.encrypted = true,
                               .bindings = sasl::bindings_of_tls(true),
                               .certificate = true,
                               .anonymous = terms.mechanism == anonymous,
                               .fast = true});
    terms.bindings = {.tls_exporter = "exporter", .tls_server_end_point = "end point"};
    terms.decoy_secret = "secret";
    terms.fast = true;
    terms.read_address = &read_address;
    terms.certificate = {.trusted = (choice & 0x80) != 0,
                         .expired = false,
                         .addresses = {{.account = "juliet@example.com", .resource = "balcony"},
                                       {.account = "romeo@example.net", .resource = {}}}};
    return terms;
}

sasl::Account found(sasl::Mechanism mechanism) {
    return {.tokens = {{.secret = "new", .mechanism = mechanism}, {.secret = "current", .mechanism = mechanism}},
            .holders = {{.account = "juliet@example.com"}, {.account = "nurse@example.com", .enrolled = true}}};
}

void check_success(const sasl::Terms& terms, const sasl::Success& success) {
    check(!success.username.empty());
    check(success.guest == (terms.mechanism == sasl::Mechanism::anonymous));
    check(success.token.has_value() == sasl::takes_token(terms.mechanism));
    if (terms.mechanism != sasl::Mechanism::external) return;
    check(success.username == "nurse" || (success.username == "juliet" && terms.certificate->trusted));
    check(success.resource == (success.username == "juliet" ? "balcony" : ""));
}

void exchange(std::uint8_t choice, std::string_view message) {
    FixedRandom random;
    const sasl::Terms terms = terms_from(choice);
    sasl::Server server{terms, random};
    sasl::Step step = server.start(message);
    if (std::holds_alternative<sasl::NeedCredentials>(step)) step = server.provide(found(terms.mechanism));
    if (const auto* const success = std::get_if<sasl::Success>(&step)) return check_success(terms, *success);
    check(!std::get<sasl::Refusal>(step).why.empty());
    check(std::holds_alternative<sasl::Refusal>(server.respond(message)));
}

void upgrade(std::string_view text) {
    FixedRandom random;
    const sasl::Upgrade task{sasl::Hash::sha256, 4096, random};
    const sasl::Read<sasl::Keys> keys = task.finish(text);
    if (!keys) return;
    sasl::Credentials credentials;
    credentials.set(sasl::Hash::sha256, *keys);
    check(sasl::Credentials::parse(credentials.serialise()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    exchange(data[0], input.substr(1));
    upgrade(input);
    return 0;
}
