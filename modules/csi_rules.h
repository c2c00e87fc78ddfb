#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "stanza/stanza.h"

/// What a client that nobody looks at can wait for: XEP-0352 "Server behaviour", XEP-0286. No side effects.
namespace aldis::modules::csi {

/// What may be held back at all.
struct Wishes {
    bool presence = true;
    bool chat_states = true;
    bool headlines = true;
};

struct Verdict {
    bool hold = false;     ///< it can wait; everything else is passed on, and what waits before it
    std::string key = {};  ///< of what this is the latest word: what is held under the same key is outdated now
};

/// Looks at a stanza as Stanza::wire() made it, and only as far as it must.
/// @param own  the full address of the client
[[nodiscard]] Verdict judge(stanza::Kind kind, std::string_view wire, std::string_view own, const Wishes& wishes);

/// What is held back for a client, in its order.
class Hold {
public:
    struct Item {
        stanza::Kind kind;
        Bytes wire;
        std::string key;
    };

    void add(stanza::Kind kind, const Bytes& wire, std::string key);
    /// Forgets what is held under that key.
    /// @return  whether there was something
    bool supersede(std::string_view key);
    /// All of it; then nothing is held.
    [[nodiscard]] std::vector<Item> take();

    [[nodiscard]] std::size_t stanzas() const { return items_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    std::vector<Item> items_;
    std::size_t bytes_ = 0;
};

}  // namespace aldis::modules::csi
