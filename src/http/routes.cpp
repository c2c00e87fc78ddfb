#include "http/routes.h"

#include "base/log.h"

namespace aldis::http {
namespace {

std::string allowed(const std::map<std::string, Routes::Handler, std::less<>>& methods) {
    std::string list;
    for (const auto& [name, handler] : methods) list += (list.empty() ? "" : ", ") + name;
    return methods.contains("GET") ? list + ", HEAD" : list;
}

Response run(const Routes::Handler& handler, const Request& request) {
    try {
        return handler(request);
    } catch (const std::exception& error) {
        Log{"http"}.error("a handler failed", kv("path", request.path), kv("cause", error.what()));
        return {.status = 500, .body = "The server failed.\n"};
    }
}

}  // namespace

void Routes::add(std::string_view method, std::string_view path, Handler handler) {
    paths_[std::string{path}][std::string{method}] = std::move(handler);
}

const Routes::Methods* Routes::find(std::string_view path) const {
    const auto exact = paths_.find(path);
    if (exact != paths_.end()) return &exact->second;
    const Methods* longest = nullptr;
    for (const auto& [start, methods] : paths_)  // sorted, so that longer ones come later
        if (start.ends_with('/') && path.starts_with(start)) longest = &methods;
    return longest;
}

Response Routes::answer(const Request& request) const {
    const Methods* const methods = find(request.path);
    if (methods == nullptr) return {.status = 404, .body = "There is nothing here.\n"};
    const auto found = methods->find(request.method == "HEAD" ? "GET" : request.method);
    if (found != methods->end()) return run(found->second, request);
    return {.status = 405, .body = "Not by this method.\n", .headers = {{"Allow", allowed(*methods)}}};
}

}  // namespace aldis::http
