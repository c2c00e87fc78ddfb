#include "xep/xep0352_csi.h"

#include "config/fields.h"
#include "mod/module.h"
#include "modules/csi_rules.h"
#include "xml/writer.h"

namespace aldis::modules {
namespace {

struct CsiConfig {
    bool hold_presence = true;
    bool hold_chat_states = true;
    bool hold_headlines = true;
    std::uint32_t most_stanzas = 256;
    config::ByteSize most_bytes = config::kib(64);
    static constexpr auto fields = config::fields(
        config::field<&CsiConfig::hold_presence>(
            "hold_presence", config::doc("Presence waits until somebody looks at the client, or more is to be sent.")),
        config::field<&CsiConfig::hold_chat_states>("hold_chat_states",
                                                    config::doc("The same of who is typing, and who stopped.")),
        config::field<&CsiConfig::hold_headlines>("hold_headlines",
                                                  config::doc("The same of headlines, and of events (PEP).")),
        config::field<&CsiConfig::most_stanzas>("most_stanzas", config::between(1, 10'000),
                                                config::doc("Stanzas that wait for one client; then all are sent.")),
        config::field<&CsiConfig::most_bytes>("most_bytes", config::between(config::kib(1), config::mib(1)),
                                              config::doc("The same, in bytes.")));
};

/// A session's slot: while the client is inactive, holds back what can wait.
class Door final : public session::Gate {
public:
    void close(session::Session& session, const CsiConfig& config, const Log& log) {
        config_ = &config;
        log_ = &log;
        session.set_gate(this);
    }
    /// What waited is on its way when this returns.
    void open(session::Session& session) {
        session.set_gate(nullptr);
        let_out(session);
    }

    bool keep(session::Session& session, stanza::Kind kind, const Bytes& wire) override {
        csi::Verdict verdict = csi::judge(kind, *wire, session.jid().text(),
                                          {.presence = config_->hold_presence,
                                           .chat_states = config_->hold_chat_states,
                                           .headlines = config_->hold_headlines});
        outdated_ += hold_.supersede(verdict.key) ? 1u : 0u;
        if (verdict.hold) hold_.add(kind, wire, std::move(verdict.key));
        const bool large = hold_.stanzas() > config_->most_stanzas || hold_.bytes() > config_->most_bytes;
        if (!verdict.hold || large) let_out(session);
        return verdict.hold;
    }

    /// "Interaction with Stream Resumption": resumed streams begin active like others.
    void resumed(session::Session& session) override { open(session); }

private:
    /// XEP-0286 "When transmitting, transmit as much as you can": all of it, in the order in which it came.
    void let_out(session::Session& session) {
        const std::vector<csi::Hold::Item> items = hold_.take();
        if (items.empty() && outdated_ == 0) return;
        log_->debug("what waited is sent", kv("jid", session.jid()), kv("stanzas", items.size()),
                    kv("outdated", std::exchange(outdated_, 0)));
        for (const csi::Hold::Item& item : items) session.pass(item.kind, item.wire);
    }

    const CsiConfig* config_ = nullptr;
    const Log* log_ = nullptr;
    csi::Hold hold_;
    std::uint64_t outdated_ = 0;  ///< were held, and will never be sent
};

/// XEP-0352: Client State Indication. Nobody else learns what a client says here ("Security Considerations").
class Csi final : public mod::Module {
public:
    explicit Csi(mod::Context& context) : context_{context}, config_{context.config<CsiConfig>()} {
        context.stream_feature(stream::authenticated, 0, xml::to_string(xml::build(xep::csi::Feature{}).root()));
        context.on_element<xep::csi::Active>(*this, &Csi::open);
        context.on_element<xep::csi::Inactive>(*this, &Csi::close);
        context.inline_feature(xep::csi::ns);
        context.on_inline<xep::csi::Active>(*this, &Csi::open);
        context.on_inline<xep::csi::Inactive>(*this, &Csi::close);
        context.keep_over_restart(*this, &Csi::save, &Csi::load);
    }

private:
    /// "In-order processing": what waited goes before the answer to the client's next request.
    void open(session::Session& session, xep::csi::Active /*said*/) {
        if (Door* const door = session.slots().find<Door>()) door->open(session);
    }
    void close(session::Session& session, xep::csi::Inactive /*said*/) {
        session.slot<Door>().close(session, config_, context_.log());
    }
    /// What waits goes where everything is that the client has not got; a resumed stream begins active.
    std::string save(session::Session& session) {
        open(session, {});
        return {};
    }
    void load(session::Session& /*session*/, std::string_view /*saved*/) {}

    mod::Context& context_;
    CsiConfig config_;
};

constexpr mod::Spec specs[] = {{"XEP-0352", "1.0.0"}, {"XEP-0286", "1.0.0"}};

}  // namespace

extern const mod::Info csi_info;
const mod::Info csi_info{.name = "csi",
                         .summary = "Lets phones sleep: what nobody looks at is sent later, and together.",
                         .implements = specs,
                         .config = &config::schema_of<CsiConfig>,
                         .make = mod::make<Csi>};

}  // namespace aldis::modules
