#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aldis::http {

/// What a peer asks for. Its views live as long as the call of the handler.
struct Request {
    std::string_view method;  ///< "GET"
    std::string_view path;    ///< of the target, as it was sent: percent-encoded, without the query
    std::string_view query;   ///< behind the '?', or empty
    std::string_view body;
    std::string_view peer;  ///< numeric address
    std::function<std::string_view(std::string_view name)> header = {};
};

struct Response {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};  ///< besides those that HTTP itself needs
};

/// Who answers what. Modules add to it before the server accepts.
class Routes {
public:
    using Handler = std::function<Response(const Request&)>;

    /// @param path  exact, or everything below it if it ends in '/': "/metrics", "/upload/"
    void add(std::string_view method, std::string_view path, Handler handler);

    /// 404 where there is no such path, 405 with Allow where there is no such method; HEAD is answered as GET. Of
    /// several paths that fit, the longest is meant. A handler that throws is a 500.
    [[nodiscard]] Response answer(const Request& request) const;

private:
    using Methods = std::map<std::string, Handler, std::less<>>;

    [[nodiscard]] const Methods* find(std::string_view path) const;

    std::map<std::string, Methods, std::less<>> paths_;
};

}  // namespace aldis::http
