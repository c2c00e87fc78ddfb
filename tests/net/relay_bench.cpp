// How much a message costs that only passes through: pairs of connections, each relays what the other sends.
// Usage: net_bench plain|tls [CONNECTIONS] [WINDOW] [SECONDS]     or: net_bench idle plain|tls [CONNECTIONS]

#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/resource.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "net/connection.h"
#include "net/listener.h"
#include "tests/net/harness.h"
#include "tests/tls/client.h"
#include "tls/context.h"

namespace aldis::net {
namespace {

constexpr std::size_t message_size = 200;

/// Passes what it reads to the one it is paired with.
class Relay final : public Receiver {
public:
    explicit Relay(std::unique_ptr<Transport> transport) : transport_{std::move(transport)} {
        transport_->set_receiver(this);
    }
    static void pair(Relay& one, Relay& two) {
        one.other_ = &two;
        two.other_ = &one;
    }

private:
    void on_bytes(std::string_view bytes) override {
        if (other_ == nullptr) return;
        // As a server of stanzas does: one send for each.
        for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), message_size)))
            other_->transport_->send(bytes.substr(0, message_size));
    }
    void on_closed(Closed) override { other_ = nullptr; }

    std::unique_ptr<Transport> transport_;
    Relay* other_ = nullptr;
};

struct Plan {
    bool tls = false;
    int connections = 200;
    int window = 8;
    int seconds = 5;
};

/// The server's side, in a process of its own so that its memory and time are its own.
void serve(const Plan& plan, int port_out, int done_in) {
    const tls::testing::Certificates dir;
    const auto context = std::make_shared<tls::Context>(
        std::vector<tls::DomainCertificates>{{"localhost", {dir.make("a", {"localhost"})}}}, 1);
    SystemClock clock;
    SystemRandom random;
    Shard shard{0, clock, random};
    std::vector<std::unique_ptr<Relay>> relays;
    Listener listener{{.tls = context, .direct_tls = plan.tls}, [&](Shard&, std::unique_ptr<Transport> transport) {
                          relays.push_back(std::make_unique<Relay>(std::move(transport)));
                          if (relays.size() % 2 == 0) Relay::pair(*relays.back(), **std::prev(relays.end(), 2));
                      }};
    listener.start(shard);
    const std::uint16_t port = listener.port();
    if (write(port_out, &port, sizeof port) != sizeof port) return;
    std::thread watcher{[&] {
        char byte = 0;
        while (read(done_in, &byte, 1) == 1) {
            std::promise<ShardCounters> promise;
            shard.post([&] { promise.set_value(shard.counters()); });
            const ShardCounters counters = promise.get_future().get();
            if (write(port_out, &counters, sizeof counters) < 0) break;
        }
        shard.stop();
    }};
    shard.run();
    watcher.join();
    listener.stop();
    relays.clear();
}

struct Usage {
    double cpu_seconds = 0;
    double resident_bytes = 0;
};

Usage usage_of(pid_t process) {
    Usage usage;
    std::ifstream stat{"/proc/" + std::to_string(process) + "/stat"};
    std::string skipped;
    for (int i = 0; i < 13; ++i) stat >> skipped;
    double user = 0;
    double system = 0;
    stat >> user >> system;
    usage.cpu_seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
    std::ifstream statm{"/proc/" + std::to_string(process) + "/statm"};
    statm >> skipped >> usage.resident_bytes;
    usage.resident_bytes *= static_cast<double>(sysconf(_SC_PAGESIZE));
    return usage;
}

struct Server {
    pid_t process = 0;
    Fd port_in;
    Fd done_out;
    std::uint16_t port = 0;

    explicit Server(const Plan& plan) {
        int ports[2];
        int done[2];
        if (pipe(ports) != 0 || pipe(done) != 0) throw_errno("pipe");
        process = fork();
        if (process == 0) {
            close(done[1]);
            serve(plan, ports[1], done[0]);
            _exit(0);
        }
        close(ports[1]);
        close(done[0]);
        port_in = Fd{ports[0]};
        done_out = Fd{done[1]};
        if (read(port_in.get(), &port, sizeof port) != sizeof port) throw_errno("the server did not start");
    }
    [[nodiscard]] ShardCounters counters() const {
        ShardCounters now;
        if (write(done_out.get(), "?", 1) != 1 || read(port_in.get(), &now, sizeof now) != sizeof now)
            throw_errno("counters");
        return now;
    }
};

