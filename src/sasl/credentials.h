#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "sasl/crypto.h"

namespace aldis::sasl {

inline constexpr std::uint32_t default_iterations = 10'000;
inline constexpr std::uint32_t largest_iterations = 10'000'000;
inline constexpr std::size_t salt_size = 16;      ///< bytes in the salts made here
inline constexpr std::size_t largest_salt = 128;  ///< bytes accepted in imported ones

/// What one SCRAM hash needs to know about a password: RFC 5802 section 2.2 and 3.
struct Keys {
    std::string salt;
    std::uint32_t iterations = default_iterations;
    Digest stored_key;
    Digest server_key;
};

/// What is stored of an account's password: for each hash family the keys, or nothing.
class Credentials {
public:
    [[nodiscard]] const Keys* find(Hash hash) const;
    void set(Hash hash, Keys keys);
    [[nodiscard]] bool empty() const;
    /// Takes over the families that are missing here.
    void add_missing(const Credentials& other);

    /// For a database column: "1 SHA-256:10000:salt:StoredKey:ServerKey ...", binary parts in base64.
    [[nodiscard]] std::string serialise() const;
    /// Strict: only what serialise() writes, with at least one family. Nothing where it is anything else.
    [[nodiscard]] static std::optional<Credentials> parse(std::string_view text);

private:
    std::array<std::optional<Keys>, all_hashes.size()> keys_;
};

/// A random salt of `salt_size` bytes.
[[nodiscard]] std::string make_salt(Random& random);
/// RFC 5802 section 3: StoredKey and ServerKey, from SaltedPassword.
[[nodiscard]] Keys keys_of(Hash hash, const Digest& salted_password, std::string salt, std::uint32_t iterations);

/// Makes the keys of one password, each family with a random salt of its own. Costs one PBKDF2 for each of `hashes`.
/// @param password  already prepared: RFC 8265 section 4 (OpaqueString), as clients prepare theirs
[[nodiscard]] Credentials derive(std::string_view password, std::span<const Hash> hashes, std::uint32_t iterations,
                                 Random& random);

/// Whether `password`, prepared like in derive(), is the one that `credentials` were made of. Costs one PBKDF2, with
/// SHA-256 if it is there because processors have it in hardware; the comparison takes constant time.
[[nodiscard]] bool verify(std::string_view password, const Credentials& credentials);

/// The keys that an account that does not exist is asked for: always the same ones for the same name, so that asking
/// twice tells nothing. They fit no password that anybody knows.
/// @param secret   the server's own; whoever knows it can tell the salts from real ones
/// @param account  prepared, so that spellings of one name get one salt
[[nodiscard]] Keys decoy(Hash hash, std::string_view secret, std::string_view account, std::uint32_t iterations);

}  // namespace aldis::sasl
