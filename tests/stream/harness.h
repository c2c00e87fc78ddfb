#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../sasl/client.h"
#include "base/base64.h"
#include "net/memory_transport.h"
#include "stream/c2s.h"

// A client's stream without a server around it: time, bytes and what the rest of the server answers are in the test's
// hands.
namespace aldis::stream::test {

/// What streams log is no news to who reads a test's output.
inline const bool quiet = (configure_log({.level = Level::error}), true);

/// Time that stands still until the test moves it.
class FakeClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override { return Timestamp{} + elapsed_; }
    [[nodiscard]] Instant steady() const override { return Instant{} + std::chrono::hours{1} + elapsed_; }
    void advance(std::chrono::milliseconds by) { elapsed_ += by; }

private:
    std::chrono::milliseconds elapsed_{0};
};

inline constexpr std::string_view empty_bound = "<bound xmlns='urn:xmpp:bind:0'/>";

/// Takes note of what a stream brings.
struct Sink final : StanzaSink {
    std::vector<std::string> got;
    std::vector<std::string> refused;
    std::vector<std::string> ended;
    std::function<void()> on_stanza;

    void receive(AnyStanza stanza) override {
        got.push_back(*stanza::base_of(stanza).wire());
        if (on_stanza) on_stanza();
    }
    void refuse(const xml::Document& element, const stanza::Error&) override {
        refused.push_back(xml::to_string(element.root()));
    }
    std::vector<std::string> others;  ///< elements that are no stanzas
    bool knows_others = false;
    bool element(const xml::Element& element) override {
        others.push_back(xml::to_string(element));
        return knows_others;
    }
    void stream_ended(Ending, std::string_view why) override { ended.emplace_back(why); }
};

/// The rest of the server, as a stream sees it. Answers at the shard's next turn, or when the test wants it to.
class Desk final : public Reception {
public:
    explicit Desk(net::Shard& shard) : shard_{shard} {}

    Domain domain{.name = "example.org",
                  .hashes = {sasl::all_hashes.begin(), sasl::all_hashes.end()},
                  .iterations = 16,
                  .decoy_secret = "a secret",
                  .offered = {},
                  .inline_features = {}};
    std::map<std::string, sasl::Credentials> accounts{{"user@example.org", sasl::test::pencil()}};
    bool tries_allowed = true;
    bool answers = true;  ///< false: what is asked waits in `waiting`
    std::vector<std::function<void()>> waiting;
    std::vector<std::string> failed;  ///< mechanisms
    std::vector<std::string> succeeded;
    std::vector<std::string> bound;  ///< "account resource"
    std::vector<ClientStream*> gone;
    std::map<const ClientStream*, Sink*> sinks;
    std::function<void(ClientStream&, const Jid&, Entry&)> on_enter;
    std::string client;                ///< whose are ...
    std::vector<sasl::Token> tokens;   ///< ... these
    std::vector<std::string> holders;  ///< whose certificate it is
    std::vector<LookUp> looked_up;
    std::vector<Arrival> arrived;
    std::function<Admission(const Arrival&)> admission_for;
    bool at_once = true;  ///< whoever arrives is admitted without waiting

    void answer_all() {
        for (const auto& work : std::exchange(waiting, {})) work();
    }

