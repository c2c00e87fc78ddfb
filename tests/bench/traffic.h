#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client.h"
#include "histogram.h"

namespace load {

/// What was seen of a kind of traffic.
struct Tally {
    std::uint64_t delivered = 0;   ///< each message once
    std::uint64_t duplicated = 0;  ///< delivered once more
    std::uint64_t reordered = 0;   ///< overtaken by a later one of the same direction
    std::uint64_t damaged = 0;     ///< without its body
    std::uint64_t bounced = 0;     ///< came back as errors
    std::uint64_t strange = 0;     ///< messages that nobody here sent to that client
    Histogram latency;

    /// The measured time begins. Faults of before still count.
    void begin() {
        delivered = 0;
        latency.clear();
    }
    std::uint64_t faults() const { return duplicated + reordered + damaged + bounced + strange; }
};

/// The messages from one client to another: numbers them, and checks what arrives.
class Direction {
public:
    /// @param window  the most that will be in flight; only their times are remembered
    Direction(Client& from, const Client& to, std::string_view body, unsigned window);

    void send_next(Nanoseconds now);
    /// The other one has another resource now.
    void address(const Client& to);
    /// The message with this number has arrived.
    void arrived(std::uint64_t number, Nanoseconds now, Tally& tally);

    Client& from() const { return *from_; }
    std::uint64_t in_flight() const { return next_ - expected_ + overtaken_.size(); }

private:
    Client* from_;
    std::string before_number_;
    std::string after_number_;
    std::uint64_t next_ = 0;             ///< the number of the next message to send
    std::uint64_t expected_ = 0;         ///< the number that should arrive next
    std::set<std::uint64_t> overtaken_;  ///< lower numbers that have not arrived
    std::vector<Nanoseconds> sent_at_;   ///< by number, modulo its size
};

/// What a message's id tells: the index of its sender and its number in its direction.
struct MessageId {
    unsigned sender = 0;
    std::uint64_t number = 0;
    bool of_this_run = false;
};
/// The message's id. No other run has the same, for servers may take a message whose id they know for a repetition.
std::string message_id(unsigned sender, std::uint64_t number);
/// @return  whether this tool has made it
bool parse_message_id(std::string_view text, MessageId& id);

}  // namespace load
