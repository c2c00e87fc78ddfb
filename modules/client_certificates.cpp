#include "base/base64.h"
#include "mod/module.h"
#include "session/certificate.h"
#include "xep/xep0257_client_certificates.h"

namespace aldis::modules {
namespace {

namespace saslcert = xep::saslcert;

constexpr stanza::Error no_tls{Condition::policy_violation, ErrorType::modify, "Encrypt the connection first."};
constexpr stanza::Error may_not{Condition::forbidden, ErrorType::auth,
                                "Who has logged in by this certificate may not change the list."};
constexpr stanza::Error no_such{Condition::item_not_found, ErrorType::cancel, "There is no certificate of this name."};

/// XEP-0257: the certificates with which an account is logged in to by SASL EXTERNAL.
class ClientCertificates final : public mod::Module {
public:
    explicit ClientCertificates(mod::Context& context) : context_{context} {
        using mod::For;
        context.on_iq(IqType::get, For::own_account, *this, &ClientCertificates::list);
        context.on_iq(IqType::set, For::own_account, *this, &ClientCertificates::append);
        context.on_iq(IqType::set, For::own_account, *this, &ClientCertificates::disable);
        context.on_iq(IqType::set, For::own_account, *this, &ClientCertificates::revoke);
        context.feature(For::server, saslcert::ns);
    }

private:
    Task<Result<saslcert::Items>> list(mod::Request request, saslcert::Items asked);
    Task<Result<mod::Empty>> append(mod::Request request, saslcert::Append wanted);
    Task<Result<mod::Empty>> disable(mod::Request request, saslcert::Disable wanted);
    Task<Result<mod::Empty>> revoke(mod::Request request, saslcert::Revoke wanted);
    Task<Result<db::Certificate>> remove(mod::Request request, std::string name);
    void end_sessions(const Jid& account, const std::string& fingerprint);
    template <class Job>
    auto write(Job job) {
        return context_.home().stores().database.write(context_.home().way_back(), std::move(job));
    }

