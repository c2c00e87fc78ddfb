#include "server/systemd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <ctime>

namespace aldis::server {
namespace {

constexpr int first_descriptor = 3;  // SD_LISTEN_FDS_START
constexpr int most_descriptors = 1000;

std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view{value};
}

template <class T>
std::optional<T> number(std::string_view text) {
    T value{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The numeric address and the port that a socket is bound to; nothing if it is no IP socket.
std::optional<std::pair<std::string, std::uint16_t>> name_of(int socket) {
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return std::nullopt;
    if (bound.ss_family == AF_INET6) {
        const auto& six = reinterpret_cast<const sockaddr_in6&>(bound);
        return std::pair{std::string{::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size())},
                         ntohs(six.sin6_port)};
    }
    if (bound.ss_family != AF_INET) return std::nullopt;
    const auto& four = reinterpret_cast<const sockaddr_in&>(bound);
    return std::pair{std::string{::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size())}, ntohs(four.sin_port)};
}

/// As name_of() writes it.
std::string canonical(std::string_view address) {
    const std::string text{address};
    in6_addr six{};
    std::array<char, INET6_ADDRSTRLEN> written{};
    if (::inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
    return ::inet_ntop(AF_INET6, &six, written.data(), written.size());
}

}  // namespace

void notify(const std::string& lines) {
    const std::string_view path = variable("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (path.empty() || path.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    if (path.front() == '@') address.sun_path[0] = '\0';  // the abstract namespace
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    ::sendto(socket, lines.data(), lines.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
    ::close(socket);
}

void notify_reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const std::int64_t microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
    notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

std::optional<std::chrono::microseconds> watchdog_patience() {
    const std::string_view pid = variable("WATCHDOG_PID");
    if (!pid.empty() && number<pid_t>(pid) != ::getpid()) return std::nullopt;
    const std::optional<std::int64_t> patience = number<std::int64_t>(variable("WATCHDOG_USEC"));
    if (!patience || *patience <= 0) return std::nullopt;
    return std::chrono::microseconds{*patience};
}

InheritedSockets InheritedSockets::take() {
    InheritedSockets result;
    const bool ours = number<pid_t>(variable("LISTEN_PID")) == ::getpid();
    const int count = ours ? number<int>(variable("LISTEN_FDS")).value_or(0) : 0;
    for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
    for (int socket = first_descriptor; socket < first_descriptor + std::min(count, most_descriptors); ++socket) {
        ::fcntl(socket, F_SETFD, FD_CLOEXEC);
        if (auto name = name_of(socket)) result.sockets_.push_back({socket, std::move(name->first), name->second});
    }
    return result;
}

int InheritedSockets::take(std::string_view address, std::uint16_t port) {
    const std::string wanted = canonical(address);
    const auto found = std::ranges::find_if(
        sockets_, [&](const Socket& socket) { return socket.port == port && socket.address == wanted; });
    if (found == sockets_.end()) return -1;
    const int number = found->number;
    sockets_.erase(found);
    return number;
}

std::vector<std::string> InheritedSockets::left_over() const {
    std::vector<std::string> names;
    for (const Socket& socket : sockets_) {
        const bool six = socket.address.contains(':');
        names.push_back((six ? "[" + socket.address + "]" : socket.address) + ":" + std::to_string(socket.port));
    }
    return names;
}

}  // namespace aldis::server
