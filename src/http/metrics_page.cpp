#include "http/metrics_page.h"

namespace aldis::http {

void add_metrics_page(Routes& routes, const metrics::Registry& registry) {
    routes.add("GET", "/metrics", [&registry](const Request&) {
        return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = registry.text()};
    });
}

}  // namespace aldis::http
