#pragma once

#include <vector>

#include "base/metrics.h"
#include "db/stores.h"
#include "server/guard.h"
#include "session/home.h"

namespace aldis::server {

/// Announces what shards, homes, the database and the guard count. They must outlive the registry's last scrape.
void add_metrics(metrics::Registry& registry, const std::vector<session::Home*>& homes, const db::Stores& stores,
                 const AddressGuard& guard);

}  // namespace aldis::server
