#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "http/routes.h"
#include "net/socket.h"

namespace boost::asio {
class io_context;
}

namespace aldis::http {

struct Limits {
    std::uint32_t header_bytes = 8 * 1024;  ///< request line and headers
    std::uint64_t body_bytes = 64 * 1024;
    std::chrono::seconds timeout{
        10};  ///< for a request to arrive, also the first byte of the next one, or a response to leave
    std::size_t connections = 100;
    std::size_t requests = 1000;  ///< on one connection
};

/// An HTTP/1.1 listener on one shard. It is made, used and destroyed on that shard's thread, or while nobody runs it.
class Server {
public:
    /// @param listening  a socket that listens, see net::listen_on()
    /// @param routes     must outlive this
    Server(boost::asio::io_context& loop, net::Fd listening, const Routes& routes, Limits limits = {});
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    /// Closes the listener and every connection.
    ~Server();

    [[nodiscard]] std::uint16_t port() const;

private:
    class Acceptor;
    std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace aldis::http
