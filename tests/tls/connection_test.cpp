// A Connection under TLS, over real sockets, against OpenSSL's client.

#include "net/connection.h"

#include <gtest/gtest.h>

#include "net/listener.h"
#include "tests/net/harness.h"
#include "tests/tls/client.h"
#include "tls/context.h"

namespace aldis::net {
namespace {

using namespace std::chrono_literals;
using testing::RunningShard;
using Socket = testing::Client;
using tls::testing::Client;

/// STARTTLS in miniature: "start" is answered with "proceed", everything under TLS is echoed.
class Peer final : public Receiver {
public:
    std::unique_ptr<Transport> transport;
    std::promise<Closed> closed;
    std::function<void(Peer&)> when_secure = [](Peer&) {};
    std::function<void(Peer&)> after_echo = [](Peer&) {};
    std::string in_the_clear;

    void on_bytes(std::string_view bytes) override {
        if (transport->tls() != nullptr) {
            transport->send(bytes);
            return after_echo(*this);
        }
        in_the_clear += bytes;
        if (!bytes.starts_with("start")) return;
        transport->send("proceed");
        transport->start_tls();
    }
    void on_tls() override { when_secure(*this); }
    void on_closed(Closed why) override {
        Shard::current()->dispose(std::move(transport));
        closed.set_value(why);
    }
};

struct Server {
    tls::testing::Certificates dir;
    std::shared_ptr<tls::Context> context = std::make_shared<tls::Context>(
        std::vector<tls::DomainCertificates>{{"localhost", {dir.make("a", {"localhost"})}},
                                             {"example.org", {dir.make("b", {"example.org"})}}},
        2);
    RunningShard shard;
    Peer peer;
    std::promise<void> accepted;
    std::unique_ptr<Listener> listener;

