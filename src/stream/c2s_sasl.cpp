// SASL on a client's stream: RFC 6120 section 6, and what XEP-0388 has in common with it.
#include <algorithm>

#include "base/base64.h"
#include "jid/precis.h"
#include "stream/c2s_exchange.h"
#include "xml/writer.h"

namespace aldis::stream {
namespace {

constexpr std::string_view sasl_ns = "urn:ietf:params:xml:ns:xmpp-sasl";
constexpr std::string_view sasl2_ns = "urn:xmpp:sasl:2";
constexpr std::string_view binding_ns = "urn:xmpp:sasl-cb:0";

const Log& log() {
    static const Log instance{"auth"};
    return instance;
}

std::string element(std::string_view name, std::string_view ns, std::string_view data) {
    std::string xml = "<";
    xml.append(name).append(" xmlns='").append(ns);
    if (data.empty()) return xml += "'/>";
    return xml.append("'>").append(base64_encode(data)).append("</").append(name).append(">");
}

/// What a client or a certificate calls an address.
std::optional<sasl::Identity> read_address(std::string_view text) {
    const Result<Jid> jid = Jid::parse(text);
    if (!jid || !jid->has_local()) return std::nullopt;
    return sasl::Identity{.account = std::string{jid->bare_text()}, .resource = std::string{jid->resource()}};
}

}  // namespace

sasl::Policy ClientStream::sasl_policy() const {
    const net::TlsInfo* const tls = transport().tls();
    sasl::Policy policy{.encrypted = has(secured),
                        .hashes = domain_->hashes,
                        .plain = domain_->plain,
                        .plain_unencrypted = domain_->plain_without_tls,
                        .anonymous = domain_->anonymous,
                        .fast = domain_->token_lifetime.count() > 0};
    if (tls == nullptr) return policy;
    policy.certificate = domain_->certificates && tls->certificate != nullptr;
    // XEP-0440: only what this connection really has.
    if (tls->tls_exporter) policy.bindings.push_back(sasl::Binding::tls_exporter);
    // COMPAT: slixmpp 1.8 knows no other type than tls-unique, and uses it under TLS 1.3 too. It is taken there, where
    // OpenSSL's value covers the whole handshake, but not announced (RFC 9266 section 3).
    if (tls->tls_unique) (tls->tls_exporter ? policy.tolerated : policy.bindings).push_back(sasl::Binding::tls_unique);
    if (tls->tls_server_end_point) policy.bindings.push_back(sasl::Binding::tls_server_end_point);
    return policy;
}

/// XEP-0178: what counts of a certificate here.
sasl::ClientCertificate ClientStream::known_of(const tls::PeerCertificate& certificate) const {
    sasl::ClientCertificate known{.trusted = certificate.verified,
                                  .expired = certificate.expired(place().shard.clock().now())};
    for (const std::string& text : certificate.xmpp_addrs) {
        const Result<Jid> jid = Jid::parse(text);
        if (jid && jid->has_local() && jid->domain() == domain_->name) known.addresses.push_back(*read_address(text));
    }
    return known;
}

sasl::Terms ClientStream::sasl_terms(sasl::Mechanism mechanism) const {
    sasl::Terms terms{.mechanism = mechanism,
                      .offer = sasl::offer(sasl_policy()),
                      .decoy_secret = domain_->decoy_secret,
                      .hashes = domain_->hashes,
                      .iterations = domain_->iterations,
                      .prepare = &prepare_password,
                      .read_address = &read_address};
    // Tokens are for streams with XEP-0388.
    if (profile_ == Profile::rfc6120) terms.offer.fast.clear();
    const net::TlsInfo* const tls = transport().tls();
    if (tls == nullptr) return terms;
    terms.bindings = {tls->tls_exporter, tls->tls_unique, tls->tls_server_end_point};
    terms.tls_version = tls->version;  // XEP-0515
    if (tls->certificate != nullptr) terms.certificate = known_of(*tls->certificate);
    return terms;
}

/// RFC 6120 section 5.3.1: TLS comes first.
bool ClientStream::may_authenticate() const {
    const bool needs_tls = tls_mode_ == TlsMode::required || profile_ == Profile::xep0388;
    return has(secured) || !needs_tls;
}

void ClientStream::offer_mechanisms(std::string& out) {
    if (tls_mode_ == TlsMode::required && !has(secured)) return;
    const sasl::Offer offer = sasl::offer(sasl_policy());
    if (offer.mechanisms.empty()) return;
    out.append("<mechanisms xmlns='").append(sasl_ns).append("'>");
    for (const sasl::Mechanism mechanism : offer.mechanisms)
        out.append("<mechanism>").append(sasl::name(mechanism)).append("</mechanism>");
    out += "</mechanisms>";
}

/// XEP-0440, once for both profiles: what they offer is the same.
void ClientStream::offer_bindings(std::string& out) {
    if (tls_mode_ == TlsMode::required && !has(secured)) return;
    const sasl::Offer offer = sasl::offer(sasl_policy());
    if (offer.bindings.empty()) return;
    out.append("<sasl-channel-binding xmlns='").append(binding_ns).append("'>");
    for (const sasl::Binding binding : offer.bindings)
        out.append("<channel-binding type='").append(sasl::name(binding)).append("'/>");
    out += "</sasl-channel-binding>";
}

void ClientStream::authenticate(const xml::Element& element) {
    profile_ = Profile::rfc6120;
    if (!may_authenticate()) return fail_authentication(sasl::Failure::encryption_required, "no TLS yet");
    if (element.local() == "abort") return fail_authentication(sasl::Failure::aborted, "aborted by the client");
    if (element.local() != "auth" && element.local() != "response")
        return fail_authentication(sasl::Failure::malformed_request, "out of order");

    const std::string_view text = element.text_view();
    const std::optional<std::string> bytes = text == "=" ? std::string{} : base64_decode(text);
    if (!bytes) return fail_authentication(sasl::Failure::incorrect_encoding, "not base64");
    if (element.local() == "response") return respond(*bytes);
    begin({}, element.attribute_or("mechanism", ""), text.empty() ? std::nullopt : bytes, nullptr);
}

void ClientStream::begin(Arrival arrival, std::string_view mechanism, const std::optional<std::string>& response,
                         std::unique_ptr<Request> request) {
    if (exchange_) return fail_authentication(sasl::Failure::malformed_request, "an exchange is under way");
    if (!reception_->may_try(transport().peer_address()))
        return fail_authentication(sasl::Failure::temporary_auth_failure, "too many failures from this address");
    const std::optional<sasl::Mechanism> known = sasl::mechanism_named(mechanism);
    if (!known) return fail_authentication(sasl::Failure::invalid_mechanism, "unknown mechanism");

    sasl::Terms terms = sasl_terms(*known);
    terms.fast = arrival.shown.has_value();
    if (std::ranges::find(terms.offer.fast, arrival.token_for) == terms.offer.fast.end()) arrival.token_for.reset();
    arrival.mechanism = *known;
    arrival.address = transport().peer_address();
    exchange_ = std::make_shared<Exchange>();
    exchange_->stream = this;
    exchange_->server = std::make_shared<sasl::Server>(std::move(terms), place().shard.random());
    exchange_->arrival = std::move(arrival);
    exchange_->request = std::move(request);
    take_step(exchange_->server->start(response ? std::optional<std::string_view>{*response} : std::nullopt));
}

void ClientStream::respond(std::string_view response) {
    if (!exchange_ || !exchange_->server || exchange_->waiting)
        return fail_authentication(sasl::Failure::malformed_request, "out of order");
    take_step(exchange_->server->respond(response));
}

void ClientStream::take_step(sasl::Step step) {
    if (const auto* const challenge = std::get_if<sasl::Challenge>(&step)) {
        send(element("challenge", profile_ == Profile::rfc6120 ? sasl_ns : sasl2_ns, challenge->bytes));
    } else if (const auto* const needed = std::get_if<sasl::NeedCredentials>(&step)) {
        look_up(*needed);
    } else if (auto* const success = std::get_if<sasl::Success>(&step)) {
        succeed(std::move(*success));
    } else {
        const auto& refusal = std::get<sasl::Refusal>(step);
        fail_authentication(refusal.condition, refusal.why);
    }
}

void ClientStream::look_up(const sasl::NeedCredentials& needed) {
    LookUp wanted{.kind = needed.kind, .client = exchange_->arrival.client, .domain = domain_->name};
    // A name that cannot be an account takes the same way as one that is not: the lookup finds nobody.
    const Result<Jid> account = Jid::from_parts(needed.username, domain_->name, {});
    if (account && account->has_local()) wanted.account = *account;
    if (needed.kind == sasl::NeedCredentials::Kind::holders) {
        const tls::PeerCertificate& certificate = *transport().tls()->certificate;
        wanted.fingerprint = exchange_->fingerprint = certificate.fingerprint;
        // Only accounts of this domain: the same name elsewhere is somebody else.
        const Result<Jid> named = Jid::parse(needed.authzid);
        if (named && named->has_local() && named->domain() == domain_->name) wanted.account = named->bare();
        if (certificate.verified)
            for (sasl::Identity& address : known_of(certificate).addresses)
                wanted.addresses.push_back(std::move(address.account));
        exchange_->vouched_for = wanted.addresses;
    }
    exchange_->authzid = needed.authzid;
    exchange_->wait();
    reception_->provide(exchange_->server, std::move(wanted), [waiting = std::weak_ptr{exchange_}](Found found) {
        Exchange::go_on(waiting, [&](ClientStream& stream, Exchange& exchange) {
            exchange.arrival.stored = std::move(found.stored);
            if (exchange.arrival.shown) exchange.arrival.shown->secret = std::move(found.token);
            stream.take_step(std::move(found.step));
        });
    });
}

void ClientStream::succeed(sasl::Success success) {
    const Result<Jid> account = Jid::from_parts(success.username, domain_->name, {});
    if (!account) return fail_authentication(sasl::Failure::not_authorized, "no such account");
    const Result<Jid> authzid = Jid::parse(success.authzid);
    const std::string_view acting = success.authzid.empty() ? std::string_view{}
                                    : authzid               ? std::string_view{authzid->text()}
                                                            : "?";
    // RFC 6120 section 6.3.8: nobody speaks for another here.
    if (!sasl::acts_for_itself(acting, account->text()))
        return fail_authentication(sasl::Failure::invalid_authzid, "authzid of another");
    // XEP-0388 "Initiation"
    const Jid& from = introduction_->from;
    if (exchange_->request && !exchange_->authzid.empty() && !from.empty() && from != *account)
        return fail_authentication(sasl::Failure::invalid_authzid, "authzid is not whom the stream is from");

    exchange_->server.reset();
    exchange_->guest = success.guest;
    exchange_->resource = std::move(success.resource);
    exchange_->additional_data = std::move(success.additional_data);
    exchange_->arrival.account = *account;
    if (std::ranges::find(exchange_->vouched_for, account->text()) == exchange_->vouched_for.end())
        exchange_->arrival.fingerprint = exchange_->fingerprint;
    exchange_->arrival.renewed = std::move(success.upgraded);
    if (!success.token) exchange_->arrival.shown.reset();
    exchange_->request ? begin_task() : arrive();
}

/// The client is who it says, and has done what else it had to do.
void ClientStream::arrive() {
    account_ = exchange_->arrival.account;
    mechanism_ = exchange_->arrival.mechanism;
    introduction_->client = exchange_->arrival.client;
    introduction_->resource = std::move(exchange_->resource);
    introduction_->fingerprint = std::move(exchange_->fingerprint);
    if (exchange_->guest) return admit_guest();
    exchange_->wait();
    reception_->arrive(std::move(exchange_->arrival), [waiting = std::weak_ptr{exchange_}](const Admission& admission) {
        Exchange::go_on(waiting, [&](ClientStream& stream, Exchange&) { stream.admit(admission); });
    });
}

/// XEP-0175: nothing is written of a guest, but there is not room for any number of them.
void ClientStream::admit_guest() {
    if (reception_->admit_guest(transport().peer_address())) return admit({});
    admit({.refused = sasl::Refusal{sasl::Failure::temporary_auth_failure, "too many guests"}});
}

void ClientStream::admit(const Admission& admission) {
    if (admission.refused) {
        account_ = {};
        mechanism_.reset();
        return fail_authentication(admission.refused->condition, admission.refused->why);
    }
    const std::string_view mechanism = sasl::name(*mechanism_);
    reception_->login_succeeded(transport().peer_address(), mechanism);
    log().info("logged in", kv("jid", account_), kv("peer", transport().peer_address()), kv("mechanism", mechanism),
               kv("tls", transport().tls() == nullptr ? std::string_view{"none"}
                                                      : std::string_view{transport().tls()->version}));
    reached_ |= authenticated;
    set_limits(place().limits->after_auth);
    if (exchange_->request) return admit_login(admission);
    send(element("success", sasl_ns, exchange_->additional_data));
    exchange_.reset();
    restart();
}

void ClientStream::fail_authentication(sasl::Failure condition, std::string_view why, std::string_view specific) {
    const std::string_view mechanism = exchange_ ? sasl::name(exchange_->arrival.mechanism) : "";
    exchange_.reset();
    std::string xml = "<failure xmlns='";
    if (profile_ == Profile::rfc6120)
        xml.append(sasl_ns).append("'><").append(sasl::name(condition)).append("/>");
    else
        xml.append(sasl2_ns)
            .append("'><")
            .append(sasl::name(condition))
            .append(" xmlns='")
            .append(sasl_ns)
            .append("'/>");
    send(xml.append(specific).append("</failure>"));
    // Only what says something about a password counts against the address.
    using enum sasl::Failure;
    if (condition != aborted && condition != encryption_required && condition != temporary_auth_failure) {
        log().info("login failed", kv("peer", transport().peer_address()), kv("mechanism", mechanism), kv("why", why));
        reception_->login_failed(transport().peer_address(), mechanism, why);
    }
    // XEP-0509 "Usage": a client that went by an old list has not failed.
    if (!specific.empty()) return;
    // RFC 6120 section 6.4.5: a limited number of tries.
    if (++attempts_ >= place().limits->max_attempts) end(StreamCondition::policy_violation, "Too many failed logins.");
}

}  // namespace aldis::stream
