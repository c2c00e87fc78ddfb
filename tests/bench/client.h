#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connection.h"
#include "options.h"
#include "scanner.h"
#include "scram.h"

namespace load {

class Client;

/// What a scenario does with the stanzas of clients that have logged in. Requests (<iq/> get and set) never come here:
/// every client answers them by itself.
class StanzaHandler {
public:
    virtual void stanza(Client& client, std::string_view element) = 0;

protected:
    ~StanzaHandler() = default;
};

/// What all clients of a run share.
struct Surroundings {
    Loop& loop;
    const Options& options;
    const TlsContext& tls;
    Endpoint server;
};

/// One session: connects, logs in (RFC 6120: STARTTLS, SASL, bind), asks for the roster, becomes available.
class Client final : ConnectionOwner {
public:
    Client(const Surroundings& surroundings, unsigned index);

    void log_in();
    /// Ends the stream; the server closes the connection.
    void log_out();

    bool is_ready() const { return ready_; }
    bool is_connected() const { return connection_.is_open(); }
    const std::string& failure() const { return failure_; }  ///< empty: none so far
    unsigned index() const { return index_; }                ///< from 0 on
    const std::string& user() const { return user_; }
    std::string bare_jid() const { return user_ + "@" + around_.options.domain; }
    const std::string& jid() const { return jid_; }  ///< the full JID that the server gave
    unsigned contacts() const { return contacts_; }  ///< roster items with subscription 'both' at login
    void set_handler(StanzaHandler* handler) { handler_ = handler; }
    void send(std::string_view stanza) { connection_.send(stanza); }

private:
    using Step = void (Client::*)(std::string_view element);

    void connected() override;
    void secured() override;
    std::size_t received(std::string_view bytes) override;
    void closed(std::string_view why) override;

    void open_stream();
    void element(std::string_view element);
    void take_step(std::string_view element);
    void answer_request(std::string_view iq);
    // What the next element is for, in this order.
    void before_login(std::string_view features);
    void proceed(std::string_view answer);
    void challenge(std::string_view answer);
    void after_login(std::string_view features);
    void bound(std::string_view iq);
    void session_begun(std::string_view iq);
    void settle();
    void settled(std::string_view stanza);
    void authenticate(std::string_view features);
    void fail(std::string_view why);

    Surroundings around_;
    Connection connection_;
    Scanner scanner_;
    Step step_ = nullptr;
    StanzaHandler* handler_ = nullptr;
    std::optional<Scram> scram_;
    std::string user_;
    std::string jid_;
    std::string failure_;
    unsigned index_;
    unsigned contacts_ = 0;
    bool is_secure_ = false;
    bool needs_session_ = false;
    bool ready_ = false;
    bool leaving_ = false;
};

}  // namespace load
