#pragma once

#include "net/shard.h"
#include "stream/reception.h"
#include "stream/stream.h"

namespace aldis::stream {

/// Whether a listener's streams must be encrypted, and how they become so.
enum class TlsMode : std::uint8_t { required, optional, direct, none };

/// The stream of a client (RFC 6120): STARTTLS, SASL, resource binding, then stanzas.
/// What it offers is a table (Feature, below): data with what each feature needs and forbids.
class ClientStream final : public Stream {
public:
    ClientStream(Place& place, Reception& reception, std::unique_ptr<net::Transport> transport, TlsMode tls_mode);
    ~ClientStream() override;

    /// The bare address of whoever has authenticated; empty before.
    [[nodiscard]] const Jid& account() const { return account_; }
    [[nodiscard]] bool has(std::uint8_t reached) const { return (reached_ & reached) == reached; }

    /// The account's home has answered Reception::enter(). From attach() on it is the session's: what the stream reads
    /// and how it ends is told to `sink`. It says so to the client, and reads on when it is told to unpause().
    void attach(StanzaSink& sink);
    /// @param bound  XEP-0386: <bound/>, serialised; empty: RFC 6120 was asked for
    void bind_to(const Jid& full, std::string_view bound = {});
    /// @param resumed  XEP-0198: <resumed/>, serialised
    void resume_on(const Jid& full, std::string_view resumed);
    void refuse_bind(const stanza::Error& error);
    /// @param failed  XEP-0198: <failed/>, serialised. The client may bind a resource now
    void refuse_resume(std::string_view failed);
    /// At the account's home, the time limit runs again.
    void wait_for_bind();
    /// Tells this stream from any other there ever was.
    [[nodiscard]] std::uint64_t serial() const { return serial_; }
    /// The greatest there is: streams to come have greater ones.
    [[nodiscard]] static std::uint64_t latest_serial();
    /// By what this stream has logged in; nothing before it has.
    [[nodiscard]] std::optional<sasl::Mechanism> mechanism() const { return mechanism_; }
    /// Before the resource is bound: the id of the user agent, and the certificate's fingerprint if it was EXTERNAL.
    [[nodiscard]] std::string_view client() const;
    [[nodiscard]] std::string_view fingerprint() const;
    /// Reception::register_account() was done with, and has made an account or not.
    void answer_registration(const Iq& reply, bool made);
    /// It may carry a password in the clear: it is encrypted, or nobody cares.
    [[nodiscard]] bool may_show_password() const;
    /// Nobody takes what this stream still reads.
    void detach() { sink_ = nullptr; }
    void move(Place& place, Reception& reception);
    /// Reads nothing more until unpause(): what came before must take effect first.
    void pause() { hold(); }
    void unpause() { go_on(); }

    void on_tls() override;

private:
    friend struct Feature;
    struct Exchange;
    struct Request;
    struct Introduction;
    enum class Profile : std::uint8_t { rfc6120, xep0388 };

    void opened(const xml::StreamHeader& header) override;
    void received(xml::Document element) override;
    void ended(Ending ending, std::string_view why) override;
    void released() override;

    void send_features();
    void negotiate(const xml::Element& element);
    void serve(xml::Document element);
    void start_tls(const xml::Element& element);
    void bind(const xml::Element& element);
    void manage(const xml::Element& element);
    void enter(Entry entry);

    // c2s_register.cpp
    [[nodiscard]] static bool is_registration(const xml::Element& element);
    void offer_registration(std::string& out);
    [[nodiscard]] std::optional<stanza::Error> refuse_registration(bool set) const;
    void ask_to_register(const xml::Element& element);

    // c2s_sasl.cpp: RFC 6120 section 6, and what XEP-0388 has in common with it
    [[nodiscard]] sasl::Policy sasl_policy() const;
    [[nodiscard]] sasl::ClientCertificate known_of(const tls::PeerCertificate& certificate) const;
    [[nodiscard]] sasl::Terms sasl_terms(sasl::Mechanism mechanism) const;
    [[nodiscard]] bool may_authenticate() const;
    void offer_mechanisms(std::string& out);
    void offer_bindings(std::string& out);
    void authenticate(const xml::Element& element);
    void begin(Arrival arrival, std::string_view mechanism, const std::optional<std::string>& response,
               std::unique_ptr<Request> request);
    void respond(std::string_view response);
    void take_step(sasl::Step step);
    void look_up(const sasl::NeedCredentials& needed);
    void succeed(sasl::Success success);
    void arrive();
    void admit_guest();
    void admit(const Admission& admission);
    void fail_authentication(sasl::Failure condition, std::string_view why, std::string_view specific = {});

    // c2s_sasl2.cpp: XEP-0388
    void offer_authentication(std::string& out);
    void offer_inline(std::string& out, std::span<const sasl::Mechanism> with_token) const;
    void offer_config_version(std::string& features);
    void negotiate_login(const xml::Element& element);
    void begin_login(const xml::Element& element);
    void begin_task();
    void take_task(const xml::Element& element);
    void finish_task(const xml::Element& data);
    void admit_login(const Admission& admission);
    void finish_login(const Jid& identity, std::string_view results, bool with_features);

    static std::uint64_t next_serial();

    std::uint64_t serial_ = next_serial();
    Reception* reception_;
    StanzaSink* sink_ = nullptr;
    const Domain* domain_ = nullptr;
    Jid account_;
    std::unique_ptr<net::Timer> deadline_;  ///< until the resource is bound
    std::shared_ptr<Exchange> exchange_;
    std::unique_ptr<Introduction> introduction_;  ///< until the resource is bound
    std::string bind_id_;
    std::string lang_;  ///< of the stream: what its stanzas are in, unless they say otherwise
    std::optional<sasl::Mechanism> mechanism_;
    struct Registration {
        std::uint8_t requests = 0;
        bool made = false;
    } registration_;
    TlsMode tls_mode_;
    Profile profile_ = Profile::rfc6120;  ///< of the last attempt to log in
    bool managed_ = false;                ///< XEP-0198 was enabled with Bind 2
    std::uint8_t reached_ = 0;
    std::uint8_t attempts_ = 0;
};

/// One thing that a stream can offer and a client can ask for: data, so that the order of negotiation can be read here.
struct Feature {
    std::string_view name;
    std::uint8_t needs;
    std::uint8_t forbids;
    void (*offer)(ClientStream& stream, std::string& out);  ///< writes nothing where it does not apply
    bool (*asked)(const xml::Element& element);             ///< whether this element asks for it
    void (*accept)(ClientStream& stream, const xml::Element& element);
    static std::span<const Feature> all();
};

}  // namespace aldis::stream
