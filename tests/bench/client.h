#pragma once
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "connection.h"
#include "options.h"
#include "scanner.h"
#include "scram.h"
#include "stream_management.h"

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

/// What a client does until it is ready.
struct Login {
    Auth auth = Auth::sasl1;
    bool manage = false;  ///< XEP-0198, so that the session can be resumed
    bool resume = false;  ///< takes up the session that was cut off, if it can
    bool settle = true;   ///< a new session asks for its roster and becomes available
};

/// The server does not have what a scenario needs.
struct NotOffered : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One session: connects, logs in (RFC 6120: STARTTLS, SASL, bind; or XEP-0388), asks for the roster, becomes
/// available. Its connection may be cut, and it may come back.
class Client final : ConnectionOwner {
public:
    Client(const Surroundings& surroundings, unsigned index);

    void log_in(const Login& how);
    /// Ends the stream; the server closes the connection.
    void log_out();
    /// The connection breaks; the session may be resumed.
    void cut();

    bool is_ready() const { return ready_; }
    bool is_connected() const { return connection_.is_open(); }
    /// @throws std::runtime_error  the connection or the stream is lost, or the login has failed
    void check() const;
    bool has_failed() const { return !failure_.empty(); }
    unsigned index() const { return index_; }  ///< from 0 on
    const std::string& user() const { return user_; }
    std::string bare_jid() const { return user_ + "@" + around_.options.domain; }
    const std::string& jid() const { return jid_; }  ///< the full JID that the server gave
    /// Whether the roster has this one with subscription 'both'.
    bool has_contact(const std::string& bare_jid) const { return contacts_.contains(bare_jid); }
    Nanoseconds login_took() const { return login_took_; }  ///< from connecting to being ready
    bool was_resumed() const { return was_resumed_; }       ///< by the last login
    void set_handler(StanzaHandler* handler) { handler_ = handler; }
    void send(std::string_view stanza) { connection_.send(stanza); }
    /// What stands in its disco#info (XEP-0030).
    void set_disco(std::string info) { disco_ = std::move(info); }

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
    void note_contacts(std::string_view roster);
    void fail(std::string_view why);

    // What the next element is for, in this order; in client_login.cpp.
    void before_login(std::string_view features);
    void proceed(std::string_view answer);
    void challenge(std::string_view answer);
    void after_login(std::string_view features);
    void resumed(std::string_view answer);
    void bound(std::string_view iq);
    void session_begun(std::string_view iq);
    void managed(std::string_view answer);
    void settled(std::string_view stanza);
    void authenticate(std::string_view features);
    void authenticate_with_token();
    void authenticated(std::string_view answer);
    std::string first_message(const std::string& mechanism);
    void respond(std::string_view challenge, const std::string& xmlns);
    void bind();
    void begin();
    void settle();
    void become_ready();

    Surroundings around_;
    Connection connection_;
    Scanner scanner_;
    Login login_;
    Step step_ = nullptr;
    StanzaHandler* handler_ = nullptr;
    std::optional<Scram> scram_;
    StreamManagement management_;
    std::string user_;
    std::string jid_;
    std::string token_;  ///< of XEP-0484; empty: none
    std::string disco_;
    std::string failure_;
    std::set<std::string> contacts_;
    Nanoseconds login_began_{};
    Nanoseconds login_took_{};
    unsigned index_;
    bool is_secure_ = false;
    bool needs_session_ = false;
    bool uses_token_ = false;  ///< of this login
    bool was_resumed_ = false;
    bool not_offered_ = false;  ///< why it has failed
    bool ready_ = false;
    bool leaving_ = false;
};

}  // namespace load
