#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace aldis::tls {

/// The keys that session tickets are sealed with: shared by all shards, so that a client may come back to another one.
/// A new key seals from time to time; older ones still open what they sealed, so tickets are good for up to a day.
class TicketKeys {
public:
    struct Key {
        std::array<unsigned char, 16> name{};
        std::array<unsigned char, 32> cipher{};
        std::array<unsigned char, 32> mac{};
        Instant made{};
    };
    static constexpr std::chrono::hours seals_for{8};
    static constexpr std::size_t most_keys = 3;

    /// The key to seal with.
    [[nodiscard]] Key current(Instant now);
    struct Found {
        Key key;
        bool renew;  ///< it has been replaced: hand out a new ticket
    };
    /// The key of that name, if it is still good.
    [[nodiscard]] std::optional<Found> find(std::span<const unsigned char, 16> name, Instant now);

private:
    void rotate(Instant now);

    std::mutex mutex_;
    std::vector<Key> keys_;  // the newest first
};

}  // namespace aldis::tls
