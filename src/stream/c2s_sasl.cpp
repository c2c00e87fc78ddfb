// SASL on a client's stream: RFC 6120 section 6.
#include "base/base64.h"
#include "jid/precis.h"
#include "stream/c2s.h"
#include "xml/writer.h"

namespace aldis::stream {
namespace {

constexpr std::string_view sasl_ns = "urn:ietf:params:xml:ns:xmpp-sasl";
constexpr std::string_view binding_ns = "urn:xmpp:sasl-cb:0";

const Log& log() {
    static const Log instance{"auth"};
    return instance;
}

std::string element(std::string_view name, std::string_view data) {
    std::string xml = "<";
    xml.append(name).append(" xmlns='").append(sasl_ns);
    if (data.empty()) return xml += "'/>";
    return xml.append("'>").append(base64_encode(data)).append("</").append(name).append(">");
}

}  // namespace

/// An authentication in progress. It may be on another thread while the stream goes away.
struct ClientStream::Exchange {
    ClientStream* stream;
    std::shared_ptr<sasl::Server> server;
    std::string mechanism;
    bool waiting = false;  ///< for the account
};

sasl::Policy ClientStream::sasl_policy() const {
    const net::TlsInfo* const tls = transport().tls();
    sasl::Policy policy{.encrypted = has(secured),
                        .hashes = domain_->hashes,
                        .plain = domain_->plain,
                        .plain_unencrypted = domain_->plain_without_tls};
    if (tls == nullptr) return policy;
    // XEP-0440: only what this connection really has.
    if (tls->tls_exporter) policy.bindings.push_back(sasl::Binding::tls_exporter);
    // COMPAT: slixmpp 1.8 knows no other type than tls-unique, and uses it under TLS 1.3 too. It is taken there, where
    // OpenSSL's value covers the whole handshake, but not announced (RFC 9266 section 3).
    if (tls->tls_unique) (tls->tls_exporter ? policy.tolerated : policy.bindings).push_back(sasl::Binding::tls_unique);
    if (tls->tls_server_end_point) policy.bindings.push_back(sasl::Binding::tls_server_end_point);
    return policy;
}

void ClientStream::offer_mechanisms(std::string& out) {
    if (tls_mode_ == TlsMode::required && !has(secured)) return;  // RFC 6120 section 5.3.1: TLS comes first
    const sasl::Offer offer = sasl::offer(sasl_policy());
    if (offer.mechanisms.empty()) return;
    out.append("<mechanisms xmlns='").append(sasl_ns).append("'>");
    for (const sasl::Mechanism mechanism : offer.mechanisms)
        out.append("<mechanism>").append(sasl::name(mechanism)).append("</mechanism>");
    out += "</mechanisms>";
    if (offer.bindings.empty()) return;
    out.append("<sasl-channel-binding xmlns='").append(binding_ns).append("'>");
    for (const sasl::Binding binding : offer.bindings)
        out.append("<channel-binding type='").append(sasl::name(binding)).append("'/>");
    out += "</sasl-channel-binding>";
}

void ClientStream::authenticate(const xml::Element& element) {
    if (tls_mode_ == TlsMode::required && !has(secured))
        return fail_authentication(sasl::Failure::encryption_required, "no TLS yet");
    if (element.local() == "abort") return fail_authentication(sasl::Failure::aborted, "aborted by the client");

    const std::string_view text = element.text_view();
    const std::optional<std::string> bytes = text == "=" ? std::string{} : base64_decode(text);
    if (element.local() == "auth") {
        if (exchange_) return fail_authentication(sasl::Failure::malformed_request, "an exchange is under way");
        if (!reception_->may_try(transport().peer_address()))
            return fail_authentication(sasl::Failure::temporary_auth_failure, "too many failures from this address");
        if (!bytes) return fail_authentication(sasl::Failure::incorrect_encoding, "not base64");
        const std::optional<sasl::Mechanism> mechanism = sasl::mechanism_named(element.attribute_or("mechanism", ""));
        if (!mechanism) return fail_authentication(sasl::Failure::invalid_mechanism, "unknown mechanism");
        sasl::Terms terms{.mechanism = *mechanism,
                          .offer = sasl::offer(sasl_policy()),
                          .decoy_secret = domain_->decoy_secret,
                          .hashes = domain_->hashes,
                          .iterations = domain_->iterations,
                          .prepare = &prepare_password};
        if (const net::TlsInfo* const tls = transport().tls()) {
            terms.bindings = {tls->tls_exporter, tls->tls_unique, tls->tls_server_end_point};
            terms.tls_version = tls->version;
        }
        exchange_ =
            std::make_shared<Exchange>(this, std::make_shared<sasl::Server>(std::move(terms), place().shard.random()),
                                       std::string{sasl::name(*mechanism)});
        return take_step(exchange_->server->start(text.empty() ? std::optional<std::string_view>{} : *bytes));
    }
    if (element.local() != "response" || !exchange_ || exchange_->waiting)
        return fail_authentication(sasl::Failure::malformed_request, "out of order");
    if (!bytes) return fail_authentication(sasl::Failure::incorrect_encoding, "not base64");
    take_step(exchange_->server->respond(*bytes));
}

void ClientStream::take_step(sasl::Step step) {
    if (const auto* const challenge = std::get_if<sasl::Challenge>(&step)) {
        send(element("challenge", challenge->bytes));
    } else if (const auto* const needed = std::get_if<sasl::NeedCredentials>(&step)) {
        look_up(*needed);
    } else if (const auto* const success = std::get_if<sasl::Success>(&step)) {
        succeed(*success);
    } else {
        const auto& refusal = std::get<sasl::Refusal>(step);
        fail_authentication(refusal.condition, refusal.why);
    }
}

void ClientStream::look_up(const sasl::NeedCredentials& needed) {
    Result<Jid> account = Jid::from_parts(needed.username, domain_->name, {});
    exchange_->waiting = true;
    hold();
    // A name that cannot be an account takes the same way as one that is not: the lookup finds nobody.
    reception_->provide(exchange_->server, account && account->has_local() ? *account : Jid{},
                        [exchange = std::weak_ptr{exchange_}](sasl::Step step) {
                            const std::shared_ptr<Exchange> alive = exchange.lock();
                            if (!alive) return;
                            alive->waiting = false;
                            ClientStream& stream = *alive->stream;
                            stream.take_step(std::move(step));
                            stream.go_on();
                        });
}

void ClientStream::succeed(const sasl::Success& success) {
    const Result<Jid> account = Jid::from_parts(success.username, domain_->name, {});
    if (!account) return fail_authentication(sasl::Failure::not_authorized, "no such account");
    const Result<Jid> authzid = Jid::parse(success.authzid);
    const std::string_view acting = success.authzid.empty() ? std::string_view{}
                                    : authzid               ? std::string_view{authzid->text()}
                                                            : "?";
    // RFC 6120 section 6.3.8: nobody speaks for another here.
    if (!sasl::acts_for_itself(acting, account->text()))
        return fail_authentication(sasl::Failure::invalid_authzid, "authzid of another");
    if (success.upgraded) reception_->store_credentials(*account, *success.upgraded);

    reception_->login_succeeded(transport().peer_address(), exchange_->mechanism);
    log().info("logged in", kv("jid", *account), kv("peer", transport().peer_address()),
               kv("mechanism", exchange_->mechanism),
               kv("tls", transport().tls() == nullptr ? std::string_view{"none"}
                                                      : std::string_view{transport().tls()->version}));
    account_ = *account;
    mechanism_ = exchange_->server->mechanism();
    reached_ |= authenticated;
    exchange_.reset();
    set_limits(place().limits->after_auth);
    send(element("success", success.additional_data));
    restart();
}

void ClientStream::fail_authentication(sasl::Failure condition, std::string_view why) {
    const std::string mechanism = exchange_ ? exchange_->mechanism : "";
    exchange_.reset();
    std::string xml = "<failure xmlns='";
    xml.append(sasl_ns).append("'><").append(sasl::name(condition)).append("/></failure>");
    send(xml);
    // Only what says something about a password counts against the address.
    using enum sasl::Failure;
    if (condition != aborted && condition != encryption_required && condition != temporary_auth_failure) {
        log().info("login failed", kv("peer", transport().peer_address()), kv("mechanism", mechanism), kv("why", why));
        reception_->login_failed(transport().peer_address(), mechanism, why);
    }
    // RFC 6120 section 6.4.5: a limited number of tries.
    if (++attempts_ >= place().limits->max_attempts) end(StreamCondition::policy_violation, "Too many failed logins.");
}

}  // namespace aldis::stream