    mod::Context& context_;
};

/// "the server MUST reject any communication described in this document if the link ... is not secured".
bool is_encrypted(const mod::Request& request) {
    return request.session != nullptr && request.session->connected() &&
           request.session->stream()->has(stream::secured);
}

std::string without_space(std::string_view text) {
    std::string base64;
    for (const char c : text)
        if (!std::string_view{" \t\r\n"}.contains(c)) base64 += c;
    return base64;
}

Result<db::Certificate> certificate_of(const saslcert::Append& wanted, Timestamp now) {
    if (wanted.name.empty()) return refuse(Condition::bad_request, ErrorType::modify, "A certificate needs a name.");
    std::optional<std::string> der = base64_decode(without_space(wanted.x509cert));
    const auto read = der ? session::read_certificate(*der) : std::nullopt;
    if (!read) return refuse(Condition::not_acceptable, ErrorType::modify, "This is no certificate.");
    if (read->valid_until < now)
        return refuse(Condition::not_acceptable, ErrorType::modify, "This certificate has expired.");
    return db::Certificate{.name = wanted.name,
                           .der = std::move(*der),
                           .fingerprint = read->fingerprint,
                           .no_management = wanted.no_cert_management,
                           .added = now};
}

Result<mod::Empty> answer_to(db::Certificates::Added added) {
    using enum db::Certificates::Added;
    switch (added) {
        case yes: return mod::Empty{};
        case name_taken:
            return refuse(Condition::conflict, ErrorType::cancel, "This name, or this certificate, is there already.");
        case too_many: return refuse(Condition::resource_constraint, ErrorType::cancel, "There are too many already.");
        case too_large: return refuse(Condition::not_acceptable, ErrorType::modify, "This is too large.");
    }
    return mod::Empty{};
}

/// Whether whoever is logged in by this certificate, or by none, may change the list.
bool may_change(db::Connection& connection, const std::string& owner, const std::string& by) {
    if (by.empty()) return true;
    const std::optional<db::Certificate> own = db::Certificates::find(connection, owner, by);
    return own && !own->no_management;
}

saslcert::Item item_of(const db::Certificate& certificate, const session::Account& account) {
    saslcert::Item item{.name = certificate.name,
                        .x509cert = base64_encode(certificate.der),
                        .no_cert_management = certificate.no_management};
    for (const auto& session : account.sessions()) {
        if (session::certificate_of(*session) != certificate.fingerprint) continue;
        if (!item.users) item.users.emplace();
        item.users->resources.emplace_back(session->jid().resource());
    }
    return item;
}

Task<Result<saslcert::Items>> ClientCertificates::list(mod::Request request, saslcert::Items /*asked*/) {
    if (!is_encrypted(request)) co_return std::unexpected{no_tls};
    auto read = [owner = request.account->jid().text()](db::Connection& connection) {
        return db::Certificates::list(connection, owner);
    };
    const std::vector<db::Certificate> certificates = co_await context_.read(std::move(read));
    saslcert::Items items;
    for (const db::Certificate& certificate : certificates)
        items.items.push_back(item_of(certificate, *request.account));
    co_return items;
}

Task<Result<mod::Empty>> ClientCertificates::append(mod::Request request, saslcert::Append wanted) {
    if (!is_encrypted(request)) co_return std::unexpected{no_tls};
    Result<db::Certificate> certificate = certificate_of(wanted, context_.clock().now());
    if (!certificate) co_return std::unexpected{certificate.error()};
    auto add = [owner = request.account->jid().text(), by = session::certificate_of(*request.session),
                certificate = std::move(*certificate)](db::Connection& connection) {
        std::optional<db::Certificates::Added> added;
        if (may_change(connection, owner, by)) added = db::Certificates::add(connection, owner, certificate);
        return added;
    };
    const std::optional<db::Certificates::Added> added = co_await write(std::move(add));
    if (!added) co_return std::unexpected{may_not};
    co_return answer_to(*added);
}

Task<Result<db::Certificate>> ClientCertificates::remove(mod::Request request, std::string name) {
    if (!is_encrypted(request)) co_return std::unexpected{no_tls};
    struct Removed {
        bool allowed = false;
        std::optional<db::Certificate> certificate = {};
    };
    auto remove = [owner = request.account->jid().text(), by = session::certificate_of(*request.session),
                   name = std::move(name)](db::Connection& connection) {
        Removed removed{.allowed = may_change(connection, owner, by)};
        if (removed.allowed) removed.certificate = db::Certificates::remove(connection, owner, name);
        return removed;
    };
    Removed removed = co_await write(std::move(remove));
    if (!removed.allowed) co_return std::unexpected{may_not};
    if (!removed.certificate) co_return std::unexpected{no_such};
    co_return std::move(*removed.certificate);
}

Task<Result<mod::Empty>> ClientCertificates::disable(mod::Request request, saslcert::Disable wanted) {
    Task<Result<db::Certificate>> work = remove(request, std::move(wanted.name));
    const Result<db::Certificate> removed = co_await work;
    if (!removed) co_return std::unexpected{removed.error()};
    co_return mod::Empty{};
}

Task<Result<mod::Empty>> ClientCertificates::revoke(mod::Request request, saslcert::Revoke wanted) {
    Task<Result<db::Certificate>> work = remove(request, std::move(wanted.name));
    const Result<db::Certificate> removed = co_await work;
    if (!removed) co_return std::unexpected{removed.error()};
    // The one who asks may be among them: he gets his answer first.
    context_.home().shard().post([this, account = request.account->jid(), fingerprint = removed->fingerprint] {
        end_sessions(account, fingerprint);
    });
    co_return mod::Empty{};
}

/// A session that has lost its stream is left alone: to come back to it, one must log in first.
void ClientCertificates::end_sessions(const Jid& account, const std::string& fingerprint) {
    constexpr std::string_view text = "The certificate was revoked.";
    context_.home().log_out_unbound({.account = account, .text = std::string{text}, .fingerprint = fingerprint});
    const session::Account* const there = context_.home().find(account);
    if (there == nullptr) return;
    std::vector<std::uint64_t> ids;
    for (const auto& session : there->sessions())
        if (session::certificate_of(*session) == fingerprint) ids.push_back(session->id());
    for (const std::uint64_t id : ids)
        if (session::Session* const session = there->find(id))
            session->end(stream::StreamCondition::not_authorized, text);
}

constexpr mod::Spec specs[] = {{"XEP-0257", "0.3"}};

}  // namespace

extern const mod::Info client_certificates_info;
const mod::Info client_certificates_info{
    .name = "client_certificates",
    .summary = "Keeps the certificates with which an account is logged in to without a password.",
    .implements = specs,
    .for_guests = false,
    .make = mod::make<ClientCertificates>};

}  // namespace aldis::modules
