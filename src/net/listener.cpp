#include "net/listener.h"

#include <algorithm>
#include <cerrno>

#include "net/connection.h"
#include "net/socket.h"

namespace aldis::net {
namespace {

// So that a storm of new connections does not starve the ones that exist.
constexpr int most_accepts_per_turn = 16;
constexpr std::size_t most_handshakes = 1024;
constexpr std::ptrdiff_t most_handshakes_per_address = 64;
constexpr std::chrono::milliseconds pause_without_descriptors{500};

bool out_of_resources(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

}  // namespace

struct Listener::Common {
    ListenerOptions options;
    OnAccept on_accept;
    OnTrouble on_trouble;
    Fd socket;
};

/// A connection on a direct TLS listener that nobody else has seen yet.
class Listener::Handshake final : public Receiver {
public:
    Handshake(Acceptor& acceptor, std::unique_ptr<Connection> connection);

    [[nodiscard]] std::string_view peer_address() const { return connection_->peer_address(); }
    [[nodiscard]] std::unique_ptr<Connection> take() {
        connection_->set_receiver(nullptr);
        return std::move(connection_);
    }

private:
    void on_bytes(std::string_view) override {}  // none arrives before on_tls
    void on_tls() override;
    void on_closed(Closed) override;

    Acceptor& acceptor_;
    std::unique_ptr<Connection> connection_;
};

class Listener::Acceptor final : public Pollable {
public:
    Acceptor(Shard& shard, std::shared_ptr<Common> common)
        : shard_{shard}, common_{std::move(common)}, again_{shard, [this] { watch(); }} {
        watch();
    }
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;
    ~Acceptor() { unwatch(); }

    [[nodiscard]] const std::string& alpn() const { return common_->options.alpn; }
    void succeeded(Handshake& done);
    void failed(Handshake& done);

private:
    void on_events(std::uint32_t) override;
    bool accept_one();
    void shake_hands(std::unique_ptr<Connection> connection);
    std::unique_ptr<Connection> release(Handshake& done);
    void watch();
    void unwatch();
    void pause(int error);

    Shard& shard_;
    std::shared_ptr<Common> common_;
    Timer again_;
    std::vector<std::unique_ptr<Handshake>> handshakes_;  // under way
    bool watching_ = false;
    bool troubled_ = false;  // and has said so
};

Listener::Handshake::Handshake(Acceptor& acceptor, std::unique_ptr<Connection> connection)
    : acceptor_{acceptor}, connection_{std::move(connection)} {
    connection_->set_receiver(this);
    connection_->start_direct_tls(acceptor.alpn());
}

void Listener::Handshake::on_tls() { acceptor_.succeeded(*this); }
void Listener::Handshake::on_closed(Closed) { acceptor_.failed(*this); }

void Listener::Acceptor::watch() {
    shard_.poller().add(common_->socket.get(), EPOLLIN | EPOLLEXCLUSIVE, *this);
    watching_ = true;
}

void Listener::Acceptor::unwatch() {
    if (std::exchange(watching_, false)) shard_.poller().remove(common_->socket.get(), *this);
}

void Listener::Acceptor::on_events(std::uint32_t) {
    for (int i = 0; i < most_accepts_per_turn; ++i)
        if (!accept_one()) return;
}

/// False if there is no more to accept for now.
bool Listener::Acceptor::accept_one() {
    std::string peer;
    Fd socket = accept_from(common_->socket.get(), peer);
    if (!socket) {
        // Anything else (ECONNABORTED ...) concerns one connection that is already gone.
        if (out_of_resources(errno)) pause(errno);
        return false;
    }
    troubled_ = false;
    ++shard_.counters().accepted;
    auto connection = std::make_unique<Connection>(shard_, std::move(socket), std::move(peer), common_->options.tls);
    if (common_->options.direct_tls)
        shake_hands(std::move(connection));
    else
        common_->on_accept(shard_, std::move(connection));
    return true;
}

void Listener::Acceptor::shake_hands(std::unique_ptr<Connection> connection) {
    const auto from_there = std::ranges::count(handshakes_, connection->peer_address(), &Handshake::peer_address);
    if (handshakes_.size() >= most_handshakes || from_there >= most_handshakes_per_address) return;
    handshakes_.push_back(std::make_unique<Handshake>(*this, std::move(connection)));
}

/// Gives up the handshake's connection, which may be the one that calls at this moment.
std::unique_ptr<Connection> Listener::Acceptor::release(Handshake& done) {
    const auto place = std::ranges::find(handshakes_, &done, &std::unique_ptr<Handshake>::get);
    std::unique_ptr<Connection> connection = done.take();
    shard_.dispose(std::move(*place));
    handshakes_.erase(place);
    return connection;
}

// Posted: whoever receives the connection may do with it what they like, which it would not survive inside its own
// call.
void Listener::Acceptor::succeeded(Handshake& done) {
    shard_.post([common = common_, &shard = shard_, connection = release(done)]() mutable {
        common->on_accept(shard, std::move(connection));
    });
}

void Listener::Acceptor::failed(Handshake& done) { shard_.dispose(release(done)); }

/// The waiting connection stays in the backlog, where epoll would report it again and again.
void Listener::Acceptor::pause(int error) {
    unwatch();
    again_.start(pause_without_descriptors);
    if (std::exchange(troubled_, true) || !common_->on_trouble) return;
    common_->on_trouble("cannot accept connections: " + std::generic_category().message(error));
}

Listener::Listener(ListenerOptions options, OnAccept on_accept, OnTrouble on_trouble)
    : common_{std::make_shared<Common>(std::move(options), std::move(on_accept), std::move(on_trouble))} {
    const ListenerOptions& wanted = common_->options;
    common_->socket = wanted.adopted_fd >= 0 ? adopt_listening(wanted.adopted_fd)
                                             : listen_on(wanted.address, wanted.port, wanted.backlog);
    // What is accepted inherits these from the socket that it was accepted from.
    set_no_delay(common_->socket.get());
    if (wanted.user_timeout_ms > 0) set_user_timeout(common_->socket.get(), wanted.user_timeout_ms);
}

Listener::~Listener() { stop(); }

void Listener::start(Shard& shard) {
    auto place = std::make_shared<std::unique_ptr<Acceptor>>();
    places_.push_back({&shard, place});
    shard.post([place, common = common_, &shard] { *place = std::make_unique<Acceptor>(shard, common); });
}

// Each acceptor goes on the thread that it belongs to, or with the shard if that does not run any more.
void Listener::stop() {
    for (Place& place : places_) place.shard->post([gone = std::move(place.acceptor)] { gone->reset(); });
    places_.clear();
}

std::uint16_t Listener::port() const { return local_port(common_->socket.get()); }

}  // namespace aldis::net
