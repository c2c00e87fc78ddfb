#pragma once

#include <string>

#include "config/schema.h"

namespace aldis::config {

/// A value as TOML writes it behind the equals sign.
[[nodiscard]] std::string toml_text(const Value& value);
/// A value as JSON, on one line.
[[nodiscard]] std::string json_text(const Value& value);
/// A key as TOML writes it: quoted where it has to be.
[[nodiscard]] std::string toml_key(std::string_view key);

/// What may stand there, for people: `integer, 1 to 20`.
[[nodiscard]] std::string type_text(const Field& field);

}  // namespace aldis::config
