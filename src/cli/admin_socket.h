#pragma once

#include <filesystem>
#include <memory>
#include <thread>

#include "cli/admin_protocol.h"
#include "net/socket.h"

namespace aldis::cli {

/// The server's end of the admin socket, on a thread of its own: one connection at a time, each with little patience.
/// Only root and the user that the server runs as may talk to it.
class AdminServer {
public:
    /// Replaces a socket that a dead server left behind; a live one's is left alone.
    /// @param actions  called on the thread of the socket; must outlive this
    /// @throws std::system_error  the socket cannot be made, or another server listens on it
    AdminServer(std::filesystem::path socket, AdminActions& actions);
    AdminServer(const AdminServer&) = delete;
    AdminServer& operator=(const AdminServer&) = delete;
    ~AdminServer();

private:
    void run();
    void serve(const net::Fd& connection);

    std::filesystem::path path_;
    AdminActions& actions_;
    net::Fd listener_;
    net::Fd wake_;  // an eventfd: time to end
    std::thread thread_;
};

/// The client's end.
class AdminClient final : public RemoteActions {
public:
    explicit AdminClient(net::Fd connection) : connection_{std::move(connection)} {}

private:
    std::string exchange(const std::string& line) override;

    net::Fd connection_;
};

/// @return  nothing: no server listens there
/// @throws std::system_error  there is one, but we may not talk to it
[[nodiscard]] std::unique_ptr<AdminClient> connect_admin(const std::filesystem::path& socket);

}  // namespace aldis::cli
