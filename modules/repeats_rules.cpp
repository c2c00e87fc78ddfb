#include "modules/repeats_rules.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "xep/xep0359_stanza_ids.h"

namespace aldis::modules::repeats {
namespace {

constexpr std::size_t shortest_unique_id = 16;

std::string_view origin_id_of(const Message& message) {
    const xml::Element* const origin = message.element().child(xep::OriginId::schema.name);
    return origin == nullptr ? std::string_view{} : origin->attribute_or("id", {});
}

/// The archive keeps what comes of it, for an hour: the standard library's hash is the same in every process.
std::uint64_t mix(std::uint64_t seed, std::string_view text) {
    constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;
    return (seed ^ std::hash<std::string_view>{}(text)) * golden + (seed >> 7);
}

/// As an archive keeps it.
std::uint64_t mark_of(std::uint64_t hash) {
    static_assert(db::ArchiveEntry::largest_mark == ~std::uint64_t{0} >> 10);
    return std::max<std::uint64_t>(1, hash >> 10);
}

std::uint32_t upper_half(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

std::uint32_t seconds_of(Timestamp time) {
    return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count());
}

}  // namespace

std::optional<Fingerprint> fingerprint_of(const Message& message) {
    const std::optional<std::string_view> body = message.body();
    const std::string_view id = message.id().value_or(std::string_view{});
    const std::string_view origin_id = origin_id_of(message);
    if (origin_id.empty() && (id.empty() || !body)) return std::nullopt;
    const std::string_view key = origin_id.empty() ? id : origin_id;
    const std::string_view said = key.size() < shortest_unique_id ? body.value_or(std::string_view{}) : "";
    const std::uint64_t conversation = mix(1, message.to().bare_text());
    return Fingerprint{.message = mark_of(mix(mix(conversation, key), said)), .id = upper_half(mix(conversation, id))};
}

Fingerprint fingerprint_of(const db::SentMessage& stored) {
    return {.message = stored.mark, .id = upper_half(mix(mix(1, stored.with), stored.dedup_key))};
}

std::uint32_t refused_id(const Message& error) {
    return upper_half(mix(mix(1, error.from().bare_text()), error.id().value_or(std::string_view{})));
}

void Sent::make_filter() {
    constexpr std::size_t much = 64;
    if (messages_.size() < much) return filter_.reset();
    filter_ = std::make_unique<Filter>();
    for (const std::uint64_t message : messages_) mark(message);
}

bool Sent::has(const Fingerprint& fingerprint, Timestamp now) const {
    if (filter_ && !filter_->test(fingerprint.message % filter_->size())) return false;
    const auto found =
        std::find(messages_.begin() + static_cast<std::ptrdiff_t>(start_), messages_.end(), fingerprint.message);
    if (found == messages_.end()) return false;
    const About& about = about_[static_cast<std::size_t>(found - messages_.begin())];
    return std::chrono::seconds{std::int64_t{seconds_of(now)} - about.at} <= lasting;
}

void Sent::add(const Fingerprint& fingerprint, Timestamp at) {
    expire(at);
    if (messages_.size() - start_ == most) drop_first();
    messages_.push_back(fingerprint.message);
    about_.push_back({.at = seconds_of(at), .id = fingerprint.id});
    filter_ ? mark(fingerprint.message) : make_filter();
}

void Sent::forget(std::uint32_t refused) {
    for (std::size_t i = start_; i < about_.size(); ++i)
        if (about_[i].id == refused) messages_[i] = 0;
}

void Sent::expire(Timestamp now) {
    const std::int64_t oldest = std::int64_t{seconds_of(now)} - std::chrono::seconds{lasting}.count();
    while (!empty() && about_[start_].at < oldest) drop_first();
}

/// The room of what was let go is given back when it is half of it all.
void Sent::drop_first() {
    if (++start_ * 2 < messages_.size()) return;
    const auto gone = static_cast<std::ptrdiff_t>(std::exchange(start_, 0));
    messages_.erase(messages_.begin(), messages_.begin() + gone);
    about_.erase(about_.begin(), about_.begin() + gone);
    make_filter();
    if (messages_.capacity() < 4 * messages_.size() + 64) return;
    messages_.shrink_to_fit();
    about_.shrink_to_fit();
}

}  // namespace aldis::modules::repeats
