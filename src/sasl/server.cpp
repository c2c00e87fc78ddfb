#include "sasl/server.h"

namespace aldis::sasl {
namespace {

constexpr Refusal out_of_turn{Failure::malformed_request, "nothing was asked"};

}  // namespace

Server::Server(Terms terms, Random& random) : terms_{std::move(terms)} {
    if (const std::optional<Hash> hash = hash_of(terms_.mechanism))
        machine_.emplace<Scram>(terms_, *hash, random);
    else
        machine_.emplace<Plain>(terms_, random);
}

Step Server::start(std::optional<std::string_view> initial_response) {
    if (expected_ != Expected::start) return settle(out_of_turn);
    if (const std::optional<Refusal> refusal = refuse_mechanism()) return settle(*refusal);
    expected_ = Expected::first;
    // RFC 6120 section 6.4.2: the client speaks first in all of these, so it is asked with an empty challenge.
    return initial_response ? respond(*initial_response) : Challenge{};
}

std::optional<Refusal> Server::refuse_mechanism() const {
    if (terms_.offer.has(terms_.mechanism)) return std::nullopt;
    if (terms_.mechanism == Mechanism::plain && !terms_.offer.encrypted)
        return Refusal{Failure::encryption_required, "PLAIN without TLS"};
    return Refusal{Failure::invalid_mechanism, "mechanism was not offered"};
}

Step Server::respond(std::string_view response) {
    Scram* scram = std::get_if<Scram>(&machine_);
    if (expected_ == Expected::first)
        return settle(scram != nullptr ? scram->first(response) : std::get<Plain>(machine_).first(response));
    if (expected_ == Expected::final && scram != nullptr) return settle(scram->final(response));
    return settle(out_of_turn);
}

Step Server::provide(const Account& account) {
    if (expected_ != Expected::account) return settle(out_of_turn);
    Scram* scram = std::get_if<Scram>(&machine_);
    return settle(scram != nullptr ? scram->provide(account) : std::get<Plain>(machine_).provide(account));
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
