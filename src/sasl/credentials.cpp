#include "sasl/credentials.h"

#include <algorithm>
#include <charconv>

#include "base/base64.h"
#include "sasl/text.h"

namespace aldis::sasl {
namespace {

constexpr std::string_view version = "1";

std::size_t index_of(Hash hash) { return static_cast<std::size_t>(hash); }

/// Cuts off what stands before the next `separator`, or all if there is none.
std::string_view cut(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view head = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return head;
}

/// Without sign, leading zero or white space, from 1 to the largest.
std::optional<std::uint32_t> parse_iterations(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.front() == '0') return std::nullopt;
    return number <= largest_iterations ? std::optional{number} : std::nullopt;
}

std::optional<Digest> parse_key(std::string_view text, Hash hash) {
    std::optional<std::string> bytes = decode_base64(text);
    if (!bytes) return std::nullopt;
    const bool fits = bytes->size() == size_of(hash);
    const Digest key{*bytes};
    wipe(*bytes);
    return fits ? std::optional{key} : std::nullopt;
}

/// `text` is what follows the name of the hash: "10000:salt:StoredKey:ServerKey".
std::optional<Keys> parse_keys(std::string_view text, Hash hash) {
    if (std::ranges::count(text, ':') != 3) return std::nullopt;
    const std::optional<std::uint32_t> iterations = parse_iterations(cut(text, ':'));
    const std::optional<std::string> salt = decode_base64(cut(text, ':'));
    const std::optional<Digest> stored = parse_key(cut(text, ':'), hash);
    const std::optional<Digest> server = parse_key(text, hash);
    if (!iterations || !salt || salt->empty() || salt->size() > largest_salt || !stored || !server) return std::nullopt;
    return Keys{.salt = *salt, .iterations = *iterations, .stored_key = *stored, .server_key = *server};
}

std::optional<Hash> hash_named(std::string_view wanted) {
    for (const Hash hash : all_hashes)
        if (name(hash) == wanted) return hash;
    return std::nullopt;
}

Keys make_keys(std::string_view password, Hash hash, std::string salt, std::uint32_t iterations) {
    const Digest salted = pbkdf2(hash, password, salt, iterations);
    return keys_of(hash, salted, std::move(salt), iterations);
}

/// One purpose of the server's secret, kept apart from the others by its first word.
std::string purpose(std::string_view what, Hash hash, std::string_view account) {
    std::string text{what};
    text += '\0';
    text += name(hash);
    text += '\0';
    text += account;
    return text;
}

}  // namespace

const Keys* Credentials::find(Hash hash) const {
    const std::optional<Keys>& keys = keys_[index_of(hash)];
    return keys ? &*keys : nullptr;
}

void Credentials::set(Hash hash, Keys keys) { keys_[index_of(hash)] = std::move(keys); }

bool Credentials::empty() const {
    return std::ranges::none_of(keys_, [](const std::optional<Keys>& keys) { return keys.has_value(); });
}

void Credentials::add_missing(const Credentials& other) {
    for (const Hash hash : all_hashes)
        if (const Keys* keys = other.find(hash); keys != nullptr && find(hash) == nullptr) set(hash, *keys);
}

std::string Credentials::serialise() const {
    std::string text{version};
    for (const Hash hash : all_hashes) {
        const Keys* keys = find(hash);
        if (keys == nullptr) continue;
        text += ' ';
        text += name(hash);
        text += ':' + std::to_string(keys->iterations);
        text += ':' + base64_encode(keys->salt);
        text += ':' + base64_encode(keys->stored_key);
        text += ':' + base64_encode(keys->server_key);
    }
    return text;
}

std::optional<Credentials> Credentials::parse(std::string_view text) {
    if (text.ends_with(' ') || cut(text, ' ') != version) return std::nullopt;
    Credentials credentials;
    for (std::optional<Hash> last; !text.empty();) {
        std::string_view family = cut(text, ' ');
        const std::optional<Hash> hash = hash_named(cut(family, ':'));
        if (!hash || (last && *hash <= *last)) return std::nullopt;
        const std::optional<Keys> keys = parse_keys(family, *hash);
        if (!keys) return std::nullopt;
        credentials.set(*hash, *keys);
        last = hash;
    }
    return credentials.empty() ? std::nullopt : std::optional{credentials};
}

std::string make_salt(Random& random) {
    std::string salt(salt_size, '\0');
    random.fill({reinterpret_cast<unsigned char*>(salt.data()), salt.size()});
    return salt;
}

Keys keys_of(Hash hash, const Digest& salted_password, std::string salt, std::uint32_t iterations) {
    const Digest client_key = hmac(hash, salted_password, "Client Key");
    return {.salt = std::move(salt),
            .iterations = iterations,
            .stored_key = digest(hash, client_key),
            .server_key = hmac(hash, salted_password, "Server Key")};
}

Credentials derive(std::string_view password, std::span<const Hash> hashes, std::uint32_t iterations, Random& random) {
    Credentials credentials;
    for (const Hash hash : hashes) credentials.set(hash, make_keys(password, hash, make_salt(random), iterations));
    return credentials;
}

bool verify(std::string_view password, const Credentials& credentials) {
    for (const Hash hash : {Hash::sha256, Hash::sha512, Hash::sha1}) {
        const Keys* keys = credentials.find(hash);
        if (keys == nullptr) continue;
        const Keys made = make_keys(password, hash, keys->salt, keys->iterations);
        return equal(made.stored_key, keys->stored_key);
    }
    return false;
}

Keys decoy(Hash hash, std::string_view secret, std::string_view account, std::uint32_t iterations) {
    const Digest salt = hmac(Hash::sha256, secret, purpose("salt", hash, account));
    return {.salt = std::string{salt.view().substr(0, salt_size)},
            .iterations = iterations,
            .stored_key = hmac(hash, secret, purpose("stored key", hash, account)),
            .server_key = hmac(hash, secret, purpose("server key", hash, account))};
}

}  // namespace aldis::sasl
