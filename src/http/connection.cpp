#include "http/connection.h"

#include <boost/beast/http/read.hpp>

#include "base/log.h"

namespace aldis::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

/// A line feed in a stored value must not end the header that it is echoed in.
bool is_clean(std::string_view value) {
    return std::ranges::none_of(value, [](unsigned char letter) { return letter < 0x20 || letter == 0x7f; });
}

Response checked(Response response) {
    const bool clean = is_clean(response.content_type) && std::ranges::all_of(response.headers, [](const auto& header) {
                           return is_clean(header.first) && is_clean(header.second);
                       });
    if (clean) return response;
    Log{"http"}.error("a handler's header has control characters", kv("content_type", response.content_type));
    return {.status = 500, .body = "The server failed.\n"};
}

/// The status that tells a peer why its request was not even read, or 0 if it would not hear it.
unsigned status_for(error_code why) {
    using beast::http::error;
    if (why == error::header_limit || why == error::buffer_overflow) return 431;
    if (why == error::body_limit) return 413;
    if (why == error::end_of_stream || why == error::partial_message) return 0;
    return why.category() == make_error_code(error::bad_method).category() ? 400 : 0;
}

}  // namespace

Connection::Connection(boost::asio::ip::tcp::socket socket, const Routes& routes, const Limits& limits, OnEnd on_end)
    : stream_{std::move(socket)},
      routes_{routes},
      limits_{limits},
      on_end_{std::move(on_end)},
      buffer_{limits.header_bytes + 4096} {
    error_code gone;
    const auto remote = stream_.socket().remote_endpoint(gone);
    if (!gone) peer_ = remote.address().to_string();
}

void Connection::read() {
    parser_.emplace();
    parser_->header_limit(limits_.header_bytes);
    parser_->body_limit(limits_.body_bytes);
    stream_.expires_after(limits_.timeout);
    beast::http::async_read(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code failed, std::size_t) { self->on_read(failed); });
}

void Connection::abort() { stream_.cancel(); }

void Connection::on_read(error_code failed) {
    if (failed) return refuse(failed);
    const auto& message = parser_->get();
    const std::string_view target = view(message.target());
    const std::size_t mark = std::min(target.find('?'), target.size());
    const Request request{.method = view(message.method_string()),
                          .path = target.substr(0, mark),
                          .query = target.substr(std::min(mark + 1, target.size())),
                          .body = message.body(),
                          .peer = peer_,
                          .header = [&](std::string_view name) { return view(message[{name.data(), name.size()}]); }};
    const bool keep = message.keep_alive() && ++served_ < limits_.requests;
    respond(routes_.answer(request), message.version(), keep, request.method == "HEAD");
}

void Connection::respond(Response response, unsigned http_version, bool keep_alive, bool head) {
    response = checked(std::move(response));
    message_ = std::make_unique<Message>(static_cast<beast::http::status>(response.status), http_version,
                                         std::move(response.body));
    for (const auto& [name, value] : response.headers) message_->set(name, value);
    message_->set(beast::http::field::content_type, response.content_type);
    message_->set("X-Content-Type-Options", "nosniff");
    message_->keep_alive(keep_alive);
    message_->prepare_payload();
    serializer_.emplace(*message_);
    stream_.expires_after(limits_.timeout);
    auto written = [self = shared_from_this()](error_code failed, std::size_t) { self->on_written(failed); };
    if (head) {
        // RFC 9110 section 9.3.2: the headers of a GET, and no body.
        beast::http::async_write_header(stream_, *serializer_, std::move(written));
    } else {
        beast::http::async_write(stream_, *serializer_, std::move(written));
    }
}

void Connection::refuse(error_code why) {
    const unsigned status = status_for(why);
    if (status == 0) return close();
    Log{"http"}.debug("refused a request", kv("peer", peer_), kv("why", why.message()));
    respond({.status = status, .body = "This is no request that can be answered.\n"}, 11, false, false);
}

void Connection::on_written(error_code failed) {
    serializer_.reset();
    const bool again = !failed && message_->keep_alive();
    message_.reset();
    if (again) return read();
    close();
}

void Connection::close() {
    error_code ignored;
    stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}

}  // namespace aldis::http
