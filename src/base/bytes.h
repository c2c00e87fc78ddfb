#pragma once

#include <memory>
#include <string>

namespace aldis {

/// Immutable bytes that many will send: a stanza is serialised once, however many receive it.
using Bytes = std::shared_ptr<const std::string>;

[[nodiscard]] inline Bytes make_bytes(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

}  // namespace aldis