    explicit Server(bool direct = false, std::function<void(Peer&)> prepare = [](Peer&) {}) {
        listener = std::make_unique<Listener>(
            ListenerOptions{.tls = context, .direct_tls = direct, .alpn = direct ? "xmpp-client" : ""},
            [this, prepare](Shard&, std::unique_ptr<Transport> transport) {
                peer.transport = std::move(transport);
                prepare(peer);
                peer.transport->set_receiver(&peer);
                accepted.set_value();
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
    /// Waits until this many connections are left. False if that takes too long.
    bool settles_at(std::uint64_t connections) {
        for (int i = 0; i < 1000; ++i) {
            if (shard.ask([this] { return shard->counters().connections; }) == connections) return true;
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }
    Closed end() {
        auto future = peer.closed.get_future();
        if (future.wait_for(20s) != std::future_status::ready) throw std::runtime_error{"the connection did not end"};
        return future.get();
    }
};

void upgrade(const Socket& socket, Client& client) {
    socket.send("start");
    ASSERT_EQ(socket.receive(7), "proceed");
    ASSERT_TRUE(client.connect_over(socket.fd()));
}

TEST(SecureConnection, StartsOnRequestAndEchoes) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Server server;
        const Socket socket{server.listener->port()};
        Client client{{.version = version, .server_name = "example.org"}};
        upgrade(socket, client);
        EXPECT_EQ(client.fingerprint(), server.context->certificates()[1].fingerprint);
        for (const std::size_t size : {1U, 200U, 16'384U, 100'000U}) {
            const std::string text(size, 'x');
            std::thread sender{[&] { client.send(text); }};
            sender.join();
            EXPECT_TRUE(client.receive(size) == text);
        }
        const tls::Info info = server.shard.ask([&] { return *server.peer.transport->tls(); });
        EXPECT_EQ(info.server_name, "example.org");
        if (version == TLS1_3_VERSION) EXPECT_EQ(info.tls_exporter, client.exporter());
        client.say_goodbye();
        EXPECT_EQ(server.end(), Closed::by_peer);
        EXPECT_TRUE(client.at_end());
    }
}

TEST(SecureConnection, DiscardsWhatWasInjectedBeforeTheHandshake) {
    Server server;
    const Socket socket{server.listener->port()};
    socket.send("start<injected/>");  // in the same chunk: the receiver's promise
    ASSERT_EQ(socket.receive(7), "proceed");
    Client client{{}};
    ASSERT_TRUE(client.connect_over(socket.fd()));
    client.send("clean");
    EXPECT_EQ(client.receive(5), "clean");
}

TEST(SecureConnection, DiscardsWhatWasInjectedInAnotherPacket) {
    Server server{false, [](Peer& peer) { peer.transport->pause_reading(); }};
    const Socket socket{server.listener->port()};
    server.accepted.get_future().get();
    // The rate limit makes the server read "start" alone while more is already there.
    server.shard.ask([&] {
        server.peer.transport->limit_rate(5);
        return 0;
    });
    socket.send("start<injected/>");
    std::this_thread::sleep_for(50ms);
    server.shard.ask([&] {
        server.peer.transport->resume_reading();
        return 0;
    });
    ASSERT_EQ(socket.receive(7), "proceed");
    server.shard.ask([&] {
        server.peer.transport->limit_rate(0);
        return 0;
    });
    Client client{{}};
    ASSERT_TRUE(client.connect_over(socket.fd()));
    client.send("clean");
    EXPECT_EQ(client.receive(5), "clean");
    EXPECT_EQ(server.shard.ask([&] { return server.peer.in_the_clear; }), "start");
}

TEST(SecureConnection, EndsWhenTheClientGoesOnInTheClear) {
    Server server;
    const Socket socket{server.listener->port()};
    socket.send("start");
    ASSERT_EQ(socket.receive(7), "proceed");
    socket.send("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>");
    EXPECT_EQ(server.end(), Closed::broken);
}

TEST(SecureConnection, EndsOrderlyFromOurSide) {
    Server server{false, [](Peer& peer) { peer.after_echo = [](Peer& self) { self.transport->close(); }; }};
    const Socket socket{server.listener->port()};
    Client client{{}};
    upgrade(socket, client);
    client.send("bye");
    EXPECT_EQ(client.receive(3), "bye");
    EXPECT_TRUE(client.at_end());
    socket.end();
    EXPECT_EQ(server.end(), Closed::by_us);
}

TEST(SecureConnection, IsBrokenByAnEndWithoutGoodbye) {
    Server server;
    const Socket socket{server.listener->port()};
    Client client{{}};
    upgrade(socket, client);
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    socket.end();
    EXPECT_EQ(server.end(), Closed::broken);
}

TEST(SecureConnection, ServesASlowReader) {
    const std::string text(5'000'000, 'y');
    Server server{false, [&](Peer& peer) {
                      peer.transport->limit_queue(10'000'000);
                      peer.after_echo = [&](Peer& self) { self.transport->send(text); };
                  }};
    const Socket socket{server.listener->port(), 8192};
    Client client{{}};
    upgrade(socket, client);
    client.send("x");
    std::string got = client.receive(1);
    while (got.size() < text.size() + 1) {
        const std::string part = client.receive(std::min<std::size_t>(300'000, text.size() + 1 - got.size()));
        ASSERT_FALSE(part.empty());
        got += part;
        std::this_thread::sleep_for(5ms);
    }
    EXPECT_TRUE(got == "x" + text);
    EXPECT_EQ(server.shard.ask([&] { return server.shard->counters().queued_bytes; }), 0U);
}

TEST(SecureConnection, SendsAndReadsWhatCameWithTheHandshake) {
    // The client's first words may share a packet with its Finished; the server pauses before it reads them.
    Server server{false, [](Peer& peer) {
                      peer.when_secure = [](Peer& self) {
                          self.transport->send("welcome");
                          self.transport->pause_reading();
                      };
                  }};
    const Socket socket{server.listener->port()};
    socket.send("start");
    ASSERT_EQ(socket.receive(7), "proceed");
    Client client{{}};
    std::string out;
    ASSERT_TRUE(client.step({}, out));
    socket.send(out);
    out.clear();
    while (SSL_is_init_finished(&client.ssl()) == 0) ASSERT_TRUE(client.step(socket.receive(1), out));
    client.send("early");
    ASSERT_TRUE(client.step({}, out));
    socket.send(out);
    std::string got;
    while (got.size() < 7) {
        const std::string byte = socket.receive(1);
        ASSERT_FALSE(byte.empty());
        BIO_write(SSL_get_rbio(&client.ssl()), byte.data(), 1);
        got += client.receive(7 - got.size());
    }
    EXPECT_EQ(got, "welcome");
    server.shard.ask([&] {
        server.peer.transport->resume_reading();
        return 0;
    });
    got.clear();
    while (got.size() < 5) {
        const std::string byte = socket.receive(1);
        ASSERT_FALSE(byte.empty());
        BIO_write(SSL_get_rbio(&client.ssl()), byte.data(), 1);
        got += client.receive(5 - got.size());
    }
    EXPECT_EQ(got, "early");
}

TEST(SecureConnection, MovesBetweenShardsWhileBytesFly) {
    RunningShard other{1};
    Server server;
    Peer& peer = server.peer;
    std::vector<Shard*> shards{&*server.shard, &*other};
    std::atomic<int> moves = 0;
    peer.after_echo = [&](Peer& self) {
        Shard& here = *Shard::current();
        Shard& there = &here == shards[0] ? *shards[1] : *shards[0];
        self.transport->leave_shard();
        here.send_to(there, [&] {
            peer.transport->join_shard(there);
            ++moves;
        });
    };
    const Socket socket{server.listener->port()};
    Client client{{}};
    upgrade(socket, client);
    for (int i = 0; i < 200; ++i) {
        const std::string text(static_cast<std::size_t>(1 + i * 37), static_cast<char>('a' + i % 26));
        client.send(text);
        ASSERT_TRUE(client.receive(text.size()) == text);
    }
    EXPECT_GT(moves, 100);
    client.say_goodbye();
    EXPECT_EQ(server.end(), Closed::by_peer);
}

TEST(DirectTls, HandsOverAfterTheHandshake) {
    Server server{true};
    const Socket socket{server.listener->port()};
    Client client{{.server_name = "localhost", .alpn = {"xmpp-client"}}};
    ASSERT_TRUE(client.connect_over(socket.fd()));
    EXPECT_EQ(client.alpn(), "xmpp-client");
    client.send("hello");
    EXPECT_EQ(client.receive(5), "hello");
    EXPECT_EQ(server.shard.ask([&] { return server.peer.transport->tls()->server_name; }), "localhost");
}

TEST(DirectTls, RefusesAnotherProtocol) {
    Server server{true};
    const Socket socket{server.listener->port()};
    Client client{{.alpn = {"h2"}}};
    EXPECT_FALSE(client.connect_over(socket.fd()));
    EXPECT_TRUE(server.settles_at(0));
}

TEST(DirectTls, EndsWithWhatIsNoTls) {
    Server server{true};
    const Socket socket{server.listener->port()};
    socket.send("<stream:stream>");
    socket.receive_all();  // an alert, then the end
    EXPECT_TRUE(server.settles_at(0));
}

TEST(DirectTls, LimitsHandshakesFromOneAddress) {
    Server server{true};
    std::vector<std::unique_ptr<Socket>> sockets;
    for (int i = 0; i < 80; ++i) sockets.push_back(std::make_unique<Socket>(server.listener->port()));
    EXPECT_EQ(sockets.back()->receive_all(), "");
    EXPECT_TRUE(server.settles_at(64));
}

}  // namespace
}  // namespace aldis::net
