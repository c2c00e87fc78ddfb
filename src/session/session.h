#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "session/management.h"
#include "session/slots.h"
#include "session/transfer.h"
#include "stream/c2s.h"

namespace aldis::net {
class Timer;
}

namespace aldis::session {

class Account;
class Session;

/// May keep back what a session is sent, for a while: XEP-0352.
class Gate {
public:
    virtual ~Gate() = default;
    /// @return true: it has kept the stanza, and passes it on by Session::pass() or drops it
    [[nodiscard]] virtual bool keep(Session& session, stanza::Kind kind, const Bytes& wire) = 0;
    /// The session speaks through another stream now, and has sent again what was not acknowledged.
    virtual void resumed(Session& session) = 0;
};

/// One resource of an account. It speaks through a stream, but outlives it where the client has asked for that
/// (XEP-0198): then it waits, for a bounded time, to be resumed by another one. Lives on its account's home shard.
class Session final : public stream::StanzaSink {
public:
    Session(Account& account, std::uint64_t id, Jid jid);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() override;

    [[nodiscard]] Account& account() const { return account_; }
    [[nodiscard]] std::uint64_t id() const { return id_; }
    /// The full address.
    [[nodiscard]] const Jid& jid() const { return jid_; }

    /// There is a stream.
    [[nodiscard]] bool connected() const { return stream_ != nullptr; }
    /// It can be sent something: it is connected, or may be resumed.
    [[nodiscard]] bool reachable() const { return !ended_; }
    /// Null while the session waits to be resumed.
    [[nodiscard]] stream::ClientStream* stream() const { return stream_.get(); }

    /// Never waits: appends to the stream's output, past the gate and counted by stream management.
    void send(stanza::Kind kind, const Bytes& wire);
    template <class S>
    void send(const S& stanza)
        requires requires { S::kind; }
    {
        send(S::kind, stanza.wire());
    }
    void send(const AnyStanza& stanza);
    /// What several of the account's resources get.
    void send(const Message& message, const std::shared_ptr<Delivery>& delivery,
              const std::shared_ptr<const Tracked>& tracked = {});
    /// Presence: `wire` is a stanza without 'to' that begins with "<name"; `to` is put into it on the way.
    void send_to(const Bytes& wire, const Jid& to);
    /// Behind the gate.
    void pass(stanza::Kind kind, const Bytes& wire) { pass(Unacknowledged::Stanza{.kind = kind, .wire = wire}); }
    /// Nothing: null.
    void set_gate(Gate* gate) { gate_ = gate; }

    /// Ends the stream, with an error or without. The session goes with it, unless the error is one that a client may
    /// come back from.
    void end(stream::StreamCondition condition, std::string_view text = {}, std::string_view specific = {});
    void end();

    /// The last presence sent to everybody: RFC 6121 section 4. Nothing while the resource is not available.
    [[nodiscard]] bool available() const { return presence_ != nullptr; }
    [[nodiscard]] const Bytes& presence() const { return presence_; }
    [[nodiscard]] int priority() const { return priority_; }
    /// Has asked for the roster: section 2.2.
    [[nodiscard]] bool interested() const { return interested_; }
    /// Directed presence has gone there: section 4.6.
    [[nodiscard]] bool has_told(const Jid& other) const;
    /// All of those; null: nobody.
    [[nodiscard]] const std::vector<Jid>* told() const { return directed_.get(); }
    void set_interested() { interested_ = true; }
    /// XEP-0388: the id of its user agent; may be empty.
    [[nodiscard]] std::string_view client() const { return client_ ? std::string_view{*client_} : std::string_view{}; }
    void set_client(std::string client);

    /// Room for modules.
    [[nodiscard]] Slots& slots() { return slots_; }
    template <class T>
    [[nodiscard]] T& slot() {
        return slots_.get<T>();
    }
    /// How many requests may wait for something; whoever sends more of them is not read from meanwhile.
    static constexpr std::size_t most_tasks = 100;
    /// What the session waits for; it ends with it.
    [[nodiscard]] TaskGroup& tasks();

