// Logging in, as streams ask for it: what is known of an account, and who has come. XEP-0388, XEP-0484, XEP-0178.
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

/// Whether the password that was shown is valid still: a token for another would outlive its change.
bool knows_password(db::Connection& connection, const Arrival& arrival) {
    const std::optional<db::User> user = db::Users::find(connection, arrival.account.text());
    const std::optional<sasl::Credentials>& shown = arrival.renewed ? arrival.renewed : arrival.stored;
    return user && !user->disabled && shown && user->credentials == shown->serialise();
}

/// The mechanism that a new token is to be for.
std::optional<sasl::Mechanism> token_due(db::Connection& connection, const Entering& entering) {
    const Arrival& arrival = entering.arrival;
    if (!arrival.shown) {
        // Who has come by a certificate has no need of one, and it would outlive the certificate.
        const bool trusted = sasl::proves_password(arrival.mechanism) && knows_password(connection, arrival);
        return trusted ? arrival.token_for : std::nullopt;
    }
    if (arrival.token_for || arrival.shown->invalidate) return arrival.token_for;
    // XEP-0484 "Server initiates token rotation": in the second half of its life.
    const db::ClientTokens tokens = db::Clients::tokens(connection, arrival.account.text(), arrival.client);
    if (!tokens.current || tokens.current->expires - entering.now > entering.lifetime / 2) return std::nullopt;
    return arrival.mechanism;
}

void write(db::Connection& connection, Entering& entering) {
    const Arrival& arrival = entering.arrival;
    const std::string& owner = arrival.account.text();
    entering.admission = {};
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

}  // namespace

void Home::login_failed(std::string_view address, std::string_view mechanism, std::string_view) {
    guard_.failed(address, mechanism);
}

void Home::login_succeeded(std::string_view address, std::string_view mechanism) {
    guard_.succeeded(address, mechanism);
}

void Home::provide(std::shared_ptr<sasl::Server> exchange, LookUp wanted, std::function<void(Found)> answer) {
    auto job = [exchange, wanted = std::move(wanted), now = shard_.clock().now(), back = way_back(),
                answer](db::Connection& connection) mutable {
        const auto found = std::make_shared<Found>();  // a function must be copyable to travel
        try {
            *found = look_up(connection, *exchange, wanted, now);
        } catch (const std::exception&) {
            // The database is at fault and not the password: another condition, and no failure is counted.
            found->step = sasl::Refusal{sasl::Failure::temporary_auth_failure, "the database failed"};
        }
        back([answer, found] { answer(std::move(*found)); });
    };
    try {
        stores_.database.read(std::move(job));
    } catch (const std::exception& error) {
        log_.error("an account could not be looked up", kv("cause", error.what()));
        shard_.post([answer] {
            answer({.step = sasl::Refusal{sasl::Failure::temporary_auth_failure, "the database is busy"}});
        });
    }
}

void Home::arrive(Arrival arrival, std::function<void(Admission)> answer) {
    const bool must_be_stored = arrival.shown || arrival.token_for || arrival.renewed;
    if (!must_be_stored && arrival.client.empty()) return answer({});
    const stream::Domain* const domain = find_domain(arrival.account.domain());
    auto entering = std::make_shared<Entering>(Entering{.arrival = std::move(arrival), .now = shard_.clock().now()});
    if (domain != nullptr) entering->lifetime = domain->token_lifetime;
    if (must_be_stored) entering->fresh = sasl::make_token(shard_.random());
    db::Unit unit;
    unit.add([entering](db::Connection& connection) { write(connection, *entering); }, sizeof(Entering) + 256);
    if (!must_be_stored) {
        commit(std::move(unit), [](bool) {});
        return answer({});
    }
    commit(std::move(unit), [entering, answer = std::move(answer)](bool stored) {
        if (stored) return answer(std::move(entering->admission));
        answer({.refused = sasl::Refusal{sasl::Failure::temporary_auth_failure, "the database failed"}});
    });
}

}  // namespace aldis::session
