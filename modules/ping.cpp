#include "xep/xep0199_ping.h"

#include "config/fields.h"
#include "mod/module.h"

namespace aldis::modules {
namespace {

using std::chrono::seconds;

struct PingConfig {
    seconds idle{300};
    seconds patience{60};
    static constexpr auto fields =
        config::fields(config::field<&PingConfig::idle>(
                           "idle", config::at_least(seconds{10}),
                           config::doc("A client that has been silent for this long is asked whether it is there.")),
                       config::field<&PingConfig::patience>(
                           "patience", config::at_least(seconds{5}),
                           config::doc("How long it may take to answer before its connection is closed.")));
};

/// When a silent client was asked; it may have spoken since.
struct Asked {
    Instant at{};
};

/// XEP-0199: XMPP Ping. Answers, and asks clients that have been silent for long: a phone that lost its network says no
/// goodbye. One look over all sessions at a time, no timer for each.
class Ping final : public mod::Module {
public:
    explicit Ping(mod::Context& context) : context_{context}, config_{context.config<PingConfig>()} {
        context.on_iq(IqType::get, mod::For::server, *this, &Ping::answer);
        context.on_iq(IqType::get, mod::For::own_account, *this, &Ping::answer);
        context.every(std::clamp<std::chrono::milliseconds>(config_.idle / 10, seconds{1}, seconds{30}), *this,
                      &Ping::look_around);
    }

private:
    Result<mod::Empty> answer(const mod::Request&, xep::Ping) { return mod::Empty{}; }

    void look_around() {
        context_.home().for_each_session(context_.host(), [this](session::Session& session) { check(session); });
    }

    void check(session::Session& session) {
        const Instant now = context_.home().shard().now();
        if (!session.connected()) return;
        const Instant heard = session.stream()->last_heard();
        if (now - heard < config_.idle) return;
        auto& asked = session.slot<Asked>();
        if (asked.at <= heard) {
            asked.at = now;
            if (session.management() != nullptr) return session.request_ack();  // XEP-0198 asks as well, and is smaller
            Iq ping{{.from = context_.host().jid(), .to = session.jid(), .type = IqType::get, .id = "ping"}};
            ping.add(xep::Ping{});
            session.send(ping);
        } else if (now - asked.at > config_.patience) {
            context_.log().info("no answer", kv("jid", session.jid()));
            session.end(stream::StreamCondition::connection_timeout, "No answer to a ping.");
        }
    }

    mod::Context& context_;
    PingConfig config_;
};

constexpr mod::Spec specs[] = {{"XEP-0199", "2.0.1"}};

}  // namespace

extern const mod::Info ping_info;
const mod::Info ping_info{.name = "ping",
                          .summary = "Answers pings, and finds clients that have gone without a word.",
                          .implements = specs,
                          .config = &config::schema_of<PingConfig>,
                          .for_services = true,
                          .make = mod::make<Ping>};

}  // namespace aldis::modules
