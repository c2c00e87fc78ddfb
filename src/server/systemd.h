#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What systemd offers to services, without its library. Without systemd all of it does nothing.
namespace aldis::server {

/// sd_notify(3): the lines of one message, such as "READY=1". Best effort.
void notify(const std::string& lines);

/// Connections are accepted.
inline void notify_ready() { notify("READY=1"); }
inline void notify_stopping() { notify("STOPPING=1"); }
inline void notify_watchdog() { notify("WATCHDOG=1"); }
/// READY=1 follows when the new configuration is in force.
void notify_reloading();

/// How long systemd waits for notify_watchdog() before it kills us, if it was told to (WatchdogSec=). Call it twice as
/// often.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_patience();

/// The listening sockets that systemd has bound for us (a .socket unit), sd_listen_fds(3). Use BindIPv6Only=ipv6-only
/// there: here each address family has a socket of its own.
class InheritedSockets {
public:
    /// Takes them over; later calls find none.
    [[nodiscard]] static InheritedSockets take();

    /// The socket for a configured listener.
    /// @return  -1: none; otherwise it is the caller's to close
    [[nodiscard]] int take(std::string_view address, std::uint16_t port);

    /// "[::]:5222" for each that nobody took: its connections would wait for ever.
    [[nodiscard]] std::vector<std::string> left_over() const;

private:
    struct Socket {
        int number;
        std::string address;
        std::uint16_t port;
    };
    std::vector<Socket> sockets_;
};

}  // namespace aldis::server
