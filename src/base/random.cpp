#include "base/random.h"

#include <sodium.h>

#include <stdexcept>

#include "base/base64.h"

namespace aldis {

std::string Random::token(std::size_t bytes) {
    std::string raw(bytes, '\0');
    fill({reinterpret_cast<unsigned char*>(raw.data()), raw.size()});
    return base64url_encode(raw);
}

SystemRandom::SystemRandom() {
    if (sodium_init() < 0) throw std::runtime_error{"libsodium cannot find a source of randomness"};
}

void SystemRandom::fill(std::span<unsigned char> bytes) { randombytes_buf(bytes.data(), bytes.size()); }

}  // namespace aldis
