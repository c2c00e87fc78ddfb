#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "session/copies.h"
#include "stanza/stanza.h"

namespace aldis::session {

/// XEP-0198: what was sent to a client and is not acknowledged. No I/O.
class Unacknowledged {
public:
    struct Stanza {
        stanza::Kind kind = stanza::Kind::message;
        Bytes wire = {};
        Timestamp at = {};
        std::shared_ptr<Delivery> delivery = {};  ///< if others get the same
        std::shared_ptr<const Tracked> tracked = {};
    };

    void add(Stanza stanza);
    /// The peer has handled as many stanzas: counts modulo 2^32, as 'h' does.
    /// @return what it has acknowledged with that, in order; nothing if there were not so many
    [[nodiscard]] std::optional<std::vector<Stanza>> acknowledge(std::uint32_t h);
    [[nodiscard]] bool can_acknowledge(std::uint32_t h) const { return h - acknowledged_ <= size(); }
    /// The peer has said before that it has more.
    [[nodiscard]] bool is_behind(std::uint32_t h) const { return static_cast<std::int32_t>(h - acknowledged_) < 0; }
    /// There is something among it that should not wait for long.
    [[nodiscard]] bool matters() const;
    /// All that is left, in order; forgets it.
    [[nodiscard]] std::vector<Stanza> take_all();
    template <class Use>
    void for_each(Use&& use) const {
        for (std::size_t i = first_; i < stanzas_.size(); ++i) use(stanzas_[i]);
    }

    [[nodiscard]] std::size_t size() const { return stanzas_.size() - first_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    /// How many stanzas were sent, modulo 2^32.
    [[nodiscard]] std::uint32_t sent() const { return acknowledged_ + static_cast<std::uint32_t>(size()); }
    [[nodiscard]] std::uint32_t acknowledged() const { return acknowledged_; }
    /// For a session that was read from disk, and for tests of the wrap.
    void start_at(std::uint32_t acknowledged) { acknowledged_ = acknowledged; }

private:
    std::vector<Stanza> stanzas_;  ///< those before first_ are gone
    std::size_t first_ = 0;
    std::size_t bytes_ = 0;
    std::uint32_t acknowledged_ = 0;
};

/// Which of the stanzas that a client has sent are done with. They finish in any order; what counts is that all before
/// have finished as well.
class Handled {
public:
    /// The number of the next stanza: 1, 2, 3 ...
    [[nodiscard]] std::uint64_t begin() { return ++begun_; }
    void finish(std::uint64_t number);
    /// For a session that was read from disk.
    void start_at(std::uint64_t number) { begun_ = finished_ = number; }

    [[nodiscard]] std::uint64_t begun() const { return begun_; }
    /// All up to this one are done with.
    [[nodiscard]] std::uint64_t finished() const { return finished_; }

private:
    std::uint64_t begun_ = 0;
    std::uint64_t finished_ = 0;
    std::vector<std::uint64_t> early_;  ///< a heap of those that wait for one before them
};

/// A client that acknowledges more than it was sent: its stream ends with undefined-condition and this.
struct TooMany {
    std::uint32_t h;
    std::uint32_t sent;
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string xml() const;  ///< <handled-count-too-high/>
};

/// XEP-0198 between one session and its client.
struct Management {
    std::string id = {};  ///< SM-ID; empty if the session cannot be resumed
    std::chrono::seconds patience{0};
    Unacknowledged unacknowledged = {};
    std::uint64_t counted_from = 0;  ///< stanzas of the client before <enable/> do not count
    std::uint64_t ack_due = 0;       ///< the client wants to know when these are done with; 0: it has not asked
    std::uint64_t ack_last = 0;      ///< the same for its latest request, which does not put off the one before
    Instant away_since{};            ///< the session waits to be resumed since then
    bool asked = false;              ///< we wait for an <a/>
    bool overflown = false;          ///< it is about to end

    [[nodiscard]] bool resumable() const { return !id.empty(); }
    /// 'h' as we tell it.
    [[nodiscard]] std::uint32_t h(const Handled& handled) const {
        return static_cast<std::uint32_t>(handled.finished() > counted_from ? handled.finished() - counted_from : 0);
    }
};

}  // namespace aldis::session
