#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "stanza/stanza.h"

namespace aldis::net {
class Shard;
class Timer;
}  // namespace aldis::net

namespace aldis::session {

class Session;

/// What the server has asked clients of one shard, and who waits for the answers: RFC 6120 section 8.2.3.
class Questions {
public:
    /// Null: there was no answer.
    using Answer = std::function<void(std::shared_ptr<const Iq>)>;

    explicit Questions(net::Shard& shard) : shard_{shard} {}
    Questions(const Questions&) = delete;
    Questions& operator=(const Questions&) = delete;
    ~Questions();

    /// Sends `request` with an id of its own to `session`. `answer` is called once, later: at the latest after
    /// `patience`, or when the session ends.
    /// @return  false: too much has been asked already, and nothing was sent
    [[nodiscard]] bool ask(Session& session, Iq request, Answer answer);
    /// @return  true: the stanza was an answer that somebody waited for
    [[nodiscard]] bool answered(const Session& session, Iq& iq);
    /// Nobody answers any more.
    void gone(const Session& session);
    [[nodiscard]] bool empty() const { return open_.empty(); }

    static constexpr std::chrono::seconds patience{30};
    static constexpr std::size_t most = 10'000;
    static constexpr std::size_t most_of_session = 8;

private:
    struct Open {
        std::uint64_t session;
        Jid asker;  ///< whom the client answers
        Answer answer;
        std::unique_ptr<net::Timer> timer;
    };
    void close(const std::string& id, std::shared_ptr<const Iq> with);

    net::Shard& shard_;
    std::unordered_map<std::string, Open> open_;
    std::unordered_map<std::uint64_t, std::size_t> of_session_;  ///< how many of them
};

}  // namespace aldis::session