class Peer {
public:
    Peer(std::uint16_t port, SSL_CTX* context) : socket_{port} {
        if (context == nullptr) return;
        ssl_.reset(SSL_new(context));
        SSL_set_fd(ssl_.get(), socket_.fd());
        if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error{"handshake"};
        SSL_set_read_ahead(ssl_.get(), 1);
        fcntl(socket_.fd(), F_SETFL, O_NONBLOCK);
    }
    [[nodiscard]] int fd() const { return socket_.fd(); }
    void send(int messages) const {
        static const std::string text(message_size * 64, 'x');
        const std::string_view bytes =
            std::string_view{text}.substr(0, message_size * static_cast<std::size_t>(messages));
        std::size_t written = 0;
        if (ssl_)
            SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
        else
            socket_.send(bytes);
    }
    /// How many whole messages have come.
    int receive() {
        char chunk[65'536];
        std::size_t got = 0;
        if (ssl_) {
            std::size_t part = 0;
            while (SSL_read_ex(ssl_.get(), chunk, sizeof chunk, &part) == 1) got += part;
        } else {
            const ssize_t count = recv(socket_.fd(), chunk, sizeof chunk, MSG_DONTWAIT);
            got = count > 0 ? static_cast<std::size_t>(count) : 0;
        }
        rest_ += got;
        const std::size_t whole = rest_ / message_size;
        rest_ %= message_size;
        return static_cast<int>(whole);
    }

private:
    testing::Client socket_;
    std::unique_ptr<SSL, tls::testing::Deleter> ssl_;
    std::size_t rest_ = 0;
};

void measure_messages(const Plan& plan, const Server& server, std::vector<Peer>& peers) {
    Fd poller{epoll_create1(0)};
    for (std::size_t i = 0; i < peers.size(); ++i) {
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        epoll_ctl(poller.get(), EPOLL_CTL_ADD, peers[i].fd(), &event);
        if (i % 2 == 0) peers[i].send(plan.window);
    }
    const Usage before = usage_of(server.process);
    const ShardCounters counted = server.counters();
    const Instant start = std::chrono::steady_clock::now();
    std::uint64_t messages = 0;
    while (std::chrono::steady_clock::now() - start < std::chrono::seconds{plan.seconds}) {
        std::array<epoll_event, 256> events{};
        const int ready = epoll_wait(poller.get(), events.data(), static_cast<int>(events.size()), 1000);
        for (int i = 0; i < ready; ++i) {
            Peer& peer = peers[events[static_cast<std::size_t>(i)].data.u64];
            const int got = peer.receive();
            messages += static_cast<std::uint64_t>(got);
            if (got > 0) peer.send(got);  // back to the other one
        }
    }
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double cpu = usage_of(server.process).cpu_seconds - before.cpu_seconds;
    const std::uint64_t turns = server.counters().turns - counted.turns;
    std::printf("%s: %d connections, window %d: %.0f messages/s, %.2f us of server CPU each, %.1f messages a turn\n",
                plan.tls ? "tls" : "plain", plan.connections, plan.window, static_cast<double>(messages) / took,
                cpu * 1e6 / static_cast<double>(messages), static_cast<double>(messages) / static_cast<double>(turns));
}

int run(const Plan& plan, bool idle) {
    const Server server{plan};
    const std::unique_ptr<SSL_CTX, tls::testing::Deleter> context{plan.tls ? SSL_CTX_new(TLS_client_method())
                                                                           : nullptr};
    const auto connect = [&](std::vector<Peer>& peers, int count) {
        for (int i = 0; i < count; ++i) peers.emplace_back(server.port, context.get());
        while (server.counters().connections < peers.size()) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    };
    std::vector<Peer> peers;
    if (!idle) {
        connect(peers, plan.connections);
        measure_messages(plan, server, peers);
        return 0;
    }
    connect(peers, 100);  // what is needed once is not counted
    const double before = usage_of(server.process).resident_bytes;
    connect(peers, plan.connections);
    std::printf("%s: %.0f bytes resident per idle connection\n", plan.tls ? "tls" : "plain",
                (usage_of(server.process).resident_bytes - before) / plan.connections);
    return 0;
}

}  // namespace
}  // namespace aldis::net

int main(int count, char** arguments) {
    std::vector<std::string> words{arguments + 1, arguments + count};
    const bool idle = !words.empty() && words.front() == "idle";
    if (idle) words.erase(words.begin());
    if (words.empty() || (words[0] != "plain" && words[0] != "tls")) {
        std::puts("net_bench plain|tls [CONNECTIONS] [WINDOW] [SECONDS]\nnet_bench idle plain|tls [CONNECTIONS]");
        return 2;
    }
    aldis::net::Plan plan{.tls = words[0] == "tls", .connections = idle ? 2000 : 200};
    if (words.size() > 1) plan.connections = std::stoi(words[1]);
    if (words.size() > 2) plan.window = std::stoi(words[2]);
    if (words.size() > 3) plan.seconds = std::stoi(words[3]);
    return aldis::net::run(plan, idle);
}
