#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/shard.h"
#include "net/transport.h"

namespace aldis::tls {
class Context;
}

namespace aldis::net {

struct ListenerOptions {
    std::string address = "127.0.0.1";  ///< numeric; "::" is IPv6 only, so "0.0.0.0" needs a listener of its own
    std::uint16_t port = 0;             ///< 0: the kernel chooses
    int adopted_fd = -1;                ///< a listening socket that somebody else bound (socket activation)
    int backlog = 1024;
    unsigned user_timeout_ms = 30'000;       ///< how long a peer may leave what we sent unacknowledged; 0: the kernel's
    std::shared_ptr<tls::Context> tls = {};  ///< for start_tls(), or for direct TLS
    bool direct_tls = false;                 ///< the handshake comes first
    std::string alpn = {};                   ///< with direct TLS: the protocol to insist on if the client offers any
};

/// Accepts connections on all shards that it was given. Must be destroyed before they are.
class Listener {
public:
    /// Called on the thread of the shard that accepted, so on several at once. With direct TLS: after the handshake.
    using OnAccept = std::function<void(Shard&, std::unique_ptr<Transport>)>;
    /// What an operator should know ("out of file descriptors"). Called on a shard's thread.
    using OnTrouble = std::function<void(std::string_view)>;

    /// Binds, and listens; connections wait in the backlog until the first start().
    /// @throws std::system_error naming address and port
    Listener(ListenerOptions options, OnAccept on_accept, OnTrouble on_trouble = {});
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    /// Lets `shard` accept. From any thread.
    void start(Shard& shard);
    /// No shard begins to accept any more. The socket closes when the last one has noticed and this object is gone.
    void stop();
    [[nodiscard]] std::uint16_t port() const;

private:
    struct Common;    // what the shards share
    class Acceptor;   // one per shard
    class Handshake;  // before a direct TLS connection is handed over

    struct Place {
        Shard* shard;
        std::shared_ptr<std::unique_ptr<Acceptor>> acceptor;  // touched on the shard's thread only
    };

    std::shared_ptr<Common> common_;
    std::vector<Place> places_;
};

}  // namespace aldis::net
