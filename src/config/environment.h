#pragma once

#include "config/load.h"

namespace aldis::config {

/// Lays the variables over what a file said. `ALDIS_LIMITS_DEPTH` sets depth of [limits]; `ALDIS_LISTENER_0_PORT` port
/// of the first [[listener]]; elements of a list are separated by commas.
/// @param defaults  an object of the schema's struct: tables that the file leaves out are completed from it
void overlay_environment(Value& written, const Environment& environment, const Schema& schema, const void* defaults,
                         Problems& problems);

/// The variable that sets `key` of the table whose variables start with `prefix`: "ALDIS_LOG" and "level".
[[nodiscard]] std::string variable_name(std::string_view prefix, std::string_view key);

}  // namespace aldis::config
