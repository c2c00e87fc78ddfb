#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "session/slots.h"
#include "session/transfer.h"
#include "stream/c2s.h"

namespace aldis::session {

class Account;

/// One resource of an account, connected. Owns the stream it speaks through; lives on its account's home shard.
class Session final : public stream::StanzaSink {
public:
    Session(Account& account, std::uint64_t id, Jid jid, std::unique_ptr<stream::ClientStream> stream);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() override;

    [[nodiscard]] Account& account() const { return account_; }
    [[nodiscard]] std::uint64_t id() const { return id_; }
    /// The full address.
    [[nodiscard]] const Jid& jid() const { return jid_; }

    /// Never waits: appends to the stream's output.
    void send(const Bytes& stanza);
    void send(const stanza::Stanza& stanza) { send(stanza.wire()); }
    /// `wire` is a stanza without 'to' that begins with "<name"; `to` is put into it on the way.
    void send_to(const Bytes& wire, const Jid& to);

    /// Ends the stream, with an error or without; the session goes with it.
    void end(stream::StreamCondition condition, std::string_view text = {});
    void end();

    /// The last presence sent to everybody: RFC 6121 section 4. Nothing while the resource is not available.
    [[nodiscard]] bool available() const { return presence_ != nullptr; }
    [[nodiscard]] const Bytes& presence() const { return presence_; }
    [[nodiscard]] int priority() const { return priority_; }
    /// Has asked for the roster: section 2.2.
    [[nodiscard]] bool interested() const { return interested_; }
    /// Directed presence has gone there: section 4.6.
    [[nodiscard]] bool has_told(const Jid& other) const;
    void set_interested() { interested_ = true; }

    /// Room for modules.
    [[nodiscard]] Slots& slots() { return slots_; }
    template <class T>
    [[nodiscard]] T& slot() {
        return slots_.get<T>();
    }
    /// What the session waits for; it ends with it.
    [[nodiscard]] TaskGroup& tasks();

    /// A message of this session is on disk.
    void stored();
    /// The same for anything else: nothing else from this session is looked at meanwhile.
    void block() { ++blocking_; }
    void unblock();

    void receive(AnyStanza stanza) override;
    void refuse(const xml::Document& element, const stanza::Error& error) override;
    void stream_ended(std::string_view why) override;
    void stream_released() override;

    [[nodiscard]] const stream::ClientStream& stream() const { return *stream_; }
    [[nodiscard]] stream::ClientStream& stream() { return *stream_; }

private:
    friend class Account;

    void take(AnyStanza stanza);
    void take(Message message);
    void take(Presence presence);
    void take(Iq iq);
    [[nodiscard]] bool must_wait(const AnyStanza& stanza) const;
    void go_on();

    Account& account_;
    std::uint64_t id_;
    Jid jid_;
    std::unique_ptr<stream::ClientStream> stream_;
    Bytes presence_;                              ///< without 'to'
    std::unique_ptr<std::vector<Jid>> directed_;  ///< who else has been told that we are available
    std::unique_ptr<AnyStanza> waiting_;          ///< for what came before it to be on disk
    std::unique_ptr<TaskGroup> tasks_;
    Slots slots_;
    std::uint32_t in_flight_ = 0;  ///< messages on their way to the disk
    std::uint32_t blocking_ = 0;
    std::int8_t priority_ = 0;
    bool interested_ = false;
    bool greeted_ = false;  ///< has been available with a priority of 0 or more
};

}  // namespace aldis::session
