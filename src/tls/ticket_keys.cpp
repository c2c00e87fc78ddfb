#include "tls/ticket_keys.h"

#include <openssl/rand.h>

#include <algorithm>

#include "tls/openssl.h"

namespace aldis::tls {
namespace {

TicketKeys::Key make_key(Instant now) {
    TicketKeys::Key key{.made = now};
    require(RAND_bytes(key.name.data(), static_cast<int>(key.name.size())) == 1, "ticket key");
    require(RAND_priv_bytes(key.cipher.data(), static_cast<int>(key.cipher.size())) == 1, "ticket key");
    require(RAND_priv_bytes(key.mac.data(), static_cast<int>(key.mac.size())) == 1, "ticket key");
    return key;
}

}  // namespace

void TicketKeys::rotate(Instant now) {
    std::erase_if(keys_, [&](const Key& key) { return now - key.made >= seals_for * most_keys; });
    if (!keys_.empty() && now - keys_.front().made < seals_for) return;
    keys_.insert(keys_.begin(), make_key(now));
    if (keys_.size() > most_keys) keys_.pop_back();
}

TicketKeys::Key TicketKeys::current(Instant now) {
    const std::lock_guard lock{mutex_};
    rotate(now);
    return keys_.front();
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const unsigned char, 16> name, Instant now) {
    const std::lock_guard lock{mutex_};
    rotate(now);
    const auto found = std::ranges::find_if(keys_, [&](const Key& key) { return std::ranges::equal(key.name, name); });
    if (found == keys_.end()) return std::nullopt;
    return Found{.key = *found, .renew = found != keys_.begin()};
}

}  // namespace aldis::tls
