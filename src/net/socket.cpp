#include "net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace aldis::net {
namespace {

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses resolve_numeric(const std::string& address, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    addrinfo* list = nullptr;
    if (const int fault = getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &list); fault != 0)
        throw std::system_error{EINVAL, std::generic_category(),
                                "cannot listen on '" + address + "': " + gai_strerror(fault)};
    return Addresses{list};
}

void set_option(int socket, int level, int option, int value) {
    if (setsockopt(socket, level, option, &value, sizeof value) != 0) throw_errno("setsockopt");
}

std::string text_of(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    } else if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
            inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
        else
            inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    }
    return text.data();
}

}  // namespace

void throw_errno(std::string_view what) { throw std::system_error{errno, std::generic_category(), std::string{what}}; }

void Fd::reset() noexcept {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Fd listen_on(const std::string& address, std::uint16_t port, int backlog) {
    const Addresses found = resolve_numeric(address, port);
    const std::string where = "cannot listen on " + address + " port " + std::to_string(port);
    Fd socket{::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket) throw_errno(where);
    set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (found->ai_family == AF_INET6) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0) throw_errno(where);
    if (listen(socket.get(), backlog) != 0) throw_errno(where);
    return socket;
}

Fd adopt_listening(int number) {
    Fd socket{number};
    const int flags = fcntl(number, F_GETFL);
    if (flags < 0 || fcntl(number, F_SETFL, flags | O_NONBLOCK) != 0)
        throw_errno("cannot use the listening socket handed over");
    fcntl(number, F_SETFD, FD_CLOEXEC);
    return socket;
}

std::uint16_t local_port(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    // sin_port and sin6_port share their place.
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return ntohs(v4.sin_port);
}

Fd accept_from(int listening, std::string& peer) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    Fd socket{accept4(listening, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (socket) peer = text_of(address);
    return socket;
}

void set_user_timeout(int socket, unsigned milliseconds) noexcept {
    setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

void set_no_delay(int socket) noexcept {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace aldis::net
