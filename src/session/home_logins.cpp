// Logging in, as streams ask for it: what is known of an account, and who has come. XEP-0388, XEP-0484, XEP-0178.
#include <algorithm>

#include "db/stores.h"
#include "sasl/credentials.h"
#include "sasl/hashed_token.h"
#include "session/home.h"

namespace aldis::session {
namespace {

using stream::Admission;
using stream::Arrival;
using stream::Found;
using stream::LookUp;

const sasl::Refusal no_database{sasl::Failure::temporary_auth_failure, "the database failed"};

/// Calls `then` on the home's shard when `job` has run, or could not: the database is at fault and not the password.
void read(Home& home, std::function<void(db::Connection&)> job, std::function<void(bool done)> then) {
    auto work = [job = std::move(job), then, back = home.way_back()](db::Connection& connection) {
        bool done = true;
        try {
            job(connection);
        } catch (const std::exception&) {
            done = false;
        }
        back([then, done] { then(done); });
    };
    try {
        home.stores().database.read(std::move(work));
    } catch (const std::exception& error) {
        home.log().error("an account could not be looked up", kv("cause", error.what()));
        home.shard().post([then = std::move(then)] { then(false); });
    }
}

void add_token(sasl::Account& account, const std::optional<db::ClientToken>& token, Timestamp now) {
    if (!token) return;
    if (const std::optional<sasl::Mechanism> mechanism = sasl::mechanism_named(token->mechanism))
        account.tokens.push_back({.secret = token->secret, .mechanism = *mechanism, .expired = token->expires <= now});
}

void add_holder(sasl::Account& account, db::Connection& connection, const std::string& jid, bool enrolled) {
    const std::optional<db::User> user = db::Users::find(connection, jid);
    if (!user) return;
    account.holders.push_back({.account = jid, .enrolled = enrolled});
    if (user->disabled) account.holders.back().barred = sasl::Failure::account_disabled;
}

/// XEP-0257 before XEP-0178: what an account has enrolled counts for more than what somebody has signed.
sasl::Account holders_of(db::Connection& connection, const LookUp& wanted) {
    sasl::Account account;
    if (!wanted.account.empty()) {
        const std::string name{wanted.account.bare_text()};
        if (db::Certificates::find(connection, name, wanted.fingerprint)) add_holder(account, connection, name, true);
    } else {
        for (const std::string& owner : db::Certificates::owners(connection, wanted.domain, wanted.fingerprint))
            add_holder(account, connection, owner, true);
    }
    for (const std::string& address : wanted.addresses) add_holder(account, connection, address, false);
    return account;
}

sasl::Account account_of(db::Connection& connection, const LookUp& wanted, Timestamp now) {
    sasl::Account account{.name = wanted.account.local()};
    if (wanted.account.empty()) return account;
    const db::Login login = db::Stores::find_login(connection, wanted.account.bare_text(), wanted.client);
    if (!login.user) return account;
    account.credentials = sasl::Credentials::parse(login.user->credentials);
    if (login.user->disabled) account.barred = sasl::Failure::account_disabled;
    // XEP-0484 "Server-side handling of multiple active tokens": the new one first.
    add_token(account, login.tokens.offered, now);
    add_token(account, login.tokens.current, now);
    return account;
}

Found look_up(db::Connection& connection, sasl::Server& exchange, const LookUp& wanted, Timestamp now) {
    const bool by_certificate = wanted.kind == sasl::NeedCredentials::Kind::holders;
    const sasl::Account account = by_certificate ? holders_of(connection, wanted) : account_of(connection, wanted, now);
    Found found{.step = exchange.provide(account), .stored = account.credentials};
    const auto* const success = std::get_if<sasl::Success>(&found.step);
    if (success != nullptr && success->token) found.token = account.tokens[*success->token].secret;
    return found;
}

/// What is needed to write an arrival down.
struct Entering {
    Arrival arrival;
    Timestamp now{};
    std::chrono::seconds lifetime{0};  ///< of tokens
    std::string fresh = {};            ///< a token, should one be needed
    Admission admission = {};
};

/// Whether what a password was compared with is still there: a new one has other salts. More may have come.
bool holds_still(std::string_view stored, const sasl::Credentials& shown) {
    const std::optional<sasl::Credentials> current = sasl::Credentials::parse(stored);
    return current && std::ranges::all_of(sasl::all_hashes, [&](sasl::Hash hash) {
               const sasl::Keys* const before = shown.find(hash);
               const sasl::Keys* const now = current->find(hash);
               return before == nullptr || (now != nullptr && now->salt == before->salt &&
                                            now->stored_key.view() == before->stored_key.view());
           });
}

/// What has happened to the account since it was looked up: however long a client takes to log in, it does not get in
/// with a password that was changed meanwhile, or a certificate that was revoked.
std::optional<sasl::Refusal> refusal_by_now(db::Connection& connection, const Arrival& arrival) {
    using sasl::Refusal;
    const std::string& owner = arrival.account.text();
    const std::optional<db::User> user = db::Users::find(connection, owner);
    if (!user) return Refusal{sasl::Failure::not_authorized, "account was removed"};
    if (user->disabled) return Refusal{sasl::Failure::account_disabled, "account is barred"};
    if (sasl::proves_password(arrival.mechanism) &&
        (!arrival.stored || !holds_still(user->credentials, *arrival.stored)))
        return Refusal{sasl::Failure::not_authorized, "password was changed"};
    if (!arrival.fingerprint.empty() && !db::Certificates::find(connection, owner, arrival.fingerprint))
        return Refusal{sasl::Failure::not_authorized, "certificate was revoked"};
    return std::nullopt;
}

/// The mechanism that a new token is to be for.
std::optional<sasl::Mechanism> token_due(db::Connection& connection, const Entering& entering) {
    const Arrival& arrival = entering.arrival;
    // Who has come by a certificate has no need of one, and it would outlive the certificate.
    if (!arrival.shown) return sasl::proves_password(arrival.mechanism) ? arrival.token_for : std::nullopt;
    if (arrival.token_for || arrival.shown->invalidate) return arrival.token_for;
    // XEP-0484 "Server initiates token rotation": in the second half of its life.
    const db::ClientTokens tokens = db::Clients::tokens(connection, arrival.account.text(), arrival.client);
    if (!tokens.current || tokens.current->expires - entering.now > entering.lifetime / 2) return std::nullopt;
    return arrival.mechanism;
}

void write(db::Connection& connection, Entering& entering) {
    const Arrival& arrival = entering.arrival;
    const std::string& owner = arrival.account.text();
    entering.admission = {.refused = refusal_by_now(connection, arrival)};
    if (entering.admission.refused) return;
    // Revoked while the client was proving that it had it, or repeated by somebody who listened.
    if (arrival.shown &&
        !db::Clients::use_token(connection, owner, arrival.client, arrival.shown->secret, arrival.shown->count)) {
        entering.admission.refused = sasl::Refusal{sasl::Failure::not_authorized, "token is of no use any more"};
        return;
    }
    if (arrival.renewed && arrival.stored)
        db::Users::renew_credentials(connection, owner, arrival.stored->serialise(), arrival.renewed->serialise());
    if (arrival.client.empty()) return;
    db::Clients::touch(connection, owner,
                       {.id = arrival.client,
                        .software = arrival.software,
                        .device = arrival.device,
                        .address = arrival.address,
                        .mechanism = sasl::name(arrival.mechanism),
                        .at = entering.now,
                        .password = sasl::proves_password(arrival.mechanism)});
    if (entering.lifetime.count() == 0) return;
    const std::optional<sasl::Mechanism> due = token_due(connection, entering);
    if (arrival.shown && arrival.shown->invalidate) db::Clients::remove_tokens(connection, owner, arrival.client);
    if (!due) return;
    const Timestamp expiry = std::chrono::floor<std::chrono::seconds>(entering.now) + entering.lifetime;
    const db::ClientToken token{.secret = entering.fresh,
                                .mechanism = std::string{sasl::name(*due)},
                                .issued = entering.now,
                                .expires = expiry};
    if (db::Clients::offer_token(connection, owner, arrival.client, token))
        entering.admission.token = stream::NewToken{.text = entering.fresh, .expiry = expiry};
}

void write_down(Home& home, std::shared_ptr<Entering> entering, std::function<void(bool)> then) {
    db::Unit unit;
    unit.add([entering](db::Connection& connection) { write(connection, *entering); }, sizeof(Entering) + 256);
    home.commit(std::move(unit), std::move(then));
}

}  // namespace

void Home::login_failed(std::string_view address, std::string_view mechanism, std::string_view) {
    guard_.failed(address, mechanism);
}

void Home::login_succeeded(std::string_view address, std::string_view mechanism) {
    guard_.succeeded(address, mechanism);
}

void Home::provide(std::shared_ptr<sasl::Server> exchange, LookUp wanted, std::function<void(Found)> answer) {
    const auto found = std::make_shared<Found>();  // a function must be copyable to travel
    auto job = [exchange, wanted = std::move(wanted), now = shard_.clock().now(), found](db::Connection& connection) {
        *found = look_up(connection, *exchange, wanted, now);
    };
    read(*this, std::move(job), [found, answer = std::move(answer)](bool done) {
        if (!done) found->step = no_database;
        answer(std::move(*found));
    });
}

void Home::arrive(Arrival arrival, std::function<void(Admission)> answer) {
    const bool must_be_stored = arrival.shown || arrival.token_for || arrival.renewed;
    const stream::Domain* const domain = find_domain(arrival.account.domain());
    auto entering = std::make_shared<Entering>(Entering{.arrival = std::move(arrival), .now = shard_.clock().now()});
    if (domain != nullptr) entering->lifetime = domain->token_lifetime;
    if (must_be_stored) entering->fresh = sasl::make_token(shard_.random());
    const auto admit = [entering, answer = std::move(answer)](bool done) {
        if (!done) entering->admission = {.refused = no_database};
        answer(std::move(entering->admission));
    };
    if (must_be_stored) return write_down(*this, entering, admit);
    // The stream is known to be this account's by now: a change that this does not see yet finds and ends it.
    auto check = [entering](db::Connection& connection) {
        entering->admission.refused = refusal_by_now(connection, entering->arrival);
    };
    read(*this, std::move(check), [this, entering, admit](bool done) {
        const bool tells = done && !entering->admission.refused && !entering->arrival.client.empty();
        if (tells) write_down(*this, std::make_shared<Entering>(*entering), [](bool) {});
        admit(done);
    });
}

}  // namespace aldis::session
