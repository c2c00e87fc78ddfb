// Drives whole authentication exchanges with whatever comes, and reads whatever comes as stored credentials.
//
// The first byte chooses the mechanism and what the server knows; the rest is split at 0x1e into the client's messages,
// of which "@" is replaced by the right answer with the proof left open, so that the last step is reached.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/base64.h"
#include "sasl/server.h"

namespace {

using namespace aldis;

/// Bytes that repeat, so that a crash can be repeated.
class FixedRandom final : public Random {
public:
    void fill(std::span<unsigned char> bytes) override { std::ranges::fill(bytes, static_cast<unsigned char>(7)); }
};

void check(bool holds) {
    if (!holds) std::abort();
}

const sasl::Credentials& stored() {
    static const sasl::Credentials credentials = [] {
        FixedRandom random;
        return sasl::derive("pencil", sasl::all_hashes, 2, random);
    }();
    return credentials;
}

using enum sasl::Mechanism;
constexpr std::array password_mechanisms{
    scram_sha512_plus, scram_sha256_plus, scram_sha1_plus, scram_sha512, scram_sha256, scram_sha1, plain};

sasl::Terms terms_from(std::uint8_t choice) {
    sasl::Terms terms{.mechanism = password_mechanisms[choice % password_mechanisms.size()]};
    const bool bound = (choice & 0x80) == 0;
    terms.offer = sasl::offer(
        {.encrypted = true, .bindings = bound ? sasl::bindings_of_tls(true) : std::vector<sasl::Binding>{}});
    terms.bindings = {.tls_exporter = "exporter", .tls_server_end_point = "end point"};
    terms.decoy_secret = "secret";
    terms.iterations = 2;
    return terms;
}

std::string_view next_message(std::string_view& rest) {
    const std::size_t end = std::min(rest.find('\x1e'), rest.size());
    const std::string_view message = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return message;
}

/// client-final-message with a proof of the right size, which is wrong.
std::string answer_to(std::string_view first, std::string_view challenge, std::size_t proof_size) {
    const std::size_t header = first.find(',', first.find(',') + 1) + 1;
    std::string bound{first.substr(0, header)};
    if (bound.starts_with("p=tls-exporter")) bound += "exporter";
    if (bound.starts_with("p=tls-server")) bound += "end point";
    return "c=" + base64_encode(bound) + ',' + std::string{challenge.substr(0, challenge.find(','))} +
           ",p=" + base64_encode(std::string(proof_size, 'x'));
}

/// Nobody enters without a password, and only PLAIN carries one.
void check_success(const sasl::Terms& terms, const sasl::Success& success, bool known) {
    check(known);
    check(terms.mechanism == sasl::Mechanism::plain);
    check(!success.username.empty());
}

void exchange(std::uint8_t choice, std::string_view rest) {
    FixedRandom random;
    const sasl::Terms terms = terms_from(choice);
    const bool known = (choice & 0x40) == 0;
    sasl::Server server{terms, random};
    const std::string_view first = next_message(rest);
    sasl::Step step = (choice & 0x20) == 0 ? server.start(first) : server.start(std::nullopt);
    for (int steps = 0; steps < 16; ++steps) {
        if (const auto* success = std::get_if<sasl::Success>(&step)) return check_success(terms, *success, known);
        if (const auto* refusal = std::get_if<sasl::Refusal>(&step)) {
            check(!refusal->why.empty());
            return;
        }
        if (std::holds_alternative<sasl::NeedCredentials>(step)) {
            step = server.provide(known ? std::optional{stored()} : std::nullopt);
            continue;
        }
        const std::string challenge = std::get<sasl::Challenge>(step).bytes;
        if (challenge.empty()) {
            step = server.respond(first);
            continue;
        }
        const std::string_view message = next_message(rest);
        const std::optional<sasl::Hash> hash = sasl::hash_of(terms.mechanism);
        check(hash.has_value());
        step =
            server.respond(message == "@" ? answer_to(first, challenge, sasl::size_of(*hash)) : std::string{message});
    }
}

/// What is read is what is written again, byte by byte.
void credentials(std::string_view text) {
    const std::optional<sasl::Credentials> read = sasl::Credentials::parse(text);
    if (read) check(read->serialise() == text);
}

/// No order of calls may do harm.
void any_order(std::string_view text) {
    FixedRandom random;
    sasl::Server server{terms_from(static_cast<std::uint8_t>(text.size())), random};
    while (!text.empty()) {
        const std::string_view message = next_message(text);
        switch (message.size() % 3) {
            case 0: (void)server.start(message); break;
            case 1: (void)server.respond(message); break;
            default: (void)server.provide(stored()); break;
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    credentials(input);
    exchange(data[0], input.substr(1));
    any_order(input.substr(1));
    return 0;
}
