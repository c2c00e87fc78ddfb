#include "net/listener.h"

#include <cerrno>
#include <list>

#include "net/connection.h"
#include "net/socket.h"

namespace aldis::net {
namespace {

// So that a storm of new connections does not starve the ones that exist.
constexpr int most_accepts_per_turn = 16;
constexpr std::chrono::milliseconds pause_without_descriptors{500};

bool out_of_resources(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

}  // namespace

struct Listener::Common {
    ListenerOptions options;
    OnAccept on_accept;
    OnTrouble on_trouble;
    Fd socket;
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

private:
    void on_events(std::uint32_t) override;
    bool accept_one();
    void hand_over(Fd socket, std::string peer);
    void watch();
    void unwatch();
    void pause(int error);

    Shard& shard_;
    std::shared_ptr<Common> common_;
    Timer again_;
    bool watching_ = false;
    bool troubled_ = false;  // and has said so
};

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
    common_->on_accept(shard_,
                       std::make_unique<Connection>(shard_, std::move(socket), std::move(peer), common_->options.tls));
    return true;
}

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
