#include "http/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unordered_set>

#include "base/log.h"
#include "http/connection.h"

namespace aldis::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

tcp protocol_of(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    return address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
}

}  // namespace

/// Outlives the server by as much as its last handler, which then finds it closed.
class Server::Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
    Acceptor(boost::asio::io_context& loop, net::Fd listening, const Routes& routes, Limits limits)
        : acceptor_{loop, protocol_of(listening.get()), ::dup(listening.get())},
          pause_{loop},
          routes_{routes},
          limits_{limits} {}

    void accept() {
        acceptor_.async_accept([self = shared_from_this()](error_code failed, tcp::socket socket) {
            self->on_accept(failed, std::move(socket));
        });
    }

    void close() {
        closed_ = true;
        error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
        for (Connection* const connection : connections_) connection->abort();
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    void on_accept(error_code failed, tcp::socket socket) {
        if (closed_) return;
        if (failed) return accept_later(failed);
        if (connections_.size() < limits_.connections) start(std::move(socket));
        accept();  // over the limit the socket goes, and with it the client
    }

    void start(tcp::socket socket) {
        const auto connection = std::make_shared<Connection>(
            std::move(socket), routes_, limits_,
            [self = shared_from_this()](Connection* gone) { self->connections_.erase(gone); });
        connections_.insert(connection.get());
        connection->read();
    }

    /// No descriptors are left, most likely: trying at once would keep the shard busy.
    void accept_later(error_code failed) {
        Log{"http"}.warn("cannot accept", kv("why", failed.message()));
        pause_.expires_after(std::chrono::milliseconds{200});
        pause_.async_wait([self = shared_from_this()](error_code) {
            if (!self->closed_) self->accept();
        });
    }

    tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    const Routes& routes_;
    const Limits limits_;
    std::unordered_set<Connection*> connections_;
    bool closed_ = false;
};

Server::Server(boost::asio::io_context& loop, net::Fd listening, const Routes& routes, Limits limits)
    : acceptor_{std::make_shared<Acceptor>(loop, std::move(listening), routes, limits)} {
    acceptor_->accept();
}

Server::~Server() { acceptor_->close(); }

std::uint16_t Server::port() const { return acceptor_->port(); }

}  // namespace aldis::http
