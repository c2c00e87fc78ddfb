#pragma once

#include <cstdint>
#include <string_view>

namespace aldis {

/// The 128-bit key of a SipHash.
struct SipKey {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

/// SipHash-1-3: with a secret key nobody can choose strings that collide; the same key gives the same value on every
/// machine.
/// @see Aumasson, Bernstein: "SipHash: a fast short-input PRF"
[[nodiscard]] std::uint64_t siphash(SipKey key, std::string_view text);

}  // namespace aldis
