#include "config/complete.h"

#include "config/certificate.h"
#include "config/load.h"

namespace aldis::config {
namespace {

const Value* step(const Value* value, const char* key) {
    if (value == nullptr || value->table() == nullptr) return nullptr;
    const auto found = value->table()->find(key);
    return found == value->table()->end() ? nullptr : &found->second;
}
const Value* step(const Value* value, std::size_t index) {
    const bool there = value != nullptr && value->list() != nullptr && index < value->list()->size();
    return there ? &(*value->list())[index] : nullptr;
}

/// Walks the tree of what was written: at(&written, "listener", 1, "port").
template <class... Steps>
const Value* at(const Value* value, Steps... steps) {
    ((value = step(value, steps)), ...);
    return value;
}

template <class... Steps>
Origin origin_of(const Value& written, Steps... steps) {
    const Value* const value = at(&written, steps...);
    return value == nullptr ? Origin{} : value->origin;
}

/// What the environment completes from the defaults is in the tree as well, but nobody wrote it.
template <class... Steps>
bool is_set(const Value& written, Steps... steps) {
    const Value* const value = at(&written, steps...);
    return value != nullptr && value->origin.from != Origin::From::built_in;
}

void fill_paths(Config& config) {
    Server& server = config.server;
    if (server.data_dir.empty()) server.data_dir = default_data_dir();
    if (server.admin_socket.empty()) server.admin_socket = server.data_dir / "admin.sock";
    if (config.storage.path.empty()) config.storage.path = server.data_dir / "aldis.db";
    for (Domain& domain : config.domains) {
        if (domain.certificate.empty()) domain.certificate = server.data_dir / "certs" / (domain.name + ".pem");
        if (domain.key.empty()) domain.key = std::filesystem::path{domain.certificate}.replace_extension(".key");
    }
}

void fill_listener(Listener& listener, const Value& written, std::size_t index) {
    const auto absent = [&](const char* key) { return at(&written, "listener", index, key) == nullptr; };
    const bool metrics = listener.kind == ListenerKind::metrics;
    if (metrics && absent("tls")) listener.tls = TlsMode::none;
    if (metrics && absent("address")) listener.address = {"127.0.0.1"};
    if (!absent("port")) return;
    const std::uint16_t c2s = listener.tls == TlsMode::direct ? 5223 : 5222;
    listener.port = metrics ? 5280 : c2s;
}

void fill_listeners(Config& config, const Value& written) {
    if (at(&written, "listener") == nullptr) return;
    for (std::size_t i = 0; i < config.listeners.size(); ++i) fill_listener(config.listeners[i], written, i);
}

void check_domains(const Config& config, const Value& written, Problems& problems) {
    for (std::size_t i = 0; i < config.domains.size(); ++i) {
        const Domain& domain = config.domains[i];
        const std::string key = "domain[" + std::to_string(i) + "]";
        if (config.domain(domain.name) != &domain)
            problems.error(origin_of(written, "domain", i, "name"), key + ".name",
                           "is there twice: \"" + domain.name + "\"");
        if (is_set(written, "domain", i, "certificate"))
            check_certificate(domain, origin_of(written, "domain", i, "certificate"), key + ".certificate", problems);
        else if (!std::filesystem::exists(domain.certificate) && domain.name != "localhost")
            problems.warn(origin_of(written, "domain", i), key + ".certificate",
                          "there is no certificate at " + domain.certificate.string(),
                          "put one there, name another, or for tests run: aldis cert make-dev " + domain.name);
    }
    if (config.domains.empty()) problems.error(origin_of(written, "domain"), "domain", "there must be one at least");
}

void check_tls(const Listener& listener, const Origin& origin, const std::string& key, Problems& problems) {
    if (listener.kind == ListenerKind::metrics && listener.tls != TlsMode::none)
        problems.error(origin, key, "a metrics listener has no TLS", "leave the key out");
    if (listener.kind == ListenerKind::c2s && listener.tls == TlsMode::none && !listener.on_loopback())
        problems.error(origin, key, "without TLS only loopback addresses are allowed",
                       "use \"required-starttls\" or \"direct\", or set address = [\"127.0.0.1\", \"::1\"]");
    if (listener.kind == ListenerKind::c2s && listener.tls == TlsMode::starttls && !listener.on_loopback())
        problems.warn(origin, key, "clients may stay without TLS", "\"required-starttls\" does not let them");
}

bool lets_clear_text_in(const Listener& listener) {
    const bool optional = listener.tls == TlsMode::none || listener.tls == TlsMode::starttls;
    return listener.kind == ListenerKind::c2s && optional && !listener.on_loopback();
}

void check_listeners(const Config& config, const Value& written, Problems& problems) {
    for (std::size_t i = 0; i < config.listeners.size(); ++i)
        check_tls(config.listeners[i], origin_of(written, "listener", i, "tls"),
                  "listener[" + std::to_string(i) + "].tls", problems);
    if (config.auth.plain_without_tls && std::ranges::any_of(config.listeners, lets_clear_text_in))
        problems.error(origin_of(written, "auth", "plain_without_tls"), "auth.plain_without_tls",
                       "passwords would travel in the clear",
                       "give every listener whose tls is \"none\" or \"starttls\" a loopback address");
}

void check_limits(const Config& config, const Value& written, Problems& problems) {
    const bool all_loopback = std::ranges::all_of(config.listeners, &Listener::on_loopback);
    if (!config.limits.enabled && !all_loopback)
        problems.warn(origin_of(written, "limits", "enabled"), "limits.enabled",
                      "nothing stops a peer that floods this server",
                      "switch limits off only where all listeners are on loopback");
    if (config.auth.mechanisms.empty())
        problems.error(origin_of(written, "auth", "mechanisms"), "auth.mechanisms", "there must be one at least");
}

}  // namespace

void complete(Config& config, const Value& written, Problems& problems) {
    fill_paths(config);
    fill_listeners(config, written);
    check_domains(config, written, problems);
    check_listeners(config, written, problems);
    check_limits(config, written, problems);
}

}  // namespace aldis::config
