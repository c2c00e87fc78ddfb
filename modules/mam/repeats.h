#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stanza/stanza.h"

/// A client that lost its connection does not know what the server has stored, and sends it again. No side effects.
namespace aldis::modules::mam {

/// By what a message is recognised when its sender sends it again.
struct Fingerprint {
    std::uint64_t message = 0;  ///< of recipient, key and body
    std::uint64_t id = 0;       ///< of recipient and id: what an error that answers it tells

    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// The key is the origin-id (XEP-0359). An id counts only if it is long enough to be unique: short ones are numbers
/// that many clients begin again with each session, and a message that is wrongly taken for another is lost.
[[nodiscard]] std::optional<Fingerprint> fingerprint_of(const Message& message);
/// Of an error, what it says about the message that it answers.
[[nodiscard]] std::uint64_t refused_id(const Message& error);

/// The last messages that an account has sent.
class Sent {
public:
    static constexpr std::size_t size = 32;

    [[nodiscard]] bool has(const Fingerprint& fingerprint) const;
    void add(const Fingerprint& fingerprint);
    /// It was refused, so it may be sent again.
    void forget(std::uint64_t id);

private:
    std::vector<Fingerprint> ring_;  ///< up to `size`; who sends nothing needs no room
    std::size_t next_ = 0;
};

}  // namespace aldis::modules::mam
