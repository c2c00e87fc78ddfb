#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace aldis::sasl {

/// The hash families of SCRAM: RFC 5802 (SHA-1), RFC 7677 (SHA-256), and SHA-512 by the same rules.
enum class Hash : std::uint8_t { sha1, sha256, sha512 };
inline constexpr std::array all_hashes{Hash::sha1, Hash::sha256, Hash::sha512};

/// "SHA-1", "SHA-256", "SHA-512": as in the names of the mechanisms.
[[nodiscard]] std::string_view name(Hash hash);
/// Bytes in a digest.
[[nodiscard]] std::size_t size_of(Hash hash);

/// Overwrites a secret so that it does not linger in freed memory, and empties it.
void wipe(std::string& secret);

/// The output of a hash, held without an allocation and wiped when it goes: most of ours are keys.
class Digest {
public:
    Digest() = default;
    explicit Digest(std::size_t size) : size_{size} {}
    /// Takes the first 64 of `bytes`, which is the size of the largest digest.
    explicit Digest(std::string_view bytes);
    Digest(const Digest&) = default;
    Digest& operator=(const Digest&) = default;
    ~Digest();

    [[nodiscard]] std::span<unsigned char> bytes() { return {data_.data(), size_}; }
    [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(data_.data()), size_}; }
    operator std::string_view() const { return view(); }

    /// Byte by byte; both have the same size.
    Digest& operator^=(const Digest& other);

private:
    std::array<unsigned char, 64> data_{};
    std::size_t size_ = 0;
};

/// H() of RFC 5802 section 2.2.
[[nodiscard]] Digest digest(Hash hash, std::string_view bytes);
/// HMAC() of RFC 5802 section 2.2.
[[nodiscard]] Digest hmac(Hash hash, std::string_view key, std::string_view bytes);
/// Hi() of RFC 5802 section 2.2: PBKDF2 with HMAC and one block of output. Costs milliseconds, by design.
[[nodiscard]] Digest pbkdf2(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations);
/// Compares in a time that depends only on the sizes.
[[nodiscard]] bool equal(std::string_view one, std::string_view other);

}  // namespace aldis::sasl
