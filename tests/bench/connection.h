#pragma once
#include <openssl/types.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <string_view>

#include "loop.h"

namespace load {

/// Where to connect to, resolved once.
struct Endpoint {
    sockaddr_storage address{};
    socklen_t size = 0;
};
Endpoint resolve(const std::string& host, std::uint16_t port);

/// The client side of TLS 1.3, for all connections; certificates are not verified, for servers under test are our own.
class TlsContext {
public:
    TlsContext();
    SSL_CTX* get() const { return context_.get(); }

private:
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
};

/// Who owns a connection.
class ConnectionOwner {
public:
    virtual void connected() = 0;  ///< TCP stands
    virtual void secured() = 0;    ///< TLS stands
    /// @return  how many bytes were taken; the others are offered again in front of the next ones
    virtual std::size_t received(std::string_view bytes) = 0;
    virtual void closed(std::string_view why) = 0;

protected:
    ~ConnectionOwner() = default;
};

/// One TCP connection, later perhaps with TLS on it, in a Loop.
class Connection {
public:
    Connection(Loop& loop, ConnectionOwner& owner) : loop_{loop}, owner_{owner} {}
    ~Connection() { close(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void open(const Endpoint& endpoint);
    /// @param direct  from the first byte (XEP-0368), which the server learns by ALPN
    void start_tls(const TlsContext& context, const std::string& server_name, bool direct);
    void close();
    /// Breaks off without a word: the server sees a reset, as from a phone whose network has changed.
    void cut();
    bool is_open() const { return descriptor_ >= 0; }

    /// Queues bytes; they leave at the end of the loop's turn.
    void send(std::string_view bytes) {
        if (output_.empty()) loop_.flush_soon(*this);
        output_.append(bytes);
    }

    // For the loop.
    void ready(bool readable, bool writable);
    void flush();

private:
    enum class State { closed, connecting, plain, handshaking, secure };
    void finish_connecting();
    void shake_hands();
    void read_plain();
    void read_secure();
    std::ptrdiff_t write_plain(std::string_view bytes);
    std::ptrdiff_t write_secure(std::string_view bytes);
    void deliver(std::string_view bytes);
    void fail(std::string_view why);
    void want_writing(bool wanted);

    Loop& loop_;
    ConnectionOwner& owner_;
    State state_ = State::closed;
    int descriptor_ = -1;
    bool watches_writing_ = false;
    std::unique_ptr<SSL, void (*)(SSL*)> tls_{nullptr, nullptr};
    std::string output_;
    std::string rest_;  ///< received, but not yet taken by the owner
};

}  // namespace load
