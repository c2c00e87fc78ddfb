#include "sasl/upgrade.h"

#include <algorithm>

#include "base/base64.h"
#include "sasl/text.h"

namespace aldis::sasl {
namespace {

constexpr std::string_view prefix = "UPGR-SCRAM-";
constexpr std::uint32_t least_iterations = 4096;
constexpr std::size_t largest_text = 1024;
constexpr std::array upgradable{Hash::sha512, Hash::sha256};

bool contains(std::span<const Hash> hashes, Hash hash) { return std::ranges::find(hashes, hash) != hashes.end(); }

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view white = " \t\r\n";
    const std::size_t begin = std::min(text.find_first_not_of(white), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(white) + 1);
}

}  // namespace

std::string upgrade_task(Hash hash) {
    std::string task{prefix};
    return task.append(name(hash));
}

std::optional<Hash> upgrade_task_named(std::string_view wanted) {
    for (const Hash hash : upgradable)
        if (upgrade_task(hash) == wanted) return hash;
    return std::nullopt;
}

std::vector<Hash> offered_upgrades(std::span<const Hash> hashes) {
    std::vector<Hash> offered;
    for (const Hash hash : upgradable)
        if (contains(hashes, hash)) offered.push_back(hash);
    return offered;
}

std::vector<Hash> due_upgrades(std::span<const std::string> requested, Mechanism mechanism, const Credentials& stored,
                               std::span<const Hash> hashes) {
    std::vector<Hash> due;
    if (!proves_password(mechanism)) return due;
    for (const std::string& task : requested) {
        const std::optional<Hash> hash = upgrade_task_named(task);
        if (hash && contains(hashes, *hash) && stored.find(*hash) == nullptr && !contains(due, *hash))
            due.push_back(*hash);
    }
    return due;
}

Upgrade::Upgrade(Hash hash, std::uint32_t iterations, Random& random)
    : hash_{hash}, iterations_{std::max(iterations, least_iterations)}, salt_{make_salt(random)} {}

std::string Upgrade::salt() const { return base64_encode(salt_); }

Read<Keys> Upgrade::finish(std::string_view text) const {
    if (text.size() > largest_text) return malformed("hash too long");
    std::optional<std::string> bytes = decode_base64(trimmed(text));
    if (!bytes) return std::unexpected{Refusal{Failure::incorrect_encoding, "hash is not base64"}};
    const bool fits = bytes->size() == size_of(hash_);
    const Digest salted{*bytes};
    wipe(*bytes);
    if (!fits) return malformed("hash of another size");
    return keys_of(hash_, salted, salt_, iterations_);
}

}  // namespace aldis::sasl
