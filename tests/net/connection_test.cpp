#include "net/connection.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "net/listener.h"
#include "tests/net/harness.h"

namespace aldis::net {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::RunningShard;

/// Does with its bytes what the test wants; gone when the connection is.
class Peer final : public Receiver {
public:
    std::unique_ptr<Transport> transport;
    std::function<void(Peer&, std::string_view)> on_data = [](Peer& self, std::string_view bytes) {
        self.transport->send(bytes);
    };
    std::promise<Closed> closed;

    void on_bytes(std::string_view bytes) override { on_data(*this, bytes); }
    void on_closed(Closed why) override {
        Shard::current()->dispose(std::move(transport));
        closed.set_value(why);
    }
};

/// A listener on one shard, whose connections all behave alike.
struct Server {
    RunningShard shard;
    std::promise<Peer*> accepted;
    Peer peer;
    std::unique_ptr<Listener> listener;

    explicit Server(std::function<void(Peer&)> prepare = [](Peer&) {}) {
        listener = std::make_unique<Listener>(ListenerOptions{},
                                              [this, prepare](Shard&, std::unique_ptr<Transport> transport) {
                                                  peer.transport = std::move(transport);
                                                  prepare(peer);
                                                  peer.transport->set_receiver(&peer);
                                                  accepted.set_value(&peer);
                                              });
        listener->start(*shard);
    }
    ~Server() {
        listener.reset();
        shard.ask([this] {
            peer.transport.reset();
            return 0;
        });
    }
    [[nodiscard]] std::uint16_t port() const { return listener->port(); }
    Closed end() {
        auto future = peer.closed.get_future();
        if (future.wait_for(20s) != std::future_status::ready) throw std::runtime_error{"the connection did not end"};
        return future.get();
    }
};

std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    return text;
}

TEST(Connection, EchoesWhatItReads) {
    Server server;
    const Client client{server.port()};
    for (const std::size_t size : {1U, 200U, 5000U}) {
        client.send(pattern(size));
        EXPECT_EQ(client.receive(size), pattern(size));
    }
    Peer& peer = *server.accepted.get_future().get();
    EXPECT_EQ(server.shard.ask([&] { return std::string{peer.transport->peer_address()}; }), "127.0.0.1");
}

