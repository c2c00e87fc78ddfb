#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stanza/stanza.h"
#include "xep/xep0203_delay.h"

/// What becomes of a message that nobody is there to take: XEP-0160 "Handling of Message Types", XEP-0334.
/// No side effects.
namespace aldis::modules::offline {

enum class Fate : std::uint8_t {
    pass,    ///< of a type that never waits; RFC 6121 section 8.5.2.2 says what becomes of it
    keep,    ///< waits for its receiver
    drop,    ///< means nothing later, and nobody misses it
    refuse,  ///< must not wait: its sender is told that it did not arrive
};
[[nodiscard]] Fate fate_of(const Message& message);

/// What waits for one account.
struct Usage {
    std::uint32_t messages = 0;
    std::uint64_t bytes = 0;

    void add(std::size_t size) {
        ++messages;
        bytes += size;
    }
    /// What was counted but never stored may still be in it; it never counts too little.
    void remove(std::size_t size) {
        messages -= messages > 0 ? 1 : 0;
        bytes -= bytes < size ? bytes : size;
    }
    void add(const Usage& more) {
        messages += more.messages;
        bytes += more.bytes;
    }
    void remove(const Usage& less) {
        messages -= std::min(messages, less.messages);
        bytes -= std::min(bytes, less.bytes);
    }
};

/// Stored stanzas that were sent to a session with stream management, and stay stored until it has acknowledged them.
struct Held {
    std::uint64_t session = 0;
    std::uint32_t sent = 0;  ///< the session's count behind them, modulo 2^32
    std::int64_t first = 0;  ///< among those that are stored
    std::int64_t last = 0;
    Usage usage = {};
    bool leaving = false;  ///< on their way out of the store

    [[nodiscard]] bool has(std::int64_t id) const { return id >= first && id <= last; }
    [[nodiscard]] bool is_acknowledged(std::uint32_t h) const { return static_cast<std::int32_t>(h - sent) >= 0; }
};
/// What a session holds, as it is saved over a restart.
[[nodiscard]] std::string to_text(const std::vector<Held>& held, std::uint64_t session);
[[nodiscard]] std::vector<Held> held_from(std::string_view text, std::uint64_t session);
/// Is there room for a message of `size` bytes?
[[nodiscard]] bool fits(const Usage& usage, std::size_t size, const Usage& most);

/// Is a stored stanza in the archive of `account` too? It says so (XEP-0359), and nobody else may say it.
[[nodiscard]] bool is_archived(std::string_view stanza, const Jid& account);

/// A stored stanza with its <delay/>, as it is sent.
[[nodiscard]] std::string delayed(std::string_view stanza, const xep::Delay& delay);

/// XEP-0203 "Security Considerations": delays that claim to be by this server, which adds its own. An address that is
/// written differently but means the same counts.
void remove_delays(Message& message, const Jid& server);

}  // namespace aldis::modules::offline
