#include "jid/siphash.h"

#include <bit>
#include <cstring>

namespace aldis {
namespace {

struct State {
    std::uint64_t v0, v1, v2, v3;

    explicit State(SipKey key)
        : v0{key.low ^ 0x736f6d6570736575},
          v1{key.high ^ 0x646f72616e646f6d},
          v2{key.low ^ 0x6c7967656e657261},
          v3{key.high ^ 0x7465646279746573} {}

    void round() {
        v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
        v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
        v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
        v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
    }

    void absorb(std::uint64_t word) {
        v3 ^= word;
        round();
        v0 ^= word;
    }

    std::uint64_t finish() {
        v2 ^= 0xff;
        round(), round(), round();
        return v0 ^ v1 ^ v2 ^ v3;
    }
};

std::uint64_t little_endian(const char* bytes, std::size_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
}

}  // namespace

std::uint64_t siphash(SipKey key, std::string_view text) {
    State state{key};
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) state.absorb(little_endian(at, 8));
    const std::uint64_t tail = left == 0 ? 0 : little_endian(at, left);
    state.absorb(tail | static_cast<std::uint64_t>(text.size()) << 56);
    return state.finish();
}

}  // namespace aldis
