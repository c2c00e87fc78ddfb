#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "http/server.h"

namespace aldis::http {

/// One client: request, response, and so on. Lives as long as an operation of it is under way.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using OnEnd = std::function<void(Connection*)>;

    /// @param on_end  called once, when it goes
    Connection(boost::asio::ip::tcp::socket socket, const Routes& routes, const Limits& limits, OnEnd on_end);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { on_end_(this); }

    void read();
    /// From the outside: what is under way fails.
    void abort();

private:
    using Message = boost::beast::http::response<boost::beast::http::string_body>;

    void on_read(boost::system::error_code failed);
    void respond(Response response, unsigned http_version, bool keep_alive, bool head);
    void refuse(boost::system::error_code why);
    void on_written(boost::system::error_code failed);
    void close();

    boost::beast::tcp_stream stream_;
    const Routes& routes_;
    const Limits limits_;
    OnEnd on_end_;
    std::string peer_;
    boost::beast::flat_buffer buffer_;
    std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
    std::unique_ptr<Message> message_;
    std::optional<boost::beast::http::response_serializer<boost::beast::http::string_body>> serializer_;
    std::size_t served_ = 0;
};

}  // namespace aldis::http
