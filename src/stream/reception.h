#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jid/jid.h"
#include "sasl/server.h"
#include "stanza/stanza.h"
#include "stream/error.h"
#include "stream/login.h"
#include "stream/place.h"

namespace aldis::stream {

class ClientStream;

/// How far a stream has come.
enum Reached : std::uint8_t { secured = 1, authenticated = 2, bound = 4 };

/// Something offered in <stream:features/> that needs no negotiation: what is offered when the stream has reached all
/// of `needs` and nothing of `forbids`.
struct Offered {
    std::uint8_t needs = 0;
    std::uint8_t forbids = 0;
    std::string xml;
};

/// What a stream has to know of a domain that is served here.
struct Domain {
    std::string name;
    bool tls = true;  ///< there is a certificate: STARTTLS can be offered
    bool plain_without_tls = false;
    std::vector<sasl::Hash> hashes;
    std::uint32_t iterations = sasl::default_iterations;
    std::string decoy_secret;
    bool plain = true;
    bool anonymous = false;                    ///< XEP-0175: for guests, nobody has an account here
    bool certificates = false;                 ///< XEP-0178: clients may log in by theirs
    std::chrono::seconds token_lifetime{0};    ///< XEP-0484; 0: there are no tokens
    std::vector<Offered> offered;              ///< by modules
    std::vector<std::string> inline_features;  ///< by modules too: what Bind 2 can switch on (XEP-0386)
    /// XEP-0077: whether who comes from there may make an account; empty: nobody may.
    std::function<bool(std::string_view address)> may_register = nullptr;
};

/// Whoever takes the stanzas of a stream whose resource is bound.
class StanzaSink {
public:
    virtual ~StanzaSink() = default;
    virtual void receive(AnyStanza stanza) = 0;
    /// Something that could not be made a stanza but is to be answered.
    virtual void refuse(const xml::Document& element, const stanza::Error& error) = 0;
    /// A child of the stream that is no stanza: XEP-0198, XEP-0352. @return false: nobody knows what it is
    [[nodiscard]] virtual bool element(const xml::Element& element) = 0;
    /// Nothing more will come, and the stream does not call its sink again.
    virtual void stream_ended(Ending ending, std::string_view why) = 0;
};

/// What a client asks for when it has authenticated: to go on with an earlier session, or to bind a resource.
struct Entry {
    struct Resume {
        std::string previd;
        std::uint32_t h = 0;
    };
    std::optional<Resume> resume = {};  ///< tried first
    bool bind = false;                  ///< if there is nothing to resume
    std::string resource = {};          ///< RFC 6120 section 7.7: as the client wishes; empty: the server chooses
    std::string client = {};            ///< XEP-0388: the id of the user agent; may be empty
    std::string fingerprint = {};       ///< of the certificate, if it was EXTERNAL
    bool resource_fixed = false;        ///< XEP-0257: no other resource will do than `resource`, in Bind 2 neither
    xml::Document bind2 = {};           ///< XEP-0386: the <bind/> with what is to be enabled; empty: RFC 6120's
};

/// How client streams get to know the rest of the server; one on every shard.
class Reception {
public:
    virtual ~Reception() = default;

    [[nodiscard]] virtual const Domain* find_domain(std::string_view name) const = 0;
    /// XEP-0205: false while too many logins from this address have failed.
    [[nodiscard]] virtual bool may_try(std::string_view address) = 0;
    virtual void login_failed(std::string_view address, std::string_view mechanism, std::string_view why) = 0;
    virtual void login_succeeded(std::string_view address, std::string_view mechanism) = 0;

    /// Looks an account up and lets the exchange go on with it, off this shard; then answers on it.
    virtual void provide(std::shared_ptr<sasl::Server> exchange, LookUp wanted, std::function<void(Found)> answer) = 0;
    /// Writes down who has logged in, and answers on this shard when that is on disk which must be. May answer at once.
    virtual void arrive(Arrival arrival, std::function<void(Admission)> answer) = 0;

    /// XEP-0175: @return  false: there are too many, of this address or in all. Who is let in leaves with let_go()
    [[nodiscard]] virtual bool admit_guest(std::string_view address) = 0;

    /// XEP-0077: a stream that has not logged in asks for an account. Answers by answer_registration(), on this shard.
    virtual void register_account(ClientStream& stream, const Domain& domain, Iq request) = 0;

    /// Takes the stream to the home of its account, which calls resume_on(), bind_to() or what says why not.
    virtual void enter(ClientStream& stream, const Jid& account, Entry entry) = 0;
    /// Nobody calls the stream any more; its owner may let go of it.
    virtual void let_go(ClientStream& stream) = 0;
};

}  // namespace aldis::stream
