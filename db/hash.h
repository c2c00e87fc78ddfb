#pragma once

#include <cstdint>
#include <string_view>

namespace aldis::db {

/// FNV-1a: it is kept in databases, so it is the same on every machine and in every release. Whoever chooses the texts
/// can make them collide, so what looks for one never looks at all that have its hash.
[[nodiscard]] constexpr std::uint32_t stored_hash(std::string_view text) {
    std::uint32_t hash = 0x811C9DC5;
    for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x01000193;
    return hash;
}

}  // namespace aldis::db
