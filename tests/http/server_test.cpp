#include "http/server.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "base/log.h"
#include "http/metrics_page.h"

namespace aldis::http {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;

/// A server and clients of it on one loop, so that a test is one thread.
class HttpServer : public testing::Test {
protected:
    HttpServer() {
        registry.counter("aldis_test_total", "Tests.").add(3);
        add_metrics_page(routes, registry);
        routes.add("POST", "/echo", [](const Request& request) {
            return Response{.body = std::string{request.body} + "|" + std::string{request.query} + "|" +
                                    std::string{request.header("X-Name")} + "|" + std::string{request.peer}};
        });
        routes.add("GET", "/evil", [](const Request&) { return Response{.content_type = "a\r\nSet-Cookie: b"}; });
    }

    void start(Limits limits = {}) { server.emplace(loop, net::listen_on("127.0.0.1", 0, 10), routes, limits); }

    [[nodiscard]] tcp::socket connect() {
        tcp::socket socket{loop};
        socket.connect({boost::asio::ip::make_address("127.0.0.1"), server->port()});
        return socket;
    }

    /// Everything that comes until the server closes.
    std::string read_all(tcp::socket& socket) {
        std::string text;
        bool ended = false;
        boost::asio::async_read(socket, boost::asio::dynamic_buffer(text),
                                [&](boost::system::error_code, std::size_t) { ended = true; });
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!ended && std::chrono::steady_clock::now() < deadline) loop.run_one_for(std::chrono::seconds{1});
        EXPECT_TRUE(ended);
        return text;
    }

    std::string ask(const std::string& request) {
        tcp::socket socket = connect();
        boost::system::error_code ignored;
        boost::asio::write(socket, boost::asio::buffer(request), ignored);
        return read_all(socket);
    }

    metrics::Registry registry;
    Routes routes;
    boost::asio::io_context loop{1};
    std::optional<Server> server;
};

TEST_F(HttpServer, ShowsMetricsToPrometheus) {
    start();
    const std::string answer = ask("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    EXPECT_THAT(
        answer,
        HasSubstr("\r\n\r\n# HELP aldis_test_total Tests.\n# TYPE aldis_test_total counter\naldis_test_total 3\n"));
}

TEST_F(HttpServer, AnswersHeadWithTheLengthButNoBody) {
    start();
    const std::string answer = ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("Content-Length: " + std::to_string(registry.text().size()) + "\r\n"));
    EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(HttpServer, AnswersSeveralRequestsOnOneConnection) {
    start();
    const std::string request = "POST /echo?a=b HTTP/1.1\r\nHost: x\r\nX-Name: N\r\nContent-Length: 2\r\n\r\nhi";
    const std::string answer = ask(request + request + "GET /no HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("hi|a=b|N|127.0.0.1HTTP/1.1 200 OK"));
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 404 Not Found"));
}

TEST_F(HttpServer, RefusesWhatIsTooLarge) {
    start({.header_bytes = 1024, .body_bytes = 100});
    EXPECT_THAT(ask("GET /" + std::string(5000, 'a') + " HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(ask("GET / HTTP/1.1\r\nX: " + std::string(5000, 'a')), StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(ask("POST /echo HTTP/1.1\r\nContent-Length: 101\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(ask("POST /echo HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"),
                StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(ask("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n" + std::string(2000, 'a')),
                StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServer, RefusesWhatAProxyCouldReadDifferently) {
    start();
    for (const char* const request :
         {"POST /echo HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
          "POST /echo HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhii",
          "GET /metrics HTTP/1.1\r\nHost : x\r\n\r\n", "GET /metrics HTTP/9\r\n\r\n", "nonsense\r\n\r\n",
          "GET /a b HTTP/1.1\r\n\r\n"})
        EXPECT_THAT(ask(request), StartsWith("HTTP/1.1 400 ")) << request;
}

TEST_F(HttpServer, DoesNotLetAHandlerSplitItsHeaders) {
    const LogCapture capture;
    start();
    const std::string answer = ask("GET /evil HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(answer, testing::Not(HasSubstr("Set-Cookie")));
}

TEST_F(HttpServer, DoesNotWaitForSlowClients) {
    start({.timeout = std::chrono::seconds{1}});
    tcp::socket silent = connect();
    tcp::socket slow = connect();
    boost::asio::write(slow, boost::asio::buffer(std::string{"GET /metrics HT"}));
    EXPECT_EQ(read_all(silent), "");
    EXPECT_EQ(read_all(slow), "");
}

TEST_F(HttpServer, HasAPlaceForSoMany) {
    start({.timeout = std::chrono::seconds{1}, .connections = 1});
    tcp::socket first = connect();
    tcp::socket second = connect();
    loop.run_for(std::chrono::milliseconds{50});
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(read_all(second), "");
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds{900});
    read_all(first);
    EXPECT_THAT(ask("GET /metrics HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 200 "));
}

TEST_F(HttpServer, TakesItsConnectionsWithIt) {
    start();
    tcp::socket socket = connect();
    loop.run_for(std::chrono::milliseconds{50});
    server.reset();
    EXPECT_EQ(read_all(socket), "");
    loop.restart();
    EXPECT_EQ(loop.run(), 0U);
}

}  // namespace
}  // namespace aldis::http
