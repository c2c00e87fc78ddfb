#include "sasl/server.h"

namespace aldis::sasl {
namespace {

constexpr Refusal out_of_turn{Failure::malformed_request, "nothing was asked"};

}  // namespace

Server::Server(Terms terms, Random& random)
    : terms_{std::move(terms)}, machine_{std::in_place_type<Plain>, terms_, random} {
    if (takes_token(terms_.mechanism))
        machine_.emplace<HashedToken>(terms_);
    else if (terms_.mechanism == Mechanism::external)
        machine_.emplace<External>(terms_);
    else if (terms_.mechanism == Mechanism::anonymous)
        machine_.emplace<Anonymous>(random);
    else if (const std::optional<Hash> hash = hash_of(terms_.mechanism))
        machine_.emplace<Scram>(terms_, *hash, random);
}

Step Server::start(std::optional<std::string_view> initial_response) {
    if (expected_ != Expected::start) return settle(out_of_turn);
    if (const std::optional<Refusal> refusal = refuse_mechanism()) return settle(*refusal);
    expected_ = Expected::first;
    // XEP-0175 "Protocol Flow": who has nothing to say is not asked for it.
    if (terms_.mechanism == Mechanism::anonymous) return respond(initial_response.value_or(""));
    // RFC 6120 section 6.4.2: the client speaks first in all of these, so it is asked with an empty challenge.
    return initial_response ? respond(*initial_response) : Challenge{};
}

std::optional<Refusal> Server::refuse_mechanism() const {
    if (terms_.offer.has(terms_.mechanism)) {
        // XEP-0484 "Client authenticates using FAST": "the client MUST include a <fast/> element".
        if (takes_token(terms_.mechanism) && !terms_.fast)
            return Refusal{Failure::malformed_request, "token without <fast/>"};
        return std::nullopt;
    }
    if (terms_.mechanism == Mechanism::plain && !terms_.offer.encrypted)
        return Refusal{Failure::encryption_required, "PLAIN without TLS"};
    return Refusal{Failure::invalid_mechanism, "mechanism was not offered"};
}

Step Server::respond(std::string_view response) {
    if (expected_ == Expected::first)
        return settle(std::visit([&](auto& machine) { return machine.first(response); }, machine_));
    Scram* scram = std::get_if<Scram>(&machine_);
    if (expected_ == Expected::final && scram != nullptr) return settle(scram->final(response));
    return settle(out_of_turn);
}

Step Server::provide(const Account& account) {
    if (expected_ != Expected::account) return settle(out_of_turn);
    const auto answer = [&]<class Machine>(Machine& machine) -> Step {
        if constexpr (requires { machine.provide(account); })
            return machine.provide(account);
        else
            return out_of_turn;
    };
    return settle(std::visit(answer, machine_));
}

Step Server::provide(std::optional<Credentials> credentials) {
    return provide(Account{.credentials = std::move(credentials)});
}

/// What is expected next follows from what was answered.
Step Server::settle(Step step) {
    if (std::holds_alternative<Challenge>(step))
        expected_ = Expected::final;
    else if (std::holds_alternative<NeedCredentials>(step))
        expected_ = Expected::account;
    else
        expected_ = Expected::nothing;
    return step;
}

}  // namespace aldis::sasl
