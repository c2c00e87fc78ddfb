#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace aldis::net {

/// A file descriptor and the duty to close it.
class Fd {
public:
    Fd() noexcept = default;
    explicit Fd(int number) noexcept : number_{number} {}
    Fd(Fd&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }

    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] explicit operator bool() const noexcept { return number_ >= 0; }
    void reset() noexcept;

private:
    int number_ = -1;
};

/// Creates a listening socket that does not block.
/// @param address  numeric: "0.0.0.0", "::" (IPv6 only: IPv4 has a listener of its own), "192.0.2.1"
/// @param port     0 lets the kernel choose
/// @throws std::system_error naming address and port
[[nodiscard]] Fd listen_on(const std::string& address, std::uint16_t port, int backlog);

/// A listening socket that somebody else bound, made non-blocking.
[[nodiscard]] Fd adopt_listening(int number);

/// The port that a socket is bound to.
[[nodiscard]] std::uint16_t local_port(int socket);

/// Takes one waiting connection, non-blocking, or nothing (then errno says why).
/// @param peer  receives the peer's numeric address; IPv4 also where it came mapped into IPv6
[[nodiscard]] Fd accept_from(int listening, std::string& peer);

/// How long the kernel keeps a connection whose peer does not acknowledge what was sent.
/// Best effort, as set_no_delay(): a socket that is not TCP goes without.
void set_user_timeout(int socket, unsigned milliseconds) noexcept;
void set_no_delay(int socket) noexcept;

/// Throws std::system_error of errno, with `what`.
[[noreturn]] void throw_errno(std::string_view what);

}  // namespace aldis::net
