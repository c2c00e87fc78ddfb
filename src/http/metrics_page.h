#pragma once

#include "base/metrics.h"
#include "http/routes.h"

namespace aldis::http {

/// GET /metrics, for Prometheus.
/// @param registry  must outlive the routes
void add_metrics_page(Routes& routes, const metrics::Registry& registry);

}  // namespace aldis::http
