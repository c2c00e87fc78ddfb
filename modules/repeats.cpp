#include "modules/repeats_rules.h"

#include <algorithm>

#include "mod/module.h"

namespace aldis::modules {
namespace {

using repeats::Sent;

/// Small while the account sends nothing: every session has an account.
struct Known {
    std::unique_ptr<Sent> sent = nullptr;  ///< null: nothing

    void add(const repeats::Fingerprint& fingerprint, Timestamp at) {
        if (!sent) sent = std::make_unique<Sent>();
        sent->add(fingerprint, at);
    }
};

/// What the archive has of the last hour, so that a message is recognised after this server has been killed, too.
Known load(db::Connection& connection, const std::string& owner, Timestamp now) {
    Known known;
    std::vector<db::SentMessage> sent = db::Archive::recent_sent(connection, owner, now - Sent::lasting, Sent::most);
    std::ranges::reverse(sent);
    for (const db::SentMessage& message : sent) known.add(repeats::fingerprint_of(message), message.id.time());
    return known;
}

/// Each message once: what a client sends again is neither stored nor delivered again. It is acknowledged when what
/// was sent before it is on disk, the first of its kind among it. Knows all messages of the last hour, up to a bound;
/// after a restart those that are in the sender's archive.
class Repeats final : public mod::Module {
public:
    explicit Repeats(mod::Context& context) : context_{context} {
        using enum mod::Direction;
        context.on_message(outward, mod::Phase::amend, *this, &Repeats::recognise);
        context.on_message(outward, mod::Phase::archive, *this, &Repeats::remember);
        context.on_message(inward, mod::Phase::amend, *this, &Repeats::learn_of_refusal);
        context.handlers().loaders.push_back(
            [&clock = context.clock()](db::Connection& connection, const std::string& owner) {
                return session::slot_of(load(connection, owner, clock.now()));
            });
        context.every(std::chrono::minutes{10}, *this, &Repeats::forget_old);
    }

private:
    mod::Step recognise(session::Transit& transit) {
        const auto& known = transit.account.slot<Known>();
        if (!known.sent) return mod::Flow::pass;
        const std::optional<repeats::Fingerprint> fingerprint = repeats::fingerprint_of(transit.message);
        if (!fingerprint || !known.sent->has(*fingerprint, context_.clock().now())) return mod::Flow::pass;
        context_.log().debug("sent again", kv("account", transit.account.jid()));
        return mod::Flow::taken;
    }

    /// Nothing that is refused on the sender's own side comes so far.
    mod::Step remember(session::Transit& transit) {
        if (transit.message.is_error()) return mod::Flow::pass;
        if (const std::optional<repeats::Fingerprint> fingerprint = repeats::fingerprint_of(transit.message))
            transit.account.slot<Known>().add(*fingerprint, context_.clock().now());
        return mod::Flow::pass;
    }

    /// What was refused, or could not be stored, may be sent again.
    mod::Step learn_of_refusal(session::Transit& transit) {
        if (!transit.message.is_error()) return mod::Flow::pass;
        const auto& known = transit.account.slot<Known>();
        if (known.sent) known.sent->forget(repeats::refused_id(transit.message));
        return mod::Flow::pass;
    }

    void forget_old() {
        const Timestamp now = context_.clock().now();
        context_.home().for_each_session(context_.host(), [now](session::Session& session) {
            auto& sent = session.account().slot<Known>().sent;
            if (!sent) return;
            sent->expire(now);
            if (sent->empty()) sent.reset();
        });
    }

    mod::Context& context_;
};

constexpr mod::Spec specs[] = {{"XEP-0359", "0.7.0"}};

}  // namespace

extern const mod::Info repeats_info;
const mod::Info repeats_info{.name = "repeats",
                             .summary = "Takes each message once, however often a client sends it.",
                             .implements = specs,
                             .make = mod::make<Repeats>};

}  // namespace aldis::modules
