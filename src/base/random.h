#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace aldis {

/// Where unpredictable bytes come from, so that a test can repeat itself.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<unsigned char> bytes) = 0;

    /// `bytes` random bytes as base64url without padding: stream ids, resources, nonces.
    [[nodiscard]] std::string token(std::size_t bytes);
};

/// The kernel's generator, by libsodium. Safe to call from any thread.
class SystemRandom final : public Random {
public:
    SystemRandom();
    void fill(std::span<unsigned char> bytes) override;
};

}  // namespace aldis