TEST(Connection, SeesTheEndOfAPeerAndStillDeliversWhatIsQueued) {
    Server server;
    const Client client{server.port()};
    const std::string text = pattern(100'000);
    client.send(text);
    client.end();
    EXPECT_EQ(client.receive_all(), text);
    EXPECT_EQ(server.end(), Closed::by_peer);
}

TEST(Connection, ClosesAfterWhatWasSent) {
    Server server{[](Peer& peer) {
        peer.on_data = [](Peer& self, std::string_view) {
            self.transport->send("bye");
            self.transport->close();
            self.transport->send("too late");
        };
    }};
    const Client client{server.port()};
    client.send("x");
    EXPECT_EQ(client.receive_all(), "bye");
    client.end();
    EXPECT_EQ(server.end(), Closed::by_us);
}

TEST(Connection, DoesNotWaitForEverForThePeersEnd) {
    Server server{[](Peer& peer) { peer.on_data = [](Peer& self, std::string_view) { self.transport->close(); }; }};
    const Client client{server.port()};
    client.send("x");
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_EQ(server.end(), Closed::by_us);
}

TEST(Connection, AbortsAtOnce) {
    Server server{[](Peer& peer) {
        peer.on_data = [](Peer& self, std::string_view) {
            self.transport->send("never seen");
            self.transport->abort();
        };
    }};
    const Client client{server.port()};
    client.send("x");
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_EQ(server.end(), Closed::by_us);
}

TEST(Connection, IsBrokenByAReset) {
    Server server;
    Client client{server.port()};
    client.send("x");
    client.receive(1);
    client.reset();
    EXPECT_EQ(server.end(), Closed::broken);
}

TEST(Connection, IsBrokenByAResetAlsoWhilePaused) {
    Server server{[](Peer& peer) { peer.transport->pause_reading(); }};
    Client client{server.port()};
    server.accepted.get_future().get();
    client.reset();
    EXPECT_EQ(server.end(), Closed::broken);
}

TEST(Connection, EndsWhenItsQueueOutgrowsTheLimit) {
    Server server{[](Peer& peer) {
        peer.transport->limit_queue(100'000);
        peer.on_data = [](Peer& self, std::string_view) {
            for (int i = 0; i < 1000; ++i) self.transport->send(pattern(50'000));
        };
    }};
    const Client client{server.port()};
    client.send("x");
    EXPECT_EQ(server.end(), Closed::over_limit);
    EXPECT_EQ(server.shard.ask([&] { return server.shard->counters().queued_bytes; }), 0U);
}

TEST(Connection, ServesASlowReader) {
    const std::string text = pattern(8'000'000);
    Server server{[&](Peer& peer) {
        peer.transport->limit_queue(10'000'000);
        peer.on_data = [&](Peer& self, std::string_view) { self.transport->send(text); };
    }};
    const Client client{server.port(), 8192};
    client.send("x");
    std::string got;
    while (got.size() < text.size()) {
        const std::string part = client.receive(std::min<std::size_t>(400'000, text.size() - got.size()));
        ASSERT_FALSE(part.empty());
        got += part;
        std::this_thread::sleep_for(5ms);
    }
    EXPECT_TRUE(got == text);
    EXPECT_EQ(server.shard.ask([&] { return server.peer.transport->queued(); }), 0U);
}

TEST(Connection, ReadsNothingWhilePaused) {
    std::atomic<int> reads = 0;
    Server server{[&](Peer& peer) {
        peer.transport->pause_reading();
        peer.on_data = [&](Peer& self, std::string_view bytes) {
            ++reads;
            self.transport->send(bytes);
        };
    }};
    const Client client{server.port()};
    client.send("abc");
    Peer& peer = *server.accepted.get_future().get();
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(reads, 0);
    server.shard.ask([&] {
        peer.transport->resume_reading();
        return 0;
    });
    EXPECT_EQ(client.receive(3), "abc");
}

TEST(Connection, KeepsToItsRate) {
    Server server{[](Peer& peer) { peer.transport->limit_rate(100'000); }};
    const Client client{server.port()};
    const std::string text = pattern(250'000);
    const Instant before = std::chrono::steady_clock::now();
    std::thread sender{[&] { client.send(text); }};
    EXPECT_TRUE(client.receive(text.size()) == text);
    sender.join();
    const auto took = std::chrono::steady_clock::now() - before;
    EXPECT_GE(took, 1300ms);  // the first 100,000 at once, then 100,000 a second
    EXPECT_LE(took, 4000ms);
}

TEST(Connection, EndsIfItsReceiverThrows) {
    Server server{[](Peer& peer) { peer.on_data = [](Peer&, std::string_view) { throw std::runtime_error{"bug"}; }; }};
    std::promise<void> fault;
    server.shard.ask([&] {
        server.shard->set_fault_handler([&](const std::exception_ptr&) { fault.set_value(); });
        return 0;
    });
    const Client client{server.port()};
    client.send("x");
    fault.get_future().get();
    EXPECT_EQ(server.end(), Closed::broken);
}

TEST(Connection, MovesBetweenShardsWhileBytesFly) {
    RunningShard other{1};
    Server server;
    const Client client{server.port()};
    Peer& peer = *server.accepted.get_future().get();
    std::vector<Shard*> shards{&*server.shard, &*other};
    std::atomic<int> moves = 0;
    peer.on_data = [&](Peer& self, std::string_view bytes) {
        self.transport->send(bytes);
        Shard& here = *Shard::current();
        Shard& there = &here == shards[0] ? *shards[1] : *shards[0];
        self.transport->leave_shard();
        here.send_to(there, [&] {
            peer.transport->join_shard(there);
            ++moves;
        });
    };
    const std::string text = pattern(1'000'000);
    std::thread sender{[&] {
        for (std::size_t at = 0; at < text.size(); at += 1000) client.send(std::string_view{text}.substr(at, 1000));
        client.end();
    }};
    EXPECT_TRUE(client.receive_all() == text);
    sender.join();
    EXPECT_EQ(server.end(), Closed::by_peer);
    EXPECT_GT(moves, 5);
    EXPECT_EQ(server.shard.ask([&] { return server.shard->counters().connections; }), 0U);
    EXPECT_EQ(other.ask([&] { return other->counters().connections; }), 0U);
}

TEST(Connection, MayBeDestroyedWhileItsEventsAreWaiting) {
    std::vector<Peer> peers(8);
    std::size_t count = 0;
    std::promise<void> all;
    RunningShard shard;
    Listener listener{{}, [&](Shard&, std::unique_ptr<Transport> transport) {
                          Peer& peer = peers[count];
                          peer.transport = std::move(transport);
                          peer.on_data = [&](Peer& self, std::string_view) {
                              for (Peer& each : peers)
                                  if (&each != &self) each.transport.reset();
                              self.transport->send("last");
                          };
                          if (++count < peers.size()) return;
                          all.set_value();
                      }};
    listener.start(*shard);
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < peers.size(); ++i) {
        clients.push_back(std::make_unique<Client>(listener.port()));
        clients.back()->send("x");
    }
    all.get_future().get();
    shard.ask([&] {
        for (Peer& peer : peers) peer.transport->set_receiver(&peer);
        return 0;
    });
    std::string got;
    for (const auto& client : clients) {
        client->end();
        got += client->receive_all();
    }
    EXPECT_EQ(got, "last");
    listener.stop();
    shard.ask([&] {
        peers.clear();
        return 0;
    });
}

TEST(Listener, NamesWhatItCannotBind) {
    const Listener first{{}, {}};
    try {
        const Listener second{{.port = first.port()}, {}};
        FAIL() << "bound twice";
    } catch (const std::system_error& error) {
        EXPECT_NE(std::string{error.what()}.find("127.0.0.1 port " + std::to_string(first.port())), std::string::npos)
            << error.what();
    }
    EXPECT_THROW((Listener{{.address = "nonsense"}, {}}), std::system_error);
}

TEST(Listener, AdoptsASocket) {
    Fd bound = listen_on("127.0.0.1", 0, 5);
    const int number = dup(bound.get());
    std::promise<void> accepted;
    RunningShard shard;
    Listener listener{{.adopted_fd = number}, [&](Shard&, std::unique_ptr<Transport>) { accepted.set_value(); }};
    listener.start(*shard);
    const Client client{local_port(bound.get())};
    EXPECT_EQ(accepted.get_future().wait_for(10s), std::future_status::ready);
}

TEST(Listener, WaitsWhileThereAreNoDescriptors) {
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
    GTEST_SKIP() << "the sanitizer opens a pipe to look at memory";
#endif
#endif
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    std::atomic<int> troubles = 0;
    std::promise<void> accepted;
    RunningShard shard;
    Listener listener{
        {}, [&](Shard&, std::unique_ptr<Transport>) { accepted.set_value(); }, [&](std::string_view) { ++troubles; }};
    Fd spare{dup(0)};
    std::unique_ptr<Client> client = std::make_unique<Client>(listener.port());
    std::vector<Fd> hoard;
    const rlimit tight{.rlim_cur = 128, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &tight);
    while (true) {
        Fd one{dup(0)};
        if (!one) break;
        hoard.push_back(std::move(one));
    }
    listener.start(*shard);
    const std::uint64_t turns = shard.ask([&] { return shard->counters().turns; });
    std::this_thread::sleep_for(700ms);
    EXPECT_LT(shard.ask([&] { return shard->counters().turns; }) - turns, 20U);
    EXPECT_EQ(troubles, 1);
    hoard.clear();
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(accepted.get_future().wait_for(10s), std::future_status::ready);
}

TEST(Listener, SharesItsSocketAmongShards) {
    std::atomic<int> accepted = 0;
    RunningShard one;
    RunningShard two{1};
    Listener listener{{}, [&](Shard& shard, std::unique_ptr<Transport>) {
                          EXPECT_EQ(&shard, Shard::current());
                          ++accepted;
                      }};
    listener.start(*one);
    listener.start(*two);
    for (int i = 0; i < 100; ++i) {
        const Client client{listener.port()};
        EXPECT_EQ(client.receive_all(), "");
    }
    EXPECT_EQ(accepted, 100);
}

}  // namespace
}  // namespace aldis::net
