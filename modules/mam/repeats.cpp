#include "modules/mam/repeats.h"

#include <algorithm>
#include <functional>

#include "modules/mam/rules.h"
#include "xep/xep0359_stanza_ids.h"

namespace aldis::modules::mam {
namespace {

constexpr std::size_t shortest_unique_id = 16;

std::uint64_t mix(std::uint64_t seed, std::string_view text) {
    constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;
    return (seed ^ std::hash<std::string_view>{}(text)) * golden + (seed >> 7);
}

/// The origin-id, else an id that looks unique; empty where there is neither.
std::string_view unique_key(const Message& message) {
    const std::string_view key = dedup_key(message);
    const bool from_origin = message.has<xep::OriginId>() && key.data() != message.id().value_or("").data();
    return from_origin || key.size() >= shortest_unique_id ? key : std::string_view{};
}

}  // namespace

std::optional<Fingerprint> fingerprint_of(const Message& message) {
    const std::string_view key = unique_key(message);
    if (key.empty()) return std::nullopt;
    const std::uint64_t peer = mix(1, message.to().bare_text());
    return Fingerprint{.message = mix(mix(peer, key), message.body().value_or(std::string_view{})),
                       .id = mix(peer, message.id().value_or(std::string_view{}))};
}

std::uint64_t refused_id(const Message& error) {
    return mix(mix(1, error.from().bare_text()), error.id().value_or(std::string_view{}));
}

bool Sent::has(const Fingerprint& fingerprint) const {
    return std::ranges::any_of(ring_, [&](const Fingerprint& known) { return known.message == fingerprint.message; });
}

void Sent::add(const Fingerprint& fingerprint) {
    if (ring_.size() < size) return ring_.push_back(fingerprint);
    ring_[next_] = fingerprint;
    next_ = (next_ + 1) % size;
}

void Sent::forget(std::uint64_t id) {
    std::ranges::replace_if(ring_, [id](const Fingerprint& known) { return known.id == id; }, Fingerprint{});
}

}  // namespace aldis::modules::mam
