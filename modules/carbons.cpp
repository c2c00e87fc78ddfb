#include "xep/xep0280_carbons.h"

#include "mod/module.h"
#include "modules/carbons_rules.h"
#include "xep/xep0359_stanza_ids.h"

namespace aldis::modules {
namespace {

using mod::Direction;
using mod::For;

/// What a session has asked for. Stays with it when it is resumed.
struct Wish {
    bool enabled = false;
};

/// XEP-0280: Message Carbons. Copies are made when the message is on disk, and kept nowhere: whoever was away finds the
/// message itself in the archive.
class Carbons final : public mod::Module {
public:
    explicit Carbons(mod::Context& context) : context_{context} {
        context.on_iq(IqType::set, For::own_account, *this, &Carbons::enable);
        context.on_iq(IqType::set, For::own_account, *this, &Carbons::disable);
        keep_out<xep::carbons::Enable>();
        keep_out<xep::carbons::Disable>();
        context.inline_feature(xep::carbons::ns);
        context.on_inline<xep::carbons::Enable>(*this, &Carbons::enable_while_binding);
        for (const For place : {For::server, For::own_account}) {
            context.feature(place, xep::carbons::ns);
            context.feature(place, xep::carbons::rules_feature);
        }
        context.on_message(mod::Phase::copy, *this, &Carbons::copy);
        context.keep_over_restart(*this, &Carbons::save, &Carbons::load);
    }

private:
    Result<mod::Empty> enable(const mod::Request& request, xep::carbons::Enable /*asked*/) {
        return set(request, true);
    }
    Result<mod::Empty> disable(const mod::Request& request, xep::carbons::Disable /*asked*/) {
        return set(request, false);
    }
    Result<mod::Empty> set(const mod::Request& request, bool enabled) {
        if (request.session == nullptr) return refuse(Condition::not_allowed, ErrorType::cancel);
        request.session->slot<Wish>().enabled = enabled;
        return mod::Empty{};
    }
    void enable_while_binding(session::Session& session, xep::carbons::Enable /*asked*/) {
        session.slot<Wish>().enabled = true;
    }

    std::string save(session::Session& session) {
        const Wish* const wish = session.slots().find<Wish>();
        return wish != nullptr && wish->enabled ? "enabled" : "";
    }
    void load(session::Session& session, std::string_view saved) {
        if (saved == "enabled") session.slot<Wish>().enabled = true;
    }

    /// "Recommended Error Conditions": of another's account nobody switches anything, nor learns whether there is one.
    template <class Payload>
    void keep_out() {
        context_.on_iq(IqType::set, For::account, *this, &Carbons::forbid<Payload>);
        context_.on_iq(IqType::set, For::nobody, *this, &Carbons::forbid<Payload>);
    }
    template <class Payload>
    Result<mod::Empty> forbid(const mod::Request& /*request*/, Payload /*asked*/) {
        return refuse(Condition::not_allowed, ErrorType::cancel);
    }

    mod::Step copy(session::Transit& transit);
    [[nodiscard]] bool is_eligible(session::Transit& transit);

    mod::Context& context_;
};

/// Has the session the message already, as its sender or as one of those to whom it is delivered?
bool has_it(const session::Session& session, const session::Transit& transit) {
    if (session.jid() == transit.message.from()) return true;
    return !transit.outward() && carbons::gets_original(transit.audience, session.jid() == transit.message.to(),
                                                        session.available(), session.priority());
}

/// "Receiving Messages", "Sending Messages".
/// @param original  as it is, for all copies
Message copy_of(const session::Transit& transit, const Bytes& original, const Jid& to) {
    Message copy{{.from = transit.account.jid(), .to = to, .type = transit.message.type()}};
    if (transit.outward()) {
        copy.add(xep::carbons::Sent{.forwarded = {.stanza = original}});
    } else {
        copy.add(xep::carbons::Received{.forwarded = {.stanza = original}});
    }
    return copy;
}

mod::Step Carbons::copy(session::Transit& transit) {
    if (transit.account.sessions().size() < 2) return mod::Flow::pass;
    // What one sends to oneself arrives, and is copied then.
    if (transit.to_self && transit.outward()) return mod::Flow::pass;
    if (!is_eligible(transit)) return mod::Flow::pass;
    // XEP-0313 "Communicating the archive ID": to the user's own devices, and only to these.
    if (transit.outward() && transit.archived)
        transit.message.annotate(xep::StanzaId{.id = transit.archived->text(), .by = transit.account.jid()});
    for (const auto& session : transit.account.sessions()) {
        const Wish* const wish = session->slots().find<Wish>();
        if (wish == nullptr || !wish->enabled || !session->reachable() || has_it(*session, transit)) continue;
        session->send(copy_of(transit, transit.bytes(), session->jid()), transit.delivery);
    }
    return mod::Flow::pass;
}

bool Carbons::is_eligible(session::Transit& transit) {
    auto& answers = transit.account.slot<carbons::Answers>();
    if (transit.message.is_error()) return answers.is_one(transit.message, transit.direction);
    const carbons::Verdict verdict = carbons::is_eligible(transit.message, transit.direction);
    if (verdict.yes) answers.remember(transit.message, transit.direction);
    context_.log().debug(verdict.yes ? "copied" : "not copied", kv("account", transit.account.jid()),
                         kv("why", verdict.why));
    return verdict.yes;
}

constexpr mod::Spec specs[] = {{"XEP-0280", "1.0.1"}};

}  // namespace

extern const mod::Info carbons_info;
const mod::Info carbons_info{.name = "carbons",
                             .summary = "Keeps all devices of a user in the same conversations.",
                             .implements = specs,
                             .make = mod::make<Carbons>};

}  // namespace aldis::modules
