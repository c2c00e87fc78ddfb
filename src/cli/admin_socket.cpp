#include "cli/admin_socket.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <optional>
#include <system_error>

#include "base/log.h"

namespace aldis::cli {
namespace {

constexpr timeval server_patience{.tv_sec = 2, .tv_usec = 0};
constexpr timeval client_patience{.tv_sec = 30, .tv_usec = 0};  // a password costs time, and the store may be busy

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
    throw std::system_error{errno, std::generic_category(), path.string() + ": " + what};
}

sockaddr_un address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& text = path.native();
    if (text.size() >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        fail(path, "admin socket");
    }
    text.copy(address.sun_path, text.size());
    return address;
}

net::Fd unix_socket() { return net::Fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}; }

bool connect_to(const net::Fd& socket, const std::filesystem::path& path) {
    const sockaddr_un address = address_of(path);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void set_patience(const net::Fd& socket, const timeval& patience) {
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

net::Fd listen_on(const std::filesystem::path& path) {
    if (connect_to(unix_socket(), path)) {
        errno = EADDRINUSE;
        fail(path, "another server is running");
    }
    ::unlink(path.c_str());
    net::Fd listener = unix_socket();
    const sockaddr_un address = address_of(path);
    // Bound with mode 0600 from the start: the umask is the process's, but this runs before there are other threads.
    const mode_t before = ::umask(0177);
    const bool bound = ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::umask(before);
    if (!bound || ::listen(listener.get(), 4) != 0) fail(path, "admin socket");
    return listener;
}

bool may_administer(const net::Fd& connection) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == 0 || peer.uid == ::geteuid();
}

bool send_line(const net::Fd& socket, std::string line) {
    line += '\n';
    std::string_view rest = line;
    while (!rest.empty()) {
        const ssize_t sent = ::send(socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// @param buffer  what came after the last line
/// @return        nothing: the peer has gone, is too slow, or does not know when to stop
std::optional<std::string> receive_line(const net::Fd& socket, std::string& buffer, std::size_t longest) {
    std::array<char, 4096> part;
    std::size_t end = 0;
    while ((end = buffer.find('\n')) == std::string::npos) {
        if (buffer.size() > longest) return std::nullopt;
        const ssize_t size = ::recv(socket.get(), part.data(), part.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return std::nullopt;
        buffer.append(part.data(), static_cast<std::size_t>(size));
    }
    std::string line = buffer.substr(0, end);
    buffer.erase(0, end + 1);
    return line;
}

}  // namespace

AdminServer::AdminServer(std::filesystem::path socket, AdminActions& actions)
    : path_{std::move(socket)},
      actions_{actions},
      listener_{listen_on(path_)},
      wake_{::eventfd(0, EFD_CLOEXEC)},
      thread_{[this] { run(); }} {}

AdminServer::~AdminServer() {
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
    ::unlink(path_.c_str());
}

void AdminServer::run() {
    const Log log{"admin"};
    std::array<pollfd, 2> waiting = {pollfd{wake_.get(), POLLIN, 0}, pollfd{listener_.get(), POLLIN, 0}};
    while (true) {
        if (::poll(waiting.data(), waiting.size(), -1) < 0) {
            if (errno == EINTR) continue;
            return log.error("poll", kv("errno", errno));
        }
        if (waiting[0].revents != 0) return;
        if (waiting[1].revents == 0) continue;
        const net::Fd connection{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
        if (!connection)
            std::this_thread::sleep_for(std::chrono::milliseconds{100});  // no descriptors left, perhaps
        else if (may_administer(connection))
            serve(connection);
        else
            log.warn("refused a user who may not administer this server");
    }
}

void AdminServer::serve(const net::Fd& connection) {
    set_patience(connection, server_patience);
    std::string buffer;
    while (const std::optional<std::string> line = receive_line(connection, buffer, longest_request))
        if (!send_line(connection, answer(*line, actions_))) return;
}

std::string AdminClient::exchange(const std::string& line) {
    std::string buffer;
    if (line.size() > longest_request) throw std::runtime_error{"that is too long for a request"};
    if (!send_line(connection_, line)) throw std::system_error{errno, std::generic_category(), "the server hung up"};
    std::optional<std::string> reply = receive_line(connection_, buffer, longest_reply);
    if (!reply) throw std::runtime_error{"the server did not answer"};
    return *reply;
}

std::unique_ptr<AdminClient> connect_admin(const std::filesystem::path& socket) {
    net::Fd connection = unix_socket();
    set_patience(connection, client_patience);
    if (connect_to(connection, socket)) return std::make_unique<AdminClient>(std::move(connection));
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return nullptr;
    fail(socket, "run this as the user that the server runs as");
}

}  // namespace aldis::cli
