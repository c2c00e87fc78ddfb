#include "xep/xep0300_hashes.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace aldis::xep::hashes {
namespace {

/// Fetched once: looking an algorithm up costs more than hashing with it.
struct Algorithm {
    std::string_view name;
    std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> function;

    Algorithm(std::string_view ours, const char* theirs)
        : name{ours}, function{EVP_MD_fetch(nullptr, theirs, nullptr), &EVP_MD_free} {}
};

const EVP_MD* function_of(std::string_view name) {
    static const std::array algorithms{Algorithm{"sha-1", "SHA1"},        Algorithm{"sha-256", "SHA2-256"},
                                       Algorithm{"sha-512", "SHA2-512"},  Algorithm{"sha3-256", "SHA3-256"},
                                       Algorithm{"sha3-512", "SHA3-512"}, Algorithm{"blake2b-512", "BLAKE2B-512"}};
    const auto* const place = std::ranges::find(algorithms, name, &Algorithm::name);
    return place == algorithms.end() ? nullptr : place->function.get();
}

}  // namespace

std::optional<std::string> digest(std::string_view algo, std::string_view bytes) {
    const EVP_MD* const function = function_of(algo);
    if (function == nullptr) return std::nullopt;
    std::array<unsigned char, EVP_MAX_MD_SIZE> made;
    unsigned int size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), made.data(), &size, function, nullptr) != 1)
        throw std::runtime_error{"a hash function does not work"};
    return std::string{made.begin(), made.begin() + size};
}

}  // namespace aldis::xep::hashes
