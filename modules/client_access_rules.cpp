#include "modules/client_access_rules.h"

#include <algorithm>

namespace aldis::modules::client_access {

namespace cam = xep::cam;

namespace {

constexpr std::string_view resource_prefix = "resource:";

cam::Status status_of(db::Permission permission) {
    switch (permission) {
        case db::Permission::unrestricted: return cam::Status::unrestricted;
        case db::Permission::normal: return cam::Status::normal;
        case db::Permission::restricted: return cam::Status::restricted;
    }
    return cam::Status::unrestricted;
}

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

cam::Client client_of(const db::Client& known, std::span<const Live> live, Timestamp now) {
    cam::Client client{.connected = std::ranges::find(live, known.id, &Live::client) != live.end(),
                       .id = known.id,
                       .first_seen = known.first_seen,
                       .last_seen = known.last_seen,
                       .auth = {.password = known.password, .fast = known.token_expires && *known.token_expires > now},
                       .permission = {status_of(known.permission)}};
    if (!known.software.empty() || !known.uri.empty() || !known.device.empty())
        client.user_agent = cam::UserAgent{.software = unless_empty(known.software),
                                           .uri = unless_empty(known.uri),
                                           .device = unless_empty(known.device)};
    return client;
}

bool is_listed(const Live& session, std::span<const db::Client> known) {
    return !session.client.empty() && std::ranges::find(known, session.client, &db::Client::id) != known.end();
}

}  // namespace

std::string id_of_resource(std::string_view resource) { return std::string{resource_prefix}.append(resource); }

cam::Clients listed(std::span<const db::Client> known, std::span<const Live> live, Timestamp now) {
    cam::Clients all;
    for (const db::Client& client : known) all.clients.push_back(client_of(client, live, now));
    for (const Live& session : live) {
        if (is_listed(session, known)) continue;
        all.clients.push_back({.connected = true,
                               .id = id_of_resource(session.resource),
                               .last_seen = now,
                               .auth = {.password = session.by_password},
                               .user_agent = cam::UserAgent{.device = session.resource}});
    }
    return all;
}

Revocation fate_of(std::string_view id, const std::optional<db::Client>& known, std::span<const Live> live) {
    if (known) return known->password ? Revocation::knows_password : Revocation::done;
    for (const Live& session : live)
        if (id_of_resource(session.resource) == id)
            return session.by_password ? Revocation::knows_password : Revocation::certificate;
    return Revocation::unknown;
}

Iq refusal(const Iq& result, Revocation revocation) {
    Iq iq{{.from = result.from(), .to = result.to(), .type = IqType::error, .id = result.id().value_or("")}};
    switch (revocation) {
        case Revocation::unknown:
            stanza::add_error(iq.edit(), {Condition::item_not_found, ErrorType::cancel, "There is no such client."});
            break;
        case Revocation::knows_password:
            stanza::add_error(iq.edit(), {Condition::service_unavailable, ErrorType::cancel,
                                          "It knows the password; only a new one keeps it out."});
            xml::add(*iq.edit().child({xml::client_ns, "error"}), cam::PasswordResetRequired{});
            break;
        case Revocation::certificate:
            stanza::add_error(iq.edit(), {Condition::not_allowed, ErrorType::cancel, "Revoke its certificate."});
            break;
        case Revocation::done:
        case Revocation::failed:
            stanza::add_error(iq.edit(),
                              {Condition::internal_server_error, ErrorType::wait, "This could not be stored."});
            break;
    }
    return iq;
}

}  // namespace aldis::modules::client_access