    const Domain* find_domain(std::string_view name) const override { return name == domain.name ? &domain : nullptr; }
    bool may_try(std::string_view) override { return tries_allowed; }
    void login_failed(std::string_view, std::string_view mechanism, std::string_view) override {
        failed.emplace_back(mechanism);
    }
    void login_succeeded(std::string_view, std::string_view mechanism) override { succeeded.emplace_back(mechanism); }
    void provide(std::shared_ptr<sasl::Server> exchange, LookUp wanted, std::function<void(Found)> answer) override {
        looked_up.push_back(wanted);
        later([this, exchange, wanted, answer] {
            const auto place = accounts.find(wanted.account.text());
            sasl::Account account;
            if (place != accounts.end()) account.credentials = place->second;
            if (wanted.client == client) account.tokens = tokens;
            for (const std::string& holder : holders) account.holders.push_back({.account = holder, .enrolled = true});
            Found found{.step = exchange->provide(account), .stored = account.credentials};
            const auto* const success = std::get_if<sasl::Success>(&found.step);
            if (success != nullptr && success->token) found.token = tokens[*success->token].secret;
            answer(std::move(found));
        });
    }
    void arrive(Arrival arrival, std::function<void(Admission)> answer) override {
        Admission admission = admission_for ? admission_for(arrival) : Admission{};
        arrived.push_back(std::move(arrival));
        if (at_once) return answer(std::move(admission));
        later([admission = std::move(admission), answer] { answer(admission); });
    }
    std::vector<std::string> registering;  ///< requests
    bool room_for_guests = true;
    bool admit_guest(std::string_view) override { return room_for_guests; }
    void register_account(ClientStream& stream, const Domain&, Iq request) override {
        registering.push_back(*request.wire());
        later([&stream, request = std::make_shared<Iq>(std::move(request))] {
            stream.answer_registration(stanza::result_of(*request), request->type() == IqType::set);
        });
    }
    void enter(ClientStream& stream, const Jid& account, Entry entry) override {
        bound.push_back(account.text() + " " + entry.resource);
        if (on_enter) return on_enter(stream, account, entry);
        const std::string_view result = entry.bind2.empty() ? std::string_view{} : empty_bound;
        later([this, &stream, result,
               full = *account.with_resource(entry.resource.empty() ? "made-here" : entry.resource)] {
            take(stream, full, *sinks.at(&stream), result);
        });
    }
    static void take(ClientStream& stream, const Jid& full, StanzaSink& sink, std::string_view result = {}) {
        stream.attach(sink);
        stream.bind_to(full, result);
        stream.unpause();
    }
    void let_go(ClientStream& stream) override { gone.push_back(&stream); }

private:
    void later(std::function<void()> work) {
        if (!answers) return waiting.push_back(std::move(work));
        shard_.post(std::move(work));
    }
    net::Shard& shard_;
};

/// One shard and everything that its streams share.
struct House {
    FakeClock clock;
    sasl::test::CountingRandom random;
    net::Shard shard{0, clock, random};
    std::unique_ptr<xml::ParserPool> parsers = std::make_unique<xml::ParserPool>();
    StreamLimits limits;
    Place place{shard, *parsers, &limits};
    Desk desk{shard};
};

/// A client that talks to a stream.
class Talk {
public:
    Talk(House& house, TlsMode mode, bool secured = false) : house_{house} {
        auto transport = std::make_unique<net::MemoryTransport>();
        wire_ = transport.get();
        wire_->set_tls_info({.version = "TLSv1.3", .tls_exporter = "exporter data"});
        if (secured) {
            wire_->start_tls();
            wire_->turn();
        }
        stream_ = std::make_unique<ClientStream>(house.place, house.desk, std::move(transport), mode);
        house.desk.sinks[stream_.get()] = &sink;
    }

    /// The client sends this; what the server has sent when everything has come to rest.
    std::string say(std::string_view bytes) {
        wire_->receive(bytes);
        return heard();
    }
    std::string heard() {
        for (int i = 0; i < 8; ++i) {
            house_.shard.poll();
            wire_->turn();
        }
        return wire_->take_sent();
    }
    std::string login(std::string_view password = "pencil") {
        return say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
                   base64_encode(std::string{"\0user\0", 6}.append(password)) + "</auth>");
    }

    [[nodiscard]] net::MemoryTransport& wire() { return *wire_; }
    [[nodiscard]] ClientStream& stream() { return *stream_; }
    Sink sink;

private:
    House& house_;
    std::unique_ptr<ClientStream> stream_;
    net::MemoryTransport* wire_;
};

inline constexpr std::string_view header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "to='example.org' version='1.0'>";
inline constexpr std::string_view bind_request =
    "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>";
inline constexpr std::string_view starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/// A stream that may log in without TLS, like a test's.
struct PlainHouse : House {
    PlainHouse() { desk.domain.plain_without_tls = true; }
};

/// `<stream:error>` with this condition, and the end after it.
MATCHER_P(EndsWithError, condition, "ends the stream with this condition") {
    return arg.contains("<stream:error><" + std::string{condition} +
                        " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>") &&
           arg.ends_with("</stream:error></stream:stream>");
}

}  // namespace aldis::stream::test
