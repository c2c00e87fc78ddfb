#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "db/archive.h"
#include "stanza/stanza.h"

/// A client that lost its connection does not know what the server has taken, and sends it again. No side effects.
namespace aldis::modules::repeats {

/// By what a message is recognised when its sender sends it again: its conversation, and its origin-id (XEP-0359), else
/// its id if it has a body. An id that is too short to be unique is a number that many clients begin again with each
/// login, so there the body belongs to it: a message that is wrongly taken for another one is lost.
struct Fingerprint {
    std::uint64_t message = 0;  ///< never 0, and small enough to be its mark in the archive
    std::uint32_t id = 0;       ///< of the conversation and the id: what an error that answers it tells

    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// @return  nothing: it has nothing to be recognised by
[[nodiscard]] std::optional<Fingerprint> fingerprint_of(const Message& message);
/// The same of a message in its sender's archive.
[[nodiscard]] Fingerprint fingerprint_of(const db::SentMessage& stored);
/// Of an error, what it says about the message that it answers.
[[nodiscard]] std::uint32_t refused_id(const Message& error);

/// The messages that an account has sent of late. Who sends nothing needs no room.
class Sent {
public:
    static constexpr std::size_t most = 1'000;
    static constexpr std::chrono::hours lasting{1};

    [[nodiscard]] bool has(const Fingerprint& fingerprint, Timestamp now) const;
    void add(const Fingerprint& fingerprint, Timestamp at);
    /// It was refused, so it may be sent again.
    void forget(std::uint32_t refused);
    /// Lets go of what is too old to count.
    void expire(Timestamp now);
    [[nodiscard]] bool empty() const { return start_ == messages_.size(); }

private:
    struct About {
        std::uint32_t at;  ///< seconds
        std::uint32_t id;
    };
    /// Which ones may be among them; most messages are not, and need no search.
    using Filter = std::bitset<16'384>;
    void drop_first();
    void mark(std::uint64_t message) { filter_->set(message % filter_->size()); }
    void make_filter();

    std::vector<std::uint64_t> messages_;
    std::vector<About> about_;
    std::size_t start_ = 0;           ///< what is before it has been let go
    std::unique_ptr<Filter> filter_;  ///< of those who send much
};

}  // namespace aldis::modules::repeats
