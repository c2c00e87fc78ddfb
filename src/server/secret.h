#pragma once

#include <string>

#include "base/random.h"
#include "db/migration.h"
#include "db/stores.h"

namespace aldis::server {

/// The table that it is kept in.
extern const db::Schema secret_schema;

/// The secret that makes up salts for accounts that do not exist: made once, kept in the database, so that asking twice
/// about a name gives the same answer also after a restart.
[[nodiscard]] std::string decoy_secret(db::Stores& stores, Random& random);

}  // namespace aldis::server
