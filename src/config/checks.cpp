#include "config/checks.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include "jid/jid.h"

namespace aldis::config {

std::optional<std::string> check_domain(std::string& value) {
    const Result<Jid> jid = Jid::parse(value);
    if (!jid || jid->has_local() || !jid->is_bare()) return "must be a domain such as \"example.org\"";
    value = jid->text();
    return std::nullopt;
}

std::optional<std::string> check_bare_jid(std::string& value) {
    const Result<Jid> jid = Jid::parse(value);
    if (!jid || !jid->has_local() || !jid->is_bare()) return "must be an address such as \"romeo@example.org\"";
    value = jid->text();
    return std::nullopt;
}

std::optional<std::string> check_ip_address(std::string& value) {
    in6_addr six{};
    in_addr four{};
    if (inet_pton(AF_INET6, value.c_str(), &six) == 1 || inet_pton(AF_INET, value.c_str(), &four) == 1)
        return std::nullopt;
    return "must be an IP address such as \"127.0.0.1\" or \"::\"";
}

std::optional<std::string> check_uri(std::string& value) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    constexpr std::string_view in_scheme = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;=%";
    const std::size_t colon = value.find_first_not_of(in_scheme);
    const bool good = colon != std::string::npos && colon > 0 && value[colon] == ':' && colon + 1 < value.size() &&
                      letters.contains(value[0]) && value.find_first_not_of(allowed) == std::string::npos;
    if (good) return std::nullopt;
    return "must be a URI such as \"mailto:abuse@example.org\" or \"xmpp:abuse@example.org\"";
}

std::optional<std::string> check_socket_path(std::string& value) {
    if (value.size() < sizeof(sockaddr_un{}.sun_path)) return std::nullopt;
    return "must be shorter than " + std::to_string(sizeof(sockaddr_un{}.sun_path)) + " bytes, because it is a socket";
}

}  // namespace aldis::config