    // What the client sends, and when it is done with.
    void receive(AnyStanza stanza) override;
    void refuse(const xml::Document& element, const stanza::Error& error) override;
    [[nodiscard]] bool element(const xml::Element& element) override;
    void stream_ended(stream::Ending ending, std::string_view why) override;
    /// A message of this session is on disk.
    void stored(std::uint64_t number);
    /// The same for anything else: nothing else from this session is looked at meanwhile.
    void block();
    void unblock();
    /// The stanza that is being handled is not done with when the handler returns, and does not keep others waiting.
    /// @return its number, for finish()
    [[nodiscard]] std::uint64_t defer() { return std::exchange(taken_, 0); }
    void finish(std::uint64_t number);
    /// A request is answered that had to wait for something: the next one may come.
    void answered(std::uint64_t number);
    [[nodiscard]] const Handled& handled() const { return handled_; }
    /// Where its home keeps it while it waits to be resumed. @return where it was before
    /// Was saved by an earlier run, and waits again.
    void wait_again(std::chrono::milliseconds patience);
    using Place = std::optional<std::list<Session*>::iterator>;
    Place set_away(Place place) { return std::exchange(away_, place); }

    // session_management.cpp: XEP-0198.
    [[nodiscard]] const Management* management() const { return management_.get(); }
    /// @return <enabled/> or <failed/>
    [[nodiscard]] std::string enable(const xml::Element& enable);
    void attach(std::unique_ptr<stream::ClientStream> stream);
    /// Asks the client what it has handled, also if it has been asked.
    void request_ack();
    /// Lets go of the stream, and calls `then` when all that has come through it is done with: what is on its way to
    /// the disk is not counted yet, and would be sent again by the client. If the session ends before, `then` is called
    /// later all the same; with false if somebody else waits for the session now.
    using Done = std::move_only_function<void(bool still)>;
    void when_done(Done then);
    /// Speaks through that stream from now on, and sends again what the client has not got. `h` is not too high.
    void resume(std::unique_ptr<stream::ClientStream> stream, std::uint32_t h);
    /// What is sent waits until release(): XEP-0386, before <success/>.
    void hold_output() { holding_output_ = true; }
    void release_output();

private:
    friend class Account;
    friend class Hibernation;

    void take(AnyStanza stanza);
    [[nodiscard]] bool must_wait(const AnyStanza& stanza) const;
    void go_on();
    void pass(Unacknowledged::Stanza stanza);
    void write(const Unacknowledged::Stanza& stanza);
    void ask_for_ack();
    void answer_ack_request();
    void acknowledged(const xml::Element& ack);
    void handled_too_many(std::uint32_t h);
    [[nodiscard]] bool settle_acknowledged(std::uint32_t h);
    void check_bounds();
    void end_soon(std::string_view why);
    [[nodiscard]] bool may_wait(stream::Ending ending) const;
    void part();

    Account& account_;
    std::uint64_t id_;
    Jid jid_;
    std::unique_ptr<stream::ClientStream> stream_;
    Bytes presence_;                              ///< without 'to'
    std::unique_ptr<std::vector<Jid>> directed_;  ///< who else has been told that we are available
    std::unique_ptr<AnyStanza> waiting_;          ///< for what came before it to be on disk
    std::unique_ptr<TaskGroup> tasks_;
    std::unique_ptr<Management> management_;
    std::unique_ptr<net::Timer> patience_;  ///< while it waits to be resumed
    std::unique_ptr<Done> when_done_;
    std::unique_ptr<std::string> client_;
    Gate* gate_ = nullptr;
    Slots slots_;
    struct HeldOutput {
        std::vector<Unacknowledged::Stanza> stanzas;
        std::size_t bytes = 0;
    };
    std::unique_ptr<HeldOutput> held_output_;
    Handled handled_;
    Place away_;
    std::uint64_t taken_ = 0;       ///< the stanza that is being handled
    std::uint64_t blocked_by_ = 0;  ///< the stanza that nothing goes on before
    std::uint32_t in_flight_ = 0;   ///< messages on their way to the disk
    std::uint32_t blocking_ = 0;
    std::int8_t priority_ = 0;
    bool interested_ = false;
    bool greeted_ = false;  ///< has been available with a priority of 0 or more
    bool ended_ = false;
    bool holding_output_ = false;
};

}  // namespace aldis::session
